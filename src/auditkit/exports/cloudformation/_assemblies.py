"""What the AWS CDK writes beside its templates (``cdk.out``): which stack each is of, and where that is deployed."""

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

import msgspec

from auditkit.exports._json import JsonError, parse_json, sketch
from auditkit.exports.cloudformation._identity import spelled

__all__ = ["Assembled", "Assemblies"]

_MANIFEST = "manifest.json"
_ENVIRONMENT = re.compile(r"aws://(?P<account>\d{12}|unknown-account)/(?P<region>[a-z0-9-]+)")
_OWN = re.compile(r"tree\.json|cdk\.out|cdk-metadata\.json|[^/]*\.assets\.json|[^/]*\.metadata\.json")
_LISTED = ".assets.json"
_CODE = {"AWS::Lambda::Function": ("Code", "S3Key"), "AWS::Lambda::LayerVersion": ("Content", "S3Key")}
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
        self._keys: dict[tuple[str, str, str], str] = {}

    def take(self, export: str, path: str, data: bytes) -> bool:
        """Take a file if it is the manifest of an assembly, and return whether it is; lists of assets are looked at."""
        if path.endswith(_LISTED):
            listed = _assets_in(data)
            folder = path.rpartition("/")[0]
            self._keys |= {(export, folder, key): file for key, file in listed.items()}
            return False
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

    def code_of(self, export: str, path: str, template: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Yield path and logical id of each asset that is the code of a function or a layer of a template."""
        folder = path.rpartition("/")[0]
        for logical, resource in template["Resources"].items():
            place = _CODE.get(spelled(resource.get("Type"))) if isinstance(resource, dict) else None
            if place is None:
                continue
            metadata, properties = resource.get("Metadata"), resource.get("Properties")
            told = metadata.get("aws:asset:path") if isinstance(metadata, dict) else None
            code = properties.get(place[0]) if isinstance(properties, dict) else None
            key = code.get(place[1]) if isinstance(code, dict) else None
            key = key.get("Fn::Sub") if isinstance(key, dict) else key
            file = told if isinstance(told, str) else self._keys.get((export, folder, str(key)), "")
            if file:
                yield posixpath.normpath(f"{folder}/{file}").removeprefix("/"), logical

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


def _assets_in(data: bytes) -> dict[str, str]:
    """Return the files of a manifest of assets by the keys of the objects that they become."""
    try:
        files = parse_json(data)["files"]
    except (JsonError, KeyError, TypeError):
        return {}
    found: dict[str, str] = {}
    for asset in files.values() if isinstance(files, dict) else ():
        source = asset.get("source") if isinstance(asset, dict) else None
        path = source.get("path") if isinstance(source, dict) else None
        destinations = asset.get("destinations") if isinstance(asset, dict) else None
        for one in destinations.values() if isinstance(destinations, dict) else ():
            if isinstance(path, str) and isinstance(one, dict) and isinstance(one.get("objectKey"), str):
                found[one["objectKey"]] = path
    return found


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
