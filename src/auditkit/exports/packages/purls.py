"""Package URLs, from how each ecosystem names its packages."""

from functools import lru_cache

from packageurl import PackageURL

__all__ = ["canonical_purl", "purl_of"]

_LONGEST = 512
_PARTED = {"npm": "/", "golang": "/", "composer": "/", "maven": ":"}  # what parts namespace and name


@lru_cache(maxsize=1 << 16)
def purl_of(ecosystem: str, name: str, version: str = "") -> str:
    """Return the package URL of a package.

    Parameters
    ----------
    ecosystem
        Type of the URL: ``"npm"``, ``"pypi"``, ``"maven"``, ``"golang"``, ``"gem"``, ``"nuget"`` ...
    name
        As the ecosystem has it: ``"@scope/name"``, ``"group:artifact"``, ``"github.com/owner/name"``.
    version
        ``""`` where it is not known.

    Returns
    -------
    str
        ``""`` where it cannot be one.
    """
    name, version = name.strip(), version.strip()
    if not name or len(name) + len(version) > _LONGEST or not (name + version).isprintable():
        return ""
    namespace, _, last = name.rpartition(_PARTED[ecosystem]) if ecosystem in _PARTED else ("", "", name)
    try:
        return PackageURL(ecosystem, namespace or None, last, version or None).to_string()
    except ValueError:
        return ""


def canonical_purl(text: object) -> str:
    """Return a package URL in its canonical form, ``""`` for what is none.

    Qualifiers are dropped: they may hold addresses, with what opens them.
    """
    if not isinstance(text, str) or len(text) > 2 * _LONGEST or not text.isprintable():
        return ""
    try:
        found = PackageURL.from_string(text)
        return PackageURL(found.type, found.namespace, found.name, found.version).to_string()
    except ValueError:
        return ""
