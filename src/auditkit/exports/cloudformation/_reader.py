"""Reads the templates of an export: all of them make one estate of stacks."""

import re
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import PurePosixPath
from typing import Any

import msgspec

from auditkit.exports._answers import Answers
from auditkit.exports._coverage import CoverageBook
from auditkit.exports._json import JsonError, as_utf8, sketch
from auditkit.exports._reading import Reading
from auditkit.exports.cloudformation._assemblies import Assemblies
from auditkit.exports.cloudformation._deployed import Deployed, deployed_in, deployed_of, tagged
from auditkit.exports.cloudformation._estate import Estate
from auditkit.exports.cloudformation._identity import spelled
from auditkit.exports.cloudformation._includes import Included, Includer
from auditkit.exports.cloudformation._loading import Document, TemplateError, load
from auditkit.exports.cloudformation._macros import macros_of
from auditkit.exports.cloudformation._resource import Resource
from auditkit.exports.cloudformation._sam import is_serverless, plain_template
from auditkit.exports.cloudformation._sam_sources import Origins
from auditkit.exports.cloudformation._simplifying import simplified
from auditkit.exports.cloudformation._stacks import Stack
from auditkit.exports.cloudformation._telling import Telling
from auditkit.exports.cloudformation._values import escaped
from auditkit.exports.cloudformation.resources import tell
from auditkit.inventory import Source
from auditkit.inventory.arn import UNKNOWN_ACCOUNT, UNKNOWN_REGION, parse_arn
from auditkit.inventory.records.tables import Table

__all__ = ["Templates", "template_in"]

_DETAIL = "a template shows what one stack declares, not what else there is"
_NESTED = "AWS::CloudFormation::Stack"
_DEEPEST = 8
"""Deepest nesting of stacks; CloudFormation itself allows more, of which none is met."""
_MOST = 500
"""Most nested stacks of an export."""
_COMMON = re.compile(
    r"(?:packaged-?|processed-?|sam-?|cfn-?|aws-?)*(?:template|cloudformation|serverless|stack|main|index|infra)"
    r"(?:-update-stack|-create-stack)?",
    re.IGNORECASE,
)
_ENDING = re.compile(r"\.(?:json|ya?ml|template|txt|packaged)$", re.IGNORECASE)
_SECTION = re.compile(rb"""(?m)(?:^|[{,\s"'])Resources["']?\s*:""")
_INCLUDED = (".json", ".yaml", ".yml", ".asl")
_LARGEST = 4 << 20
"""Largest file, in bytes, that a template may include: a definition is never that large."""
_UNFIT = re.compile(r"[^A-Za-z0-9-]+")


class _Template(msgspec.Struct):
    """A template of the export.

    Attributes
    ----------
    name, path
        As sources name the file, and its path in its export.
    export
        Label of its export.
    document
        Content of the file.
    content, base
        The template, and where it stands in the file: the answer of ``GetTemplate`` holds one.
    account, region
        By the path; ``""`` where it does not say.
    nested
        Whether another template has it as a nested stack.
    """

    name: str
    path: str
    export: str
    document: Document
    content: dict[str, Any]
    base: str
    account: str
    region: str
    nested: bool = False


class _Left(msgspec.Struct):
    """A file that is no template.

    Attributes
    ----------
    name
        As sources name it.
    data
        Its content, if a template may include it.
    reason
        Why it is not read.
    used
        Whether a template includes it.
    """

    name: str
    data: bytes
    reason: str
    used: bool = False


def _looks_like_one(data: bytes) -> bool:
    """Return whether a file may be a template, without reading more of it than needed."""
    try:
        text = as_utf8(data)
    except JsonError:
        return False
    if b"TemplateBody" not in text and _SECTION.search(text) is None:
        return False
    if not text.lstrip().startswith(b"{"):
        return True
    try:
        return bool(sketch(text).keys() & {"Resources", "TemplateBody"})
    except JsonError:
        return b"::" in text


def template_in(document: Document) -> tuple[dict[str, Any], str] | None:
    """Return the template in a file and where it stands, ``None`` for what holds none."""
    content, base = document.content, ""
    if isinstance(content, dict) and "TemplateBody" in content and "Resources" not in content:
        content, base = content["TemplateBody"], "/TemplateBody"
        if isinstance(content, str):
            try:
                content = load(content.encode("utf-8", "surrogatepass")).content
            except TemplateError:
                return None
    if not isinstance(content, dict) or not isinstance(content.get("Resources"), dict):
        return None
    resources = content["Resources"].values()
    typed = any(isinstance(one, dict) and "::" in spelled(one.get("Type")) for one in resources)
    return (content, base) if typed or content.keys() & {"AWSTemplateFormatVersion", "Transform"} else None


