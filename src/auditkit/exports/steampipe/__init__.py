"""Tables as Steampipe's AWS plugin gives them: CSV, or JSON with or without an envelope."""

from auditkit.exports.steampipe._reader import read_table, table_of

__all__ = ["read_table", "table_of"]
