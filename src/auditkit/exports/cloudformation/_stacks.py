"""Stacks: templates with their parameters, conditions, mappings and resources, each resolved when it is asked for."""

import re
from collections.abc import Callable, Container, Iterator, Mapping
from typing import Any

from auditkit.exports.cloudformation._estate import MARK, Estate
from auditkit.exports.cloudformation._identity import Identity, Naming, identity_of, spelled
from auditkit.exports.cloudformation._includes import Included
from auditkit.exports.cloudformation._intrinsics import FUNCTIONS, holds
from auditkit.exports.cloudformation._naming import special_fields
from auditkit.exports.cloudformation._parameters import Parameter
from auditkit.exports.cloudformation._places import Places
from auditkit.exports.cloudformation._resource import Lazily, Resource
from auditkit.exports.cloudformation._statements import name_resources
from auditkit.exports.cloudformation._values import NOTHING, escaped, within_bounds
from auditkit.inventory.arn import partition_of

__all__ = ["Stack"]

_DEEPEST = 90
"""Deepest nesting of values and references that is followed; each level takes a few frames of the interpreter."""
_MOST = 3_000_000
"""Most values of a stack that are resolved: references can multiply what a template holds."""
_LARGEST = 20_000
"""Largest value that another resource may take over whole."""
_HANGS = "the condition {!a} hangs on what is not known; {}"
_NOTHING_MADE = "AWS::CDK::Metadata"
"""A type that makes nothing."""
_DYNAMIC = re.compile(r"\{\{resolve:ssm:([^:{}]+)(?::\d+)?\}\}")


