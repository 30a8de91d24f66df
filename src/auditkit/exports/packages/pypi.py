"""Packages of PyPI: installed distributions, requirements, and the lock files of Pipenv, Poetry and uv."""

import re
from collections.abc import Iterator

from auditkit.exports._json import parse_json
from auditkit.exports.packages._found import Declared
from auditkit.inventory.evidence.packages import Found

__all__ = ["metadata", "pipfile_lock", "requirements", "toml_lock"]

_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,200}[A-Za-z0-9])?"
_REQUIREMENT = re.compile(rf"^(?P<name>{_NAME})\s*(?:\[[^\]]*\])?\s*(?P<wanted>[^;#@\\]*)")
_PINNED = re.compile(r"===?\s*(?P<version>[^\s,*]+)\s*$")
_HEADER = re.compile(r"^(?P<key>Name|Version):\s*(?P<value>\S+)\s*$", re.IGNORECASE)
_TOML = re.compile(r"""^(?P<key>name|version)\s*=\s*["'](?P<value>[^"']+)["']\s*$""")


def metadata(_: str, data: bytes) -> Iterator[Declared]:
    """Read the ``METADATA`` or ``PKG-INFO`` of an installed distribution."""
    said: dict[str, str] = {}
    for line in data.decode("utf-8", "replace").splitlines():
        if not line.strip():
            break
        if found := _HEADER.match(line):
            said.setdefault(found["key"].lower(), found["value"])
    if "name" in said:
        yield Declared("pypi", said["name"], said.get("version", ""), Found.INSTALLED)


def requirements(_: str, data: bytes) -> Iterator[Declared]:
    """Read a ``requirements.txt``; options, paths and addresses in it are left out."""
    for line in data.decode("utf-8", "replace").splitlines():
        found = _REQUIREMENT.match(line.strip())
        if found is None or "://" in line.partition("#")[0] or line.lstrip().startswith("."):
            continue
        wanted = found["wanted"].partition("--")[0].strip()
        if wanted and wanted[0] not in "=<>!~(":
            continue
        pinned = _PINNED.fullmatch(wanted)
        yield Declared("pypi", found["name"], pinned["version"] if pinned else "", Found.DECLARED, wanted)


def pipfile_lock(_: str, data: bytes) -> Iterator[Declared]:
    """Read a ``Pipfile.lock``, without what is for development."""
    lock = parse_json(data)
    group = lock.get("default") if isinstance(lock, dict) else None
    for name, item in (group if isinstance(group, dict) else {}).items():
        version = item.get("version") if isinstance(item, dict) else None
        if isinstance(version, str):
            yield Declared("pypi", name, version.lstrip("="), Found.LOCKED)


def toml_lock(_: str, data: bytes) -> Iterator[Declared]:
    """Read a ``poetry.lock`` or ``uv.lock``: name and version of each ``[[package]]``."""
    said: dict[str, str] | None = None
    for line in [*data.decode("utf-8", "replace").splitlines(), "["]:
        if line.startswith("["):
            if said is not None and {"name", "version"} <= said.keys():
                yield Declared("pypi", said["name"], said["version"], Found.LOCKED)
            said = {} if line.strip() == "[[package]]" else None
        elif said is not None and (found := _TOML.match(line)):
            said.setdefault(found["key"], found["value"])
