"""Scans of the code that an export holds, by scanners that are kept by others and run as programs of their own.

The code is never executed and never imported. It is unpacked into a temporary folder under names of our own, so that
no file of it can pass for a setting or a module of a scanner. Scanners see no network need, and get bounds on time,
memory and output.
"""

from auditkit.scanning.running import CodeLimits
from auditkit.scanning.scan import scan_code

__all__ = ["CodeLimits", "scan_code"]