class Templates:
    """Takes the templates of all exports, and tells them when everything else was read.

    Parameters
    ----------
    reading, book
        Take what the templates say.
    """

    def __init__(self, reading: Reading, book: CoverageBook) -> None:
        self._reading = reading
        self._book = book
        self._templates: list[_Template] = []
        self._left: dict[tuple[str, str], _Left] = {}
        self._deployed: list[Deployed] = []
        self._assemblies = Assemblies(lambda name, reason: reading.not_read(Source(name), reason))
        self._nested = 0
        self._plain: dict[tuple[str, str], dict[str, Any]] = {}

    def take(self, name: str, path: str, export: str, data: bytes, place: tuple[str, str]) -> bool:
        """Take a file if it is a template, and return whether it is.

        Parameters
        ----------
        name, path, export
            As sources name it, its path in its export, and the label of that.
        data
            Its content.
        place
            Account and region as the path says them.

        Raises
        ------
        TemplateError
            It looks like a template, and cannot be read.
        """
        listed = deployed_in(data)
        if listed is not None:
            self._deployed.append(listed)
            return True
        if self._assemblies.take(export, path, data):
            return True
        if not _looks_like_one(data):
            return False
        document = load(data)
        found = template_in(document)
        if found is None:
            return False
        content, base = found
        for pointer, reason in document.notes:
            self._reading.not_read(Source(name, pointer), reason)
        self._templates.append(_Template(name, path, export, document, content, base, *place))
        return True

    def leave(self, name: str, path: str, export: str, data: bytes, reason: str) -> None:
        """Take a file that is no template: it is noted as not read, unless a template includes it."""
        included = path.lower().endswith(_INCLUDED) and len(data) <= _LARGEST
        self._left[export, path] = _Left(name, data if included else b"", reason)

    def code_assets(self) -> dict[tuple[str, str], tuple[tuple[str, str], ...]]:
        """Return export and path of the CDK's assets that are code, with file and logical id of whose it is."""
        found: dict[tuple[str, str], list[tuple[str, str]]] = {}
        for template in self._templates:
            for path, logical in self._assemblies.code_of(template.export, template.path, template.content):
                found.setdefault((template.export, path), []).append((template.name, logical))
        return {key: tuple(sorted(owners)) for key, owners in found.items()}

    def finish(self, places: Iterable[tuple[str, str]]) -> None:
        """Tell all templates.

        Parameters
        ----------
        places
            Accounts and regions that other formats show: where there is one, the stacks are in it.
        """
        if self._templates:
            self._templates.sort(key=lambda one: (one.export, one.path))
            estate = Estate(self._reading.not_read)
            estate.streams = {table.id: table.latest_stream_arn or "" for table in self._reading.find(Table)}
            estate.streams = {table: stream for table, stream in estate.streams.items() if stream}
            self._deployed += tagged(self._reading.records())
            self._build(estate, _default_place(places))
            own, foreign = (
                Answers(self._reading, self._book, _DETAIL, locate=estate.located, foreign=foreign)
                for foreign in (False, True)
            )
            tell(Telling(estate, own, foreign))
        for (export, path), left in self._left.items():
            if not left.used and not self._assemblies.owns(export, path, left.name):
                self._reading.not_read(Source(left.name), left.reason)

    # ------------------------------------------------------------ stacks

    def _build(self, estate: Estate, place: tuple[str, str]) -> None:
        by_path = {(one.export, one.path): one for one in self._templates}
        for template in self._templates:
            for child in _children(template, by_path):
                child.nested = child is not template
        names: set[str] = set()
        for template in sorted(self._templates, key=lambda one: one.nested):
            if template.nested and any(stack.file == template.name for stack in estate.stacks):
                continue  # templates that nest only each other have no other stack
            told = self._assemblies.of(template.export, template.path)
            name = _unique(told.name or _stack_name(template), names)
            where = (template.account or told.account or place[0], template.region or told.region or place[1])
            self._stack(estate, template, name, where, by_path)

    def _stack(
        self,
        estate: Estate,
        template: _Template,
        name: str,
        place: tuple[str, str],
        by_path: Mapping[tuple[str, str], _Template],
        *,
        given: dict[str, Any] | None = None,
        depth: int = 0,
    ) -> Stack:
        deployed = deployed_of(name, set(template.content["Resources"]), self._deployed)
        if deployed is not None:
            name = deployed.name or name
            place = (deployed.account or place[0], place[1] if deployed.region in {"", "global"} else deployed.region)
        includer = Includer(lambda uri: self._local(template, uri))
        whole = includer.whole(template.content)
        stack = Stack(
            estate,
            name,
            template.name,
            whole,
            place=place,
            given=given,
            document=template.document.content if not template.base else None,
            base=template.base,
            included=includer.found,
            looped=includer.origins,
        )
        if deployed is not None:
            stack.physical, stack.arn = deployed.resources, deployed.arn or stack.arn
        for pointer, reason in (*macros_of(whole), *includer.left_out.items()):
            estate.note(stack.places.of_resolved(pointer), reason)
        if is_serverless(whole):
            key = (template.name, place[1])
            if key not in self._plain:
                plain = plain_template(whole, region=place[1], note=stack.note, simplify=partial(simplified, stack))
                self._plain[key] = plain
            plain = self._plain[key]
            origins = Origins(whole)
            stack.become(plain, origins.place)
            stack.event_type = origins.event_type
        for resource in list(stack.all_resources):
            if resource.type != _NESTED:
                continue
            child = _child(template, resource.raw, by_path)
            if child is None or depth >= _DEEPEST or self._nested >= _MOST:
                estate.note(
                    stack.places.of_resolved(resource.pointer), "what the nested stack has is not in the export"
                )
                continue
            self._nested += 1
            physical = parse_arn(stack.physical.get(resource.logical))
            called = physical.resource.split("/")[1] if physical and "/" in physical.resource else ""
            nested = self._stack(
                estate,
                child,
                called or f"{name}-{resource.logical}",
                place,
                by_path,
                given=_Given(resource),
                depth=depth + 1,
            )
            stack.nested[resource.logical] = nested
        return stack

    def _local(self, template: _Template, uri: str) -> Included | None:
        """Return the content of a file of the export, by its path as a template has it."""
        path = _joined(template.path, uri)
        found = self._left.get((template.export, path)) if path else None
        if found is None or not found.data:
            return None
        try:
            document = load(found.data)
        except TemplateError as error:
            found.reason = str(error)
            return None
        found.used = True
        return Included(found.name, document.content, len(found.data))


