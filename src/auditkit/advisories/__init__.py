"""Published advisories about packages, from an offline OSV database: which versions have a known vulnerability."""

from auditkit.advisories.database import Advisories, read_advisories
from auditkit.advisories.matching import Hit
from auditkit.advisories.names import PackageName, name_of_purl, names_of_text
from auditkit.advisories.versions import same_version

__all__ = ["Advisories", "Hit", "PackageName", "name_of_purl", "names_of_text", "read_advisories", "same_version"]
