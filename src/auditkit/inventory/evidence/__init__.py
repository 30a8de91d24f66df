"""What side inputs say of use and of weaknesses: evidence, which never adds a permission.

Unlike the records of :mod:`auditkit.inventory.records` these are put together by their readers from logs, traces,
metrics, scans and code packages, so that their fields are ours and not those of an API. Times are ISO 8601 text in UTC.
"""

from auditkit.inventory.evidence.last_access import ActionAccess, LastAccess, ServiceAccess

__all__ = ["ActionAccess", "LastAccess", "ServiceAccess"]