class _Given(dict[str, Any]):
    """Parameters that a stack gives to a nested one, each resolved when it is asked for."""

    def __init__(self, resource: Resource) -> None:
        properties = resource.raw.get("Properties")
        raw = properties.get("Parameters") if isinstance(properties, dict) else None
        super().__init__(raw if isinstance(raw, dict) else {})
        self._resource = resource

    def get(self, key: str, default: Any = None) -> Any:  # noqa: ANN401 -- as dict has it
        """Return a parameter, resolved."""
        if key not in self:
            return default
        pointer = f"{self._resource.pointer}/Properties/Parameters/{escaped(key)}"
        return self._resource.stack.resolve(self[key], pointer)


def _default_place(places: Iterable[tuple[str, str]]) -> tuple[str, str]:
    found = list(places)
    accounts = {account for account, _ in found if account.isdigit()}
    account = accounts.pop() if len(accounts) == 1 else UNKNOWN_ACCOUNT
    regions = {region for owner, region in found if owner == account and region not in {"", "global"}}
    return account, regions.pop() if len(regions) == 1 else UNKNOWN_REGION


def _stack_name(template: _Template) -> str:
    """Return a name for the stack of a template: of its file, or of its folder where the file's says nothing."""
    path = PurePosixPath(template.path)
    stem = _ENDING.sub("", _ENDING.sub("", path.name))
    folders = [part for part in path.parts[:-1] if not part.startswith(".") and not _COMMON.fullmatch(part)]
    chosen = folders[-1] if _COMMON.fullmatch(stem) and folders else stem
    return _UNFIT.sub("-", chosen).strip("-") or "stack"


def _unique(name: str, names: set[str]) -> str:
    number, found = 1, name
    while found in names:
        number += 1
        found = f"{name}-{number}"
    names.add(found)
    return found


def _children(template: _Template, by_path: Mapping[tuple[str, str], _Template]) -> Iterable[_Template]:
    for resource in template.content["Resources"].values():
        if isinstance(resource, dict) and spelled(resource.get("Type")) in {_NESTED, "AWS::Serverless::Application"}:
            child = _child(template, resource, by_path)
            if child is not None:
                yield child


def _child(
    template: _Template, resource: Mapping[str, Any], by_path: Mapping[tuple[str, str], _Template]
) -> _Template | None:
    """Return the template of a nested stack: by its local path, by that of the CDK's asset, or by its file's name."""
    properties, metadata = resource.get("Properties"), resource.get("Metadata")
    location = None
    if isinstance(properties, dict):
        location = properties.get("TemplateURL", properties.get("Location"))
    asset = metadata.get("aws:asset:path") if isinstance(metadata, dict) else None
    for text in (asset, location if isinstance(location, str) else _last_text(location)):
        if not isinstance(text, str):
            continue
        path = _joined(template.path, text)
        found = by_path.get((template.export, path)) if path else None
        if found is not None:
            return found if found is not template else None
        last = text.rpartition("/")[2].partition("?")[0]
        named = [one for one in by_path.values() if last and PurePosixPath(one.path).name == last]
        if len(named) == 1 and named[0] is not template:
            return named[0]
    return None


def _last_text(location: object) -> str | None:
    """Return the end of an address that is put together: the file's name, if it is written out."""
    if not isinstance(location, dict):
        return None
    text = location.get("Fn::Sub")
    text = text[0] if isinstance(text, list) and text else text
    joined = location.get("Fn::Join")
    if isinstance(joined, list) and len(joined) > 1 and isinstance(joined[1], list) and joined[1]:
        text = joined[1][-1]
    return text if isinstance(text, str) else None


def _joined(path: str, uri: str) -> str:
    """Return the path in the export of what a template names by a local path; ``""`` for what leads elsewhere."""
    if "://" in uri or uri.startswith("/"):
        return ""
    parts = list(PurePosixPath(path).parts[:-1])
    for part in PurePosixPath(uri).parts:
        if part == "..":
            if not parts:
                return ""
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)
