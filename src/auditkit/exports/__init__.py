"""Reading exports: one reader per format, each of which knows nothing of graphs."""

from auditkit.exports._read import Progress, read
from auditkit.exports.archive import Limits

__all__ = ["Limits", "Progress", "read"]
