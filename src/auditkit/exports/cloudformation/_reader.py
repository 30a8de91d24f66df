"""Reads the templates of an export: all of them make one estate of stacks."""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

import msgspec

from auditkit.exports._answers import Answers
from auditkit.exports._coverage import CoverageBook
from auditkit.exports._reading import Reading
from auditkit.exports.cloudformation._assemblies import Assemblies
from auditkit.exports.cloudformation._deployed import Deployed, deployed_in, deployed_of, tagged
from auditkit.exports.cloudformation._estate import Estate
from auditkit.exports.cloudformation._includes import Included, Includer
from auditkit.exports.cloudformation._inline import tell_inline
from auditkit.exports.cloudformation._loading import TemplateError, load
from auditkit.exports.cloudformation._macros import macros_of
from auditkit.exports.cloudformation._planted import tell_secrets
from auditkit.exports.cloudformation._resource import Resource
from auditkit.exports.cloudformation._sam import is_serverless, plain_template
from auditkit.exports.cloudformation._sam_sources import Origins
from auditkit.exports.cloudformation._simplifying import simplified
from auditkit.exports.cloudformation._stacks import Stack
from auditkit.exports.cloudformation._telling import Telling
from auditkit.exports.cloudformation._templates import (
    NESTED,
    Template,
    built_from,
    child_of,
    children_of,
    first_steps,
    joined,
    looks_like_one,
    stack_name,
    template_in,
)
from auditkit.exports.cloudformation._values import escaped
from auditkit.exports.cloudformation._whereabouts import whereabouts_of
from auditkit.exports.cloudformation.resources import tell
from auditkit.inventory import Source
from auditkit.inventory.arn import UNKNOWN_ACCOUNT, UNKNOWN_REGION, parse_arn
from auditkit.inventory.records.tables import Table

__all__ = ["Templates"]

_DETAIL = "a template shows what one stack declares, not what else there is"
_DEEPEST = 8
"""Deepest nesting of stacks; CloudFormation itself allows more, of which none is met."""
_MOST = 500
"""Most nested stacks of an export."""
_INCLUDED = (".json", ".yaml", ".yml", ".asl")
_LARGEST = 4 << 20
"""Largest file, in bytes, that a template may include: a definition is never that large."""


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
        self._templates: list[Template] = []
        self._left: dict[tuple[str, str], _Left] = {}
        self._deployed: list[Deployed] = []
        self._assemblies = Assemblies(lambda name, reason: reading.not_read(Source(name), reason))
        self._nested = 0
        self._plain: dict[tuple[str, str], dict[str, Any]] = {}

    def take(
        self,
        name: str,
        path: str,
        export: str,
        data: bytes,
        place: tuple[str, str],
        *,
        keys: Mapping[str, object] | None,
    ) -> bool:
        """Take a file if it is a template, and return whether it is.

        Parameters
        ----------
        name, path, export
            As sources name it, its path in its export, and the label of that.
        data
            Its content.
        place
            Account and region as the path says them.
        keys
            Its sketch (:func:`~auditkit.exports._json.sketch`), ``None`` where it is no JSON.

        Raises
        ------
        TemplateError
            It looks like a template, and cannot be read.
        """
        listed = deployed_in(data, keys)
        if listed is not None:
            self._deployed.append(listed)
            return True
        if self._assemblies.take(export, path, data):
            return True
        if not looks_like_one(data, keys):
            return False
        document = load(data)
        found = template_in(document)
        if found is None:
            return False
        content, base = found
        for pointer, reason in document.notes:
            self._reading.not_read(Source(name, pointer), reason)
        self._templates.append(Template(name, path, export, document, content, base, *place))
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
            built = built_from(self._templates)
            for name, source in built.items():
                self._reading.not_read(Source(name), f"built from {source}, which is read")
            begun = {*first_steps(self._templates), *built}
            self._templates = [one for one in self._templates if one.name not in begun]
            self._templates.sort(key=lambda one: (one.export, one.path))
            for template in self._templates:
                self._reading.outline(template.name, template.document.content)
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
            tell_secrets(estate, self._reading)
            tell_inline(estate, self._reading)
        for (export, path), left in self._left.items():
            if not left.used and not self._assemblies.owns(export, path, left.name):
                self._reading.not_read(Source(left.name), left.reason)

    # ------------------------------------------------------------ stacks

    def _build(self, estate: Estate, place: tuple[str, str]) -> None:
        by_path = {(one.export, one.path): one for one in self._templates}
        for template in self._templates:
            for child in children_of(template, by_path):
                child.nested = child is not template
        names: set[str] = set()
        spoken = whereabouts_of(one.content for one in self._templates)
        for template in sorted(self._templates, key=lambda one: one.nested):
            if template.nested and any(stack.file == template.name for stack in estate.stacks):
                continue  # templates that nest only each other have no other stack
            told = self._assemblies.of(template.export, template.path)
            name = _unique(told.name or stack_name(template), names)
            where = (
                template.account or told.account or place[0] or spoken.account or UNKNOWN_ACCOUNT,
                template.region or told.region or place[1] or spoken.region or UNKNOWN_REGION,
            )
            self._stack(estate, template, name, where, by_path)

    def _stack(
        self,
        estate: Estate,
        template: Template,
        name: str,
        place: tuple[str, str],
        by_path: Mapping[tuple[str, str], Template],
        *,
        given: dict[str, Any] | None = None,
        depth: int = 0,
    ) -> Stack:
        """Return the stack of a template, with those that are nested in it."""
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
            self._make_plain(stack, template, whole, place[1])
        for resource in [one for one in stack.all_resources if one.type == NESTED]:
            child = child_of(template, resource.raw, by_path)
            if child is None or depth >= _DEEPEST or self._nested >= _MOST:
                reason = "what the nested stack has is not in the export"
                estate.note(stack.places.of_resolved(resource.pointer), reason)
                continue
            self._nested += 1
            physical = parse_arn(stack.physical.get(resource.logical))
            called = physical.resource.split("/")[1] if physical and "/" in physical.resource else ""
            called = called or f"{name}-{resource.logical}"
            given = _Given(resource)
            nested = self._stack(estate, child, called, place, by_path, given=given, depth=depth + 1)
            stack.nested[resource.logical] = nested
        return stack

    def _make_plain(self, stack: Stack, template: Template, whole: dict[str, Any], region: str) -> None:
        """Make of a stack of SAM's one of CloudFormation's; once for all stacks of a template in a region."""
        key = (template.name, region)
        if key not in self._plain:
            plain = plain_template(whole, region=region, note=stack.note, simplify=partial(simplified, stack))
            self._plain[key] = plain
        origins = Origins(whole)
        stack.become(self._plain[key], origins.place)
        stack.event_type = origins.event_type

    def _local(self, template: Template, uri: str) -> Included | None:
        """Return the content of a file of the export, by its path as a template has it."""
        path = joined(template.path, uri)
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
    account = accounts.pop() if len(accounts) == 1 else ""
    regions = {region for owner, region in found if owner == account and region not in {"", "global"}}
    return account, regions.pop() if len(regions) == 1 else ""


def _unique(name: str, names: set[str]) -> str:
    number, found = 1, name
    while found in names:
        number += 1
        found = f"{name}-{number}"
    names.add(found)
    return found
