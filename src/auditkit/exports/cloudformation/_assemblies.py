"""What the AWS CDK writes beside its templates (``cdk.out``): which stack each is of, and where that is deployed."""

import re
from collections.abc import Callable
from pathlib import PurePosixPath
from typing import Any

import msgspec

from auditkit.exports._json import JsonError, parse_json, sketch

__all__ = ["Assembled", "Assemblies"]

_MANIFEST = "manifest.json"
_ENVIRONMENT = re.compile(r"aws://(?P<account>\d{12}|unknown-account)/(?P<region>[a-z0-9-]+)")
_OWN = re.compile(r"tree\.json|cdk\.out|cdk-metadata\.json|[^/]*\.assets\.json|[^/]*\.metadata\.json")
_ASSET = re.compile(r"asset\.[^/]+(?:/.*)?", re.DOTALL)


class Assembled(msgspec.Struct, frozen=True):
    """The stack of a template: its name, account and region; ``""`` where the CDK did not know them either."""

    name: str = ""
    account: str = ""
    region: str = ""


class _Assembly(msgspec.Struct):
    folder: str
    stacks: dict[str, Assembled]
    noted: bool = False


class Assemblies:
    """The cloud assemblies of all exports.

    Parameters
    ----------
    note
        Takes the name of a file of which nothing is read, and why.
    """

    def __init__(self, note: Callable[[str, str], None]) -> None:
        self._note = note
        self._known: list[tuple[str, _Assembly]] = []

    def take(self, export: str, path: str, data: bytes) -> bool:
        """Take a file if it is the manifest of an assembly, and return whether it is."""
        assembly = _assembly_in(path, data)
        if assembly is not None:
            self._known.append((export, assembly))
        return assembly is not None

    def of(self, export: str, path: str) -> Assembled:
        """Return what the CDK says of a template."""
        found = (
            assembly.stacks[path] for label, assembly in self._known if label == export and path in assembly.stacks
        )
        return next(found, Assembled())

    def owns(self, export: str, path: str, name: str) -> bool:
        """Return whether a file is of an assembly and says nothing of an account; of assets one note is made."""
        for label, assembly in self._known:
            inner = path[len(assembly.folder) :] if label == export and path.startswith(assembly.folder) else ""
            if _ASSET.fullmatch(inner):
                if not assembly.noted:
                    self._note(name, "assets of the CDK, this one and others, are not read: they are code")
                assembly.noted = True
                return True
            if _OWN.fullmatch(inner):
                return True
        return False


def _assembly_in(path: str, data: bytes) -> _Assembly | None:
    if PurePosixPath(path).name != _MANIFEST or b"artifacts" not in data:
        return None
    try:
        if "artifacts" not in sketch(data):
            return None
        artifacts = parse_json(data)["artifacts"]
    except (JsonError, KeyError, TypeError):
        return None
    folder = path.removesuffix(_MANIFEST)
    found: dict[str, Assembled] = {}
    for name, artifact in artifacts.items() if isinstance(artifacts, dict) else ():
        if not isinstance(artifact, dict) or artifact.get("type") != "aws:cloudformation:stack":
            continue
        properties = artifact.get("properties")
        if isinstance(properties, dict) and isinstance(file := properties.get("templateFile"), str):
            found[folder + file] = _assembled(str(name), artifact, properties.get("stackName"))
    return _Assembly(folder, found)


def _assembled(name: str, artifact: dict[str, Any], called: object) -> Assembled:
    match = _ENVIRONMENT.fullmatch(text) if isinstance(text := artifact.get("environment"), str) else None
    account, region = (match["account"], match["region"]) if match else ("", "")
    return Assembled(
        called if isinstance(called, str) and called else name,
        account if account.isdigit() else "",
        "" if region.startswith("unknown") else region,
    )
