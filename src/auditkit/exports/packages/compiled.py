"""Packages of languages that are compiled: Maven, Go and .NET; and of Ruby."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from auditkit.exports._json import parse_json
from auditkit.exports.packages._found import Declared
from auditkit.inventory.evidence.packages import Found

__all__ = ["deps_json", "gemfile_lock", "gemspec", "go_binary", "go_mod", "nuget_lock", "pom_properties"]

_PROPERTY = re.compile(r"^\s*(?P<key>groupId|artifactId|version)\s*[=:]\s*(?P<value>\S+)\s*$")
_GO_REQUIRE = re.compile(r"^\s*(?:require\s+)?(?P<name>[A-Za-z0-9.~_/-]+\.[A-Za-z0-9.~_/-]+)\s+(?P<version>v\d\S*)")
_GO_START = bytes.fromhex("3077af0c9274080241e1c107e6d618e6")  # around what the Go linker notes of modules
_GO_END = bytes.fromhex("f932433186182072008242104116d8f2")
_GO_NOTES = 4 << 20
_GEM = re.compile(r"^ {4}(?P<name>[A-Za-z0-9._-]+) \((?P<version>\d[0-9A-Za-z.]*)(?:-[^)]*)?\)$")
_GEMSPEC = re.compile(r"(?P<name>.+?)-(?P<version>\d[0-9A-Za-z.]*)(?:-[a-z0-9_.-]+)?\.gemspec")


def pom_properties(_: str, data: bytes) -> Iterator[Declared]:
    """Read the ``pom.properties`` that Maven puts into a jar."""
    said: dict[str, str] = {}
    for line in data.decode("utf-8", "replace").splitlines():
        if found := _PROPERTY.match(line):
            said.setdefault(found["key"], found["value"])
    if {"groupId", "artifactId"} <= said.keys():
        name = f"{said['groupId']}:{said['artifactId']}"
        yield Declared("maven", name, said.get("version", ""), Found.INSTALLED)


def go_mod(_: str, data: bytes) -> Iterator[Declared]:
    """Read a ``go.mod``: since Go 1.17 it names every module with the version that is built in."""
    inside = False
    for line in data.decode("utf-8", "replace").splitlines():
        text = line.partition("//")[0]
        if re.match(r"\s*require\s*\(", text):
            inside = True
        elif text.strip() == ")":
            inside = False
        elif (inside or text.lstrip().startswith("require ")) and (found := _GO_REQUIRE.match(text)):
            yield Declared("golang", found["name"], found["version"], Found.LOCKED)


def go_binary(_: str, data: bytes) -> Iterator[Declared]:
    """Read what the Go linker notes in a program of the modules that it was built from; nothing of other programs."""
    start = data.find(_GO_START)
    end = data.find(_GO_END, start, start + _GO_NOTES) if start >= 0 else -1
    if end < 0:
        return
    last: Declared | None = None
    for line in data[start + len(_GO_START) : end].decode("utf-8", "replace").splitlines():
        kind, *fields = line.split("\t")
        if kind == "=>" and len(fields) > 1:
            last = Declared("golang", fields[0], fields[1], Found.INSTALLED)
        elif kind in {"dep", "mod"}:
            if last is not None:
                yield last
            last = (
                Declared("golang", fields[0], fields[1], Found.INSTALLED) if kind == "dep" and len(fields) > 1 else None
            )
    if last is not None:
        yield last


def gemfile_lock(_: str, data: bytes) -> Iterator[Declared]:
    """Read a ``Gemfile.lock``."""
    inside = False
    for line in data.decode("utf-8", "replace").splitlines():
        if line[:1].isalpha():
            inside = line.strip() == "GEM"
        elif inside and (found := _GEM.match(line)):
            yield Declared("gem", found["name"], found["version"], Found.LOCKED)


def gemspec(path: str, _: bytes) -> Iterator[Declared]:
    """Read the name of the specification of an installed gem; its content is code."""
    if found := _GEMSPEC.fullmatch(PurePosixPath(path).name):
        yield Declared("gem", found["name"], found["version"], Found.INSTALLED)


def deps_json(_: str, data: bytes) -> Iterator[Declared]:
    """Read the ``*.deps.json`` that .NET deploys beside a program."""
    for key, item in _object(_object(parse_json(data)).get("libraries")).items():
        name, slash, version = key.partition("/")
        if slash and _object(item).get("type") == "package":
            yield Declared("nuget", name, version, Found.INSTALLED)


def nuget_lock(_: str, data: bytes) -> Iterator[Declared]:
    """Read a ``packages.lock.json`` of .NET."""
    for group in _object(_object(parse_json(data)).get("dependencies")).values():
        for name, item in _object(group).items():
            version = _object(item).get("resolved")
            if isinstance(version, str):
                yield Declared("nuget", name, version, Found.LOCKED)


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
