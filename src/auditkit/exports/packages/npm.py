"""Packages of npm: installed modules, and the lock files of npm, Yarn and pnpm."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from auditkit.exports._json import parse_json
from auditkit.exports.packages._found import Declared
from auditkit.inventory.evidence.packages import Found

__all__ = ["npm_lock", "package_json", "pnpm_lock", "yarn_lock"]

_MODULES = "node_modules"
_DEPTH = 32
_YARN_NAME = re.compile(r'^"?(?P<name>(?:@[^@/"\s]+/)?[^@/"\s]+)@')
_YARN_VERSION = re.compile(r'^ {2}"?version"?:? "?(?P<version>[^"\s]+)"?\s*$')
_PNPM = re.compile(
    r"^ {2}['\"]?/?(?P<name>(?:@[^@/'\"\s]+/)?[^@/'\"\s]+)[@/](?P<version>\d[^('\":\s_]*)[^:\s]*:\s*(?:\{\})?$"
)


def package_json(path: str, data: bytes) -> Iterator[Declared]:
    """Read a ``package.json``: of an installed module, or of the code itself."""
    manifest = _object(parse_json(data))
    parts = PurePosixPath(path).parts[:-1]
    module = len(parts) > 1 and (parts[-2] == _MODULES or (parts[-2][:1] == "@" and parts[-3:-2] == (_MODULES,)))
    if module:
        name, version = manifest.get("name"), manifest.get("version")
        if isinstance(name, str) and isinstance(version, str):
            yield Declared("npm", name, version, Found.INSTALLED)
    elif _MODULES not in parts:
        for group in ("dependencies", "optionalDependencies"):
            for name, wanted in _object(manifest.get(group)).items():
                yield Declared("npm", name, "", Found.DECLARED, wanted if isinstance(wanted, str) else "")


def npm_lock(_: str, data: bytes) -> Iterator[Declared]:
    """Read a ``package-lock.json`` or ``npm-shrinkwrap.json``, of any version."""
    lock = _object(parse_json(data))
    packages = lock.get("packages")
    if isinstance(packages, dict):
        for place, item in packages.items():
            name = _object(item).get("name") or place.rpartition(f"{_MODULES}/")[2]
            if f"{_MODULES}/" in place:
                yield from _locked(name, _object(item))
        return
    level = [_object(lock.get("dependencies"))]
    for _depth in range(_DEPTH):
        below = []
        for group in level:
            for name, item in group.items():
                yield from _locked(name, _object(item))
                below.append(_object(_object(item).get("dependencies")))
        level = [group for group in below if group]


def _locked(name: object, item: dict[str, Any]) -> Iterator[Declared]:
    version = item.get("version")
    if isinstance(name, str) and isinstance(version, str) and item.get("dev") is not True and not item.get("link"):
        yield Declared("npm", name, version, Found.LOCKED)


def yarn_lock(_: str, data: bytes) -> Iterator[Declared]:
    """Read a ``yarn.lock``, classic or berry."""
    name = ""
    for line in data.decode("utf-8", "replace").splitlines():
        if line[:1] not in {" ", "#", ""}:
            found = _YARN_NAME.match(line)
            name = found["name"] if found else ""
        elif name and (version := _YARN_VERSION.match(line)):
            if version["version"] != "0.0.0-use.local":
                yield Declared("npm", name, version["version"], Found.LOCKED)
            name = ""


def pnpm_lock(_: str, data: bytes) -> Iterator[Declared]:
    """Read a ``pnpm-lock.yaml``: the keys of its section ``packages``."""
    inside = False
    for line in data.decode("utf-8", "replace").splitlines():
        if line[:1] not in {" ", "#", ""}:
            inside = line.startswith("packages:")
        elif inside and (found := _PNPM.match(line)):
            yield Declared("npm", found["name"], found["version"], Found.LOCKED)


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
