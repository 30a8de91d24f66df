"""Names of packages, so that those that mean the same compare equal, whoever wrote them."""

import re
from functools import lru_cache
from typing import NamedTuple

from packageurl import PackageURL

__all__ = ["PackageName", "ecosystem_type", "name_in", "name_of_purl", "names_of_text"]

_TYPES = {
    "crates.io": "cargo",
    "go": "golang",
    "hex": "hex",
    "maven": "maven",
    "npm": "npm",
    "nuget": "nuget",
    "packagist": "composer",
    "pub": "pub",
    "pypi": "pypi",
    "rubygems": "gem",
}
"""Ecosystems of OSV, in lower case, and the type of their package URLs. Those of operating systems are not among them:
a package URL without its qualifiers does not tell the release that an advisory is about."""

_RUNS = re.compile(r"[-_.]+")


class PackageName(NamedTuple):
    """Name of a package in one packaging ecosystem, in a form that compares equal for all its spellings.

    Attributes
    ----------
    type
        Type of its package URL: ``"pypi"``, ``"npm"``, ``"maven"`` ...
    name
        Lower case; namespace and name are parted by ``/`` (of Maven too).
    """

    type: str
    name: str


def ecosystem_type(ecosystem: str) -> str:
    """Return the type of package URLs of an ecosystem of OSV (``"PyPI"``); ``""`` for one that is not matched."""
    return _TYPES.get(ecosystem.partition(":")[0].strip().lower(), "")


def name_in(purl_type: str, name: str) -> PackageName:
    """Return the name of a package as its ecosystem writes it.

    PyPI takes runs of ``-``, ``_`` and ``.`` for the same (PEP 503). Case is ignored everywhere, also where an
    ecosystem tells by it: what is missed would be taken for safe.
    """
    plain = name.strip().lower()
    if purl_type == "pypi":
        plain = _RUNS.sub("-", plain)
    elif purl_type == "maven":
        plain = plain.replace(":", "/")
    return PackageName(purl_type, plain)


@lru_cache(maxsize=1 << 16)
def name_of_purl(purl: str) -> PackageName | None:
    """Return the name of the package that a package URL names, ``None`` for what is none."""
    try:
        found = PackageURL.from_string(purl)
    except ValueError:
        return None
    return name_in(found.type, f"{found.namespace}/{found.name}" if found.namespace else found.name)


def names_of_text(text: str) -> tuple[tuple[PackageName, ...], str]:
    """Return what a person means by a package: its name, in every ecosystem that may have it, and the version.

    Parameters
    ----------
    text
        A package URL, or a name as any ecosystem writes it: ``"requests"``, ``"requests@2.31.0"``,
        ``"@scope/name@1.0"``, ``"org.example:thing"``.

    Returns
    -------
    names
        Of a package URL one; none for an empty name.
    version
        ``""`` where none is given.
    """
    text = text.strip()
    if text.startswith("pkg:"):
        name = name_of_purl(text)
        version = text.partition("#")[0].partition("?")[0].rpartition("/")[2].partition("@")[2]
        return ((name,) if name is not None else ()), version
    name_part, at, version = text[1:].partition("@") if text.startswith("@") else text.partition("@")
    plain = ("@" if text.startswith("@") else "") + name_part
    if not plain.strip("@ "):
        return (), ""
    return tuple(name_in(kind, plain) for kind in sorted(set(_TYPES.values()) | {"generic"})), version if at else ""