class Stack:
    """One stack.

    Parameters
    ----------
    estate
        What it belongs to.
    name
        Its name.
    file
        Its template's file, as sources name it.
    template
        The template, without anything that a transform would change.
    place
        Account and region.
    given
        Parameters that another stack gives.
    document
        Content of the file, where the template is no more than a part of it or was changed.
    base
        Where the template stands in the file.
    included
        Parts of the template that stand in files of their own, by where they now stand.
    looped
        Where what loops made stands in the template, by where it now stands.
    """

    def __init__(
        self,
        estate: Estate,
        name: str,
        file: str,
        template: dict[str, Any],
        *,
        place: tuple[str, str],
        given: dict[str, Any] | None = None,
        document: Any = None,  # noqa: ANN401 -- a file may hold anything
        base: str = "",
        included: Mapping[str, Included] | None = None,
        looped: Mapping[str, str] | None = None,
    ) -> None:
        self.estate = estate
        self.name = name
        self.file = file
        self.template = template
        self.account, self.region = place
        self.partition = partition_of(self.region)
        self.arn = f"arn:{self.partition}:cloudformation:{self.region}:{self.account}:stack/{name}/unknown"
        self.given = given if given is not None else {}
        self.physical: Mapping[str, str] = {}
        """Physical ids of its resources, as far as the export says them."""
        self.event_type: Callable[[str], str] = lambda _: ""
        """Gives the type of the event that a generated resource was made of."""
        self.symbols = estate.symbols
        self.nested: dict[str, Stack] = {}
        self.mark = f"{MARK}{len(estate.stacks)}"
        estate.stacks.append(self)
        self.places = Places(file, template if document is None else document, base, included or {}, looped or {})
        self._resolved = 0
        self._outputs: dict[str, Any] = {}
        self._resources = self._listed()
        self._conditions: dict[str, bool | None] = {}
        self._properties: dict[str, dict[str, Any]] = {}
        self._identities: dict[str, Identity] = {}
        self._busy: set[tuple[str, str]] = set()
        self._undecided: set[str] = set()

    def _listed(self) -> dict[str, Resource]:
        return {
            logical: Resource(self, logical, spelled(raw.get("Type")), f"/Resources/{escaped(logical)}", raw)
            for logical, raw in self.section("Resources").items()
            if isinstance(raw, dict) and not logical.startswith("Fn::")
        }

    def become(self, template: dict[str, Any], origin: Callable[[str], str]) -> None:
        """Take what a transform made of the template, and how its places lead to those of the template as it was."""
        self.template = template
        self.places.transformed(origin)
        self._resources = self._listed()
        for known in (self._conditions, self._properties, self._identities):
            known.clear()

    def section(self, name: str) -> dict[str, Any]:
        """Return a section of the template, an empty one where it has none."""
        found = self.template.get(name)
        return found if isinstance(found, dict) else {}

    @property
    def resources(self) -> Iterator[Resource]:
        """Its resources, without those that a condition leaves out."""
        for resource in self._resources.values():
            if self.exists(resource):
                yield resource

    @property
    def logical_ids(self) -> Container[str]:
        """Names of the resources in the template."""
        return self._resources.keys()

    @property
    def all_resources(self) -> Iterator[Resource]:
        """Its resources, with those that a condition leaves out."""
        return iter(self._resources.values())

    def exists(self, resource: Resource) -> bool:
        """Return whether a resource exists; one whose condition cannot be decided does."""
        condition = resource.raw.get("Condition")
        if not isinstance(condition, str) or resource.type == _NOTHING_MADE:
            return True
        decided = self.condition(condition)
        if decided is None and resource.pointer not in self._undecided:
            self._undecided.add(resource.pointer)
            reason = _HANGS.format(condition[:80], "it is read as if it were there")
            self.estate.note(self.places.of(resource.pointer), reason, whether=True)
        return decided is not False

    def note(self, pointer: str, reason: str) -> None:
        """Note what could not be resolved at a place in the template."""
        self.estate.note(self.places.of(pointer), reason)

    def odd(self, what: str, pointer: str) -> str:
        """Note a function whose argument is none, and return a symbol for what it gives."""
        self.note(pointer, f"the argument of {what} is not what it takes")
        return self.symbols.symbol(self.name, what.removeprefix("Fn::"))

    def text(self, value: object) -> str:
        """Return a value as it stands in a text; of what is no scalar its symbol, or nothing."""
        if isinstance(value, list) and len(value) == 1:
            return self.text(value[0])
        return spelled(value) or (next(self.symbols.within(value), "") if isinstance(value, list | dict) else "")

    # ------------------------------------------------------------ values

    def resolve(self, raw: Any, pointer: str) -> Any:  # noqa: ANN401 -- a template holds anything
        """Return a value of the template with its functions resolved."""
        self._resolved += 1
        if not isinstance(raw, dict | list):
            return self._dynamic(raw) if isinstance(raw, str) and "{{resolve:ssm:" in raw else raw
        if self.estate.depth > _DEEPEST or self._resolved > _MOST:
            self.note(pointer, "a chain of references is too long to follow")
            return self.symbols.symbol(self.name, "chain")
        self.estate.depth += 1
        try:
            return self._object(raw, pointer) if isinstance(raw, dict) else self._list(raw, pointer)
        finally:
            self.estate.depth -= 1

    def _list(self, raw: list[Any], pointer: str) -> list[Any]:
        found: list[Any] = []
        for index, item in enumerate(raw):
            value = self.resolve(item, f"{pointer}/{index}")
            if value is NOTHING:
                continue
            if len(found) != index:
                self.places.shift(pointer, len(found), index)
            found.append(value)
        return found

    def _object(self, raw: dict[str, Any], pointer: str) -> Any:  # noqa: ANN401
        if len(raw) == 1:
            ((name, argument),) = raw.items()
            if name in FUNCTIONS:
                return FUNCTIONS[name](self, argument, f"{pointer}/{escaped(name)}")
            if name.startswith("Fn::"):
                self.note(pointer, f"the function {name[:80]!a} is not known")
                return self.symbols.symbol(self.name, name.removeprefix("Fn::"))
        found: dict[str, Any] = {}
        for name, item in raw.items():
            if name == "Fn::Transform":
                FUNCTIONS[name](self, item, f"{pointer}/{escaped(name)}")
                continue
            value = self.resolve(item, f"{pointer}/{escaped(name)}")
            if value is not NOTHING:
                found[name] = value
        return found

    def _dynamic(self, text: str) -> str:
        """Return a text with the parameters of Parameter Store that another stack stores."""

        def value(match: re.Match[str]) -> str:
            found = self.estate.stored(match[1])
            return match[0] if found is NOTHING else self.text(found)

        return _DYNAMIC.sub(value, text)

    def ref(self, name: str, pointer: str) -> Any:  # noqa: ANN401
        """Return what ``Ref`` gives."""
        if name.startswith("AWS::"):
            return self._pseudo(name, pointer)
        if name in self.section("Parameters") or name in self.given:
            return self.parameter(name)
        if name in self._resources:
            return self.identity(name).ref
        self.note(pointer, f"refers to {name[:80]!a}, which the template does not have")
        return self.symbols.symbol(self.name, name)

    def _pseudo(self, name: str, pointer: str) -> Any:  # noqa: ANN401
        partition = self.partition
        match name:
            case "AWS::AccountId":
                return self.account
            case "AWS::Region":
                return self.region
            case "AWS::Partition":
                return partition
            case "AWS::URLSuffix":
                return "amazonaws.com.cn" if partition == "aws-cn" else "amazonaws.com"
            case "AWS::StackName":
                return self.name
            case "AWS::StackId":
                return self.arn
            case "AWS::NotificationARNs":
                return []
            case "AWS::NoValue":
                return NOTHING
            case _:
                self.note(pointer, f"the pseudo parameter {name[:80]!a} is not known")
                return self.symbols.symbol(self.name, name)

    def attribute(self, name: str, attribute: str, pointer: str) -> Any:  # noqa: ANN401
        """Return what ``Fn::GetAtt`` gives."""
        resource = self._resources.get(name)
        if resource is None:
            self.note(pointer, f"refers to {name[:80]!a}, which the template does not have")
            return self.symbols.symbol(self.name, name, attribute)
        if attribute.startswith("Outputs."):
            child = self.nested.get(name)
            found = child.output(attribute.removeprefix("Outputs.")) if child is not None else NOTHING
            return self._taken(found, name, attribute)
        found = self.identity(name).attributes.get(attribute)
        if found:
            return found
        own = resource.raw.get("Properties")
        if isinstance(own, dict) and attribute in own:  # many types give their properties back
            return self._taken(self.properties(name).get(attribute, NOTHING), name, attribute)
        return self.symbols.symbol(self.name, name, attribute)

    def _taken(self, value: Any, name: str, attribute: str) -> Any:  # noqa: ANN401
        """Return a value that another resource takes over, or its symbol where it is nothing, or too much."""
        fits = value is not NOTHING and within_bounds(value, _LARGEST)
        return value if fits else self.symbols.symbol(self.name, name, attribute)

    # ------------------------------------------------------------ sections

    def parameter(self, name: str) -> Any:  # noqa: ANN401
        """Return the value of a parameter: given, by default, or its symbol."""
        declared = self.section("Parameters").get(name)
        parameter = Parameter(declared if isinstance(declared, dict) else {}, self.symbols, (self.name, name))
        return parameter.value(self.given.get(name, NOTHING), self.estate.stored)

    def condition(self, name: str) -> bool | None:
        """Return whether a condition holds, ``None`` where that is not known."""
        if name in self._conditions:
            return self._conditions[name]
        declared = self.section("Conditions")
        if name not in declared or ("condition", name) in self._busy:
            return None
        self._busy.add(("condition", name))
        try:
            found = self.decide(declared[name], f"/Conditions/{escaped(name)}")
        finally:
            self._busy.discard(("condition", name))
        self._conditions[name] = found
        return found

    def decide(self, expression: Any, pointer: str) -> bool | None:  # noqa: ANN401
        """Return whether an expression holds."""
        if self.estate.depth > _DEEPEST:
            return None
        self.estate.depth += 2
        try:
            return holds(self, expression, pointer)
        finally:
            self.estate.depth -= 2

    def undecided(self, name: str, pointer: str) -> None:
        """Note, once for each place, that a condition cannot be decided there: nothing passes on what was taken."""
        if pointer not in self._undecided:
            self._undecided.add(pointer)
            self.note(pointer, _HANGS.format(name[:80], "one of its branches is read"))

    def mapping(self, name: str, first: str, second: str) -> Any:  # noqa: ANN401
        """Return a value of a mapping, ``None`` where there is none."""
        found: Any = self.section("Mappings").get(name)
        for key in (first, second):
            found = found.get(key) if isinstance(found, dict) else None
        return found if isinstance(found, str | int | float | list) else None

    def imported(self, name: str, pointer: str) -> Any:  # noqa: ANN401
        """Return what another stack exports."""
        found = self.estate.exported(name)
        if found is NOTHING or not within_bounds(found, _LARGEST):
            self.note(pointer, f"imports {name[:120]!a}, which no template of the export exports")
            return self.symbols.symbol("import", name)
        return found

    def output(self, name: str) -> Any:  # noqa: ANN401
        """Return an output, :data:`NOTHING` where there is none."""
        if name in self._outputs:
            return self._outputs[name]
        raw = self.section("Outputs").get(name)
        if not isinstance(raw, dict) or "Value" not in raw or ("output", name) in self._busy:
            return NOTHING
        self._busy.add(("output", name))
        try:
            self._outputs[name] = self.resolve(raw["Value"], f"/Outputs/{escaped(name)}/Value")
        finally:
            self._busy.discard(("output", name))
        return self._outputs[name]

    def exports(self) -> Iterator[tuple[str, Callable[[], Any]]]:
        """Yield name and value of everything that it exports."""
        for name, raw in self.section("Outputs").items():
            exported = raw.get("Export") if isinstance(raw, dict) else None
            if not isinstance(exported, dict) or "Name" not in exported:
                continue
            condition = raw.get("Condition")
            if isinstance(condition, str) and self.condition(condition) is False:
                continue
            text = self.text(self.resolve(exported["Name"], f"/Outputs/{escaped(name)}/Export/Name"))
            if text:
                yield text, lambda name=name: self.output(name)  # type: ignore[misc]

    # ------------------------------------------------------------ resources

    def properties(self, logical: str) -> dict[str, Any]:
        """Return the properties of a resource, resolved."""
        if logical in self._properties:
            return self._properties[logical]
        if ("properties", logical) in self._busy:
            return {}
        resource = self._resources[logical]
        raw = resource.raw.get("Properties")
        self._busy.add(("properties", logical))
        try:
            found = self.resolve(raw, f"{resource.pointer}/Properties") if raw is not None else None
        finally:
            self._busy.discard(("properties", logical))
        if raw is not None and not isinstance(found, dict):
            self.note(f"{resource.pointer}/Properties", "properties are no object")
        self._properties[logical] = found if isinstance(found, dict) else {}
        for place, symbol in name_resources(found, self.symbols, f"{resource.pointer}/Properties"):
            self.note(place, f"a statement is about {symbol}, which no template of the export tells")
        return self._properties[logical]

    def identity(self, logical: str) -> Identity:
        """Return name, ARN and return values of a resource."""
        found = self._identities.get(logical)
        if found is not None:
            return found
        resource = self._resources[logical]
        busy = ("identity", logical) in self._busy or self.estate.depth > _DEEPEST
        self._busy.add(("identity", logical))
        self.estate.depth += 3
        try:
            own = {} if busy else Lazily(self, resource)
            known = self.physical.get(logical, "")
            naming = Naming(self.name, logical, self.account, self.region, self.partition, self.estate.slug, known)
            found = identity_of(resource.type, naming, own, special_fields(naming, own, self.symbols))
            if found.arn in self.estate.streams:
                found.attributes["StreamArn"] = self.estate.streams[found.arn]
        finally:
            self.estate.depth -= 3
            if not busy:
                self._busy.discard(("identity", logical))
        if not busy:
            self._identities[logical] = found
        return found
