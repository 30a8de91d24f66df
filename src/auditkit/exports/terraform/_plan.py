"""What a plan does not know yet, from the configuration that it carries: expressions say what refers to what.

A plan leaves out every value that AWS will choose. The configuration names, for each attribute, the other resources,
variables and outputs that it is made of; following these gives the value that will stand there, as far as it is one
that can be foretold (:mod:`._names`). What of a text stands around a reference is not in the plan, so a text that is
made of several parts is known by what it refers to alone.
"""

from collections import defaultdict
from typing import Any, NamedTuple

from auditkit.exports._answers import Node
from auditkit.exports._reading import Reading
from auditkit.exports.terraform._documents import document_of, with_below
from auditkit.exports.terraform._raw import Raw
from auditkit.exports.terraform._references import (
    DOCUMENTS,
    Key,
    Reference,
    below,
    guess,
    indexed,
    mismatches,
    modules_of,
    output_for,
    paired,
    plural,
    reference_of,
    references_in,
    steps_of,
    suits,
)
from auditkit.exports.terraform._resources import Estate, Resource
from auditkit.exports.terraform._untold import untold
from auditkit.inventory import Source

__all__ = ["Plan"]

_DEEPEST = 40
_MOST = 200
_MISSING: Any = object()
_MAPS = frozenset({"environment_variables", "roles", "stage_variables", "variables"})
_ROLES = frozenset({"execution_role_arn", "group", "iam_role_arn", "role", "role_arn", "service_role", "user"})
_NOT_RESOURCES = frozenset({"count", "each", "local", "path", "self", "terraform"})


class _Scope(NamedTuple):
    """A module: its address with indexes, and its part of the configuration."""

    address: str
    module: Node | None
    call: Node | None
    parent: "_Scope | None"


class Plan(Estate):
    """All resources of a plan.

    Parameters
    ----------
    document, raws
        As of :class:`Estate`.
    reading
        Takes notes of what cannot be told.
    """

    planned = True

    def __init__(self, document: Node, raws: list[Raw], reading: Reading) -> None:
        self._root = _Scope("", document.at("configuration", "root_module"), None, None)
        self._scopes: dict[str, _Scope] = {"": self._root}
        self._configured: dict[tuple[str, str], Node] = {}
        self._filled: dict[str, Source] = {}
        self._depth = 0
        self._calls: list[Node] = []
        self._unknown: dict[str, Any] = {}
        self._modules_by_base: dict[str, list[str]] = defaultdict(list)
        self._reading = reading
        super().__init__(document, raws)
        self._instances: dict[tuple[str, str, str], list[Resource]] = defaultdict(list)
        for resource in self.resources:
            raw = resource.raw
            kind = raw.type if raw.managed else f"data.{raw.type}"
            self._instances[raw.module, kind, raw.name].append(resource)

    # ------------------------------------------------------------ configuration

    def _scope(self, address: str) -> _Scope:
        """Return the module of an address such as ``module.shop["eu"].module.queue``."""
        if address in self._scopes:
            return self._scopes[address]
        steps = list(modules_of(address))
        scope = self._root
        for name, _, whole in steps:
            known = self._scopes.get(whole)
            if known is None:
                call = scope.module.at("module_calls", name) if scope.module is not None else None
                known = _Scope(whole, call.at("module") if call is not None else None, call, scope)
                self._scopes[whole] = known
            scope = known
        return scope

    def _configuration(self, resource: Resource) -> Node | None:
        """Return what the configuration says of a resource."""
        module = self._scope(resource.raw.module).module
        if module is None:
            return None
        place = module.source.pointer
        if (place, "") not in self._configured:
            self._configured[place, ""] = module
            for node in module.each("resources"):
                mode = "data." if node.text("mode") == "data" else ""
                self._configured[place, f"{mode}{node.text('type')}.{node.text('name')}"] = node
        mode = "" if resource.raw.managed else "data."
        return self._configured.get((place, f"{mode}{resource.raw.type}.{resource.raw.name}"))

    def _expression(self, resource: Resource, *steps: str | int) -> Node | None:
        found = self._configuration(resource)
        return found.at("expressions", *steps) if found is not None else None

    def configured(self, resource: Resource, attribute: str) -> bool:
        """Return whether a value that is not known was asked for."""
        return self._expression(resource, attribute) is not None

    def referred(self, resource: Resource, attribute: str) -> list[str]:
        """Return the texts that an attribute which is not known is made of."""
        found = self._expression(resource, attribute)
        told = self._values(found, self._scope(resource.raw.module), resource, "") if found is not None else []
        return [item for item in told if isinstance(item, str)]

    def region_of(self, resource: Resource) -> str:
        """Return the region of a resource's provider."""
        found = self._configuration(resource)
        key = found.text("provider_config_key") if found is not None else ""
        for name in (key, key.rpartition(":")[2], "aws"):
            region = self.document.at("configuration", "provider_config", name, "expressions", "region")
            if region is not None:
                values = self._values(region, self._root, resource, "region")
                if values and isinstance(values[0], str):
                    return values[0]
        return ""

    # ------------------------------------------------------------ values

    def complete(self, resource: Resource) -> None:
        """Settle the values of a resource, with those that can be told from the configuration."""
        planned = resource.raw.node.value
        found = self._configuration(resource)
        expressions = found.at("expressions") if found is not None else None
        values: dict[str, Any] = dict(planned)
        for key in expressions.value if expressions is not None and isinstance(expressions.value, dict) else ():
            node = expressions.at(key) if expressions is not None else None
            if node is None:
                continue
            known = planned.get(key, _MISSING)
            if known is _MISSING and key in resource.foretellable:
                continue  # a name that a generator makes is not what it is made of
            value = self._completed(known, node, resource, key)
            if value is not _MISSING:
                values[key] = value
                if known is _MISSING:
                    self._filled[resource.raw.node.source.at(key).pointer] = node.source
        resource.settle(values)
        for attribute in resource.foretellable:
            told = resource.foretold(attribute) if attribute not in values else ""
            if told:
                values[attribute] = told
                self._filled[resource.raw.node.source.at(attribute).pointer] = resource.raw.node.source
        if resource.type == "aws_iam_policy_document" and "json" not in values:
            document = document_of(Node(values, resource.raw.node.source))
            if document is not None:
                values["json"] = document

    def locate(self, source: Source) -> Source:
        """Return the place in the configuration of a value that the plan leaves out."""
        pointer = source.pointer
        while pointer:
            if pointer in self._filled:
                return self._filled[pointer]
            pointer = pointer.rpartition("/")[0]
        return source

    def _completed(self, value: Any, expression: Node, resource: Resource, hint: str) -> Any:  # noqa: ANN401 -- JSON
        """Return a planned value with what is missing in it."""
        content = expression.value
        if isinstance(content, list):
            return self._blocks(value, expression, resource)
        if not isinstance(content, dict):
            return value
        if "references" not in content and "constant_value" not in content:
            if isinstance(value, list) and len(value) == 1:
                return [self._completed(value[0], expression, resource, hint)]
            return self._block(value, expression, resource) if isinstance(value, dict | type(_MISSING)) else value
        if value is _MISSING or (isinstance(value, list) and None in value):
            if hint in _MAPS:
                return self._map({}, expression, resource, hint)
            told = self._values(expression, self._scope(resource.raw.module), resource, hint)
            if value is _MISSING and not told and hint not in DOCUMENTS | _ROLES:
                told = [f"({text})" for text in references_in(expression)[:1]]  # it is set, nobody knows to what
            return self._told(value, told, hint)
        return self._map(value, expression, resource, hint) if isinstance(value, dict) and hint in _MAPS else value

    def _told(self, value: Any, told: list[Any], hint: str) -> Any:  # noqa: ANN401 -- JSON
        flat = [item for one in told for item in (one if isinstance(one, list) else [one])]
        if hint == "resources":
            flat = [item for one in flat for item in with_below(one)]
        if isinstance(value, list):
            known = [item for item in value if item is not None]
            return known + [item for item in flat if item not in known and isinstance(item, str)]
        if not told:
            return _MISSING
        return flat if plural(hint) else told[0]

    def _blocks(self, value: Any, expression: Node, resource: Resource) -> Any:  # noqa: ANN401 -- JSON
        nodes = list(expression.each())
        if value is _MISSING:
            return [self._block({}, node, resource) for node in nodes]
        if not isinstance(value, list) or len(value) != len(nodes):
            return value
        waiting = list(nodes)
        blocks = []
        for item in value:
            node = min(waiting, key=lambda node: mismatches(item, node))
            waiting.remove(node)
            blocks.append(self._block(item, node, resource))
        return blocks

    def _block(self, value: Any, expression: Node, resource: Resource) -> Any:  # noqa: ANN401 -- JSON
        if value is _MISSING:
            value = {}
        if not isinstance(value, dict) or not isinstance(expression.value, dict):
            return value
        block = dict(value)
        for key in expression.value:
            node = expression.at(key)
            if node is not None:
                found = self._completed(value.get(key, _MISSING), node, resource, key)
                if found is not _MISSING:
                    block[key] = found
        return block

    def _map(self, value: dict[str, Any], expression: Node, resource: Resource, hint: str) -> dict[str, Any]:
        """Return a map with what its expression refers to and it does not hold yet.

        Which key a reference belongs to is told by its text if that says so for all of them; where it does not, a
        reference stands under its own text in parentheses. What is told of other keys says :func:`untold`.
        """
        scope = self._scope(resource.raw.module)
        told: dict[str, str] = {}
        for text in references_in(expression):
            for item in self._of(text, scope, resource, ""):
                if isinstance(item, str) and item not in value.values():
                    told[text] = item
        keys = self._unknown_keys(resource, hint) - value.keys()
        known = paired(keys, told)
        waiting = keys - set(known.values()) if hint != "roles" else set()
        open_ = untold(waiting, references_in(expression), told)
        return {**value, **open_, **{known.get(text, f"({text})"): item for text, item in told.items()}}

    def _unknown_keys(self, resource: Resource, name: str) -> set[str]:
        """Return the keys of a map whose values will be known only when the plan is applied."""
        if not self._unknown:
            for change in self.document.each("resource_changes"):
                unknown = change.at("change", "after_unknown")
                if unknown is not None:
                    self._unknown[change.text("address")] = unknown.value
        waiting: list[Any] = [self._unknown.get(resource.address)]
        for _ in range(_MOST):
            if not waiting:
                break
            item = waiting.pop()
            if isinstance(item, dict):
                found = item.get(name)
                if isinstance(found, dict):
                    return {str(key) for key, unknown in found.items() if unknown is True}
                waiting += item.values()
            elif isinstance(item, list):
                waiting += item
        return set()

    # ------------------------------------------------------------ expressions

    def _values(self, expression: Node, scope: _Scope, resource: Resource, hint: str) -> list[Any]:
        """Return what an expression may be: its constant, or what it refers to."""
        if isinstance(expression.value, dict) and "constant_value" in expression.value:
            return [expression.value["constant_value"]]
        self._depth += 1
        try:
            if self._depth > _DEEPEST:
                return []
            found: list[Any] = []
            for text in references_in(expression):
                found += [item for item in self._of(text, scope, resource, hint) if item not in found]
                if len(found) > _MOST:
                    break
            wanted = [item for item in found if suits(item, hint)]
            return wanted if wanted or hint in DOCUMENTS else found
        finally:
            self._depth -= 1

    def _of(self, text: str, scope: _Scope, resource: Resource, hint: str) -> list[Any]:
        """Return what one reference may be."""
        steps = steps_of(text)
        if not steps:
            return []
        if steps[0] == "var" and len(steps) > 1:
            return self._variable(str(steps[1]), steps[2:], scope, resource, hint)
        if steps[0] == "each":
            holder = self._calls[-1] if self._calls else self._configuration(resource)
            every = holder.at("for_each_expression") if holder is not None else None
            return self._values(every, scope, resource, hint) if every is not None else []
        if steps[0] == "module" and len(steps) > 1:
            return self._output(steps, scope, resource, hint)
        if steps[0] in _NOT_RESOURCES:
            return []
        return self._attribute(reference_of(steps), scope, resource, hint)

    def _variable(
        self, name: str, rest: tuple[str | int, ...], scope: _Scope, resource: Resource, hint: str
    ) -> list[Any]:
        if scope.call is not None and scope.parent is not None:
            given = scope.call.at("expressions", name)
            if given is not None:
                self._calls.append(scope.call)
                try:
                    return below(self._values(given, scope.parent, resource, hint), rest)
                finally:
                    self._calls.pop()
        else:
            given = self.document.at("variables", name, "value")
            if given is not None:
                return below([given.value], rest)
        default = scope.module.at("variables", name, "default") if scope.module is not None else None
        return below([default.value], rest) if default is not None else []

    def _output(self, steps: tuple[str | int, ...], scope: _Scope, resource: Resource, hint: str) -> list[Any]:
        rest = list(steps[2:])
        key = rest.pop(0) if rest and isinstance(rest[0], int | Key) else None
        start = f"{scope.address}." if scope.address else ""
        base = f"{start}module.{steps[1]}"
        own = indexed(base, resource.raw.index)
        addresses = self._module_instances(base) or [base]
        if key is not None or own in addresses:
            addresses = [indexed(base, key) if key is not None else own]
        found: list[Any] = []
        for address in addresses:
            inner = self._scope(address)
            outputs = inner.module.at("outputs") if inner.module is not None else None
            name = str(rest[0]) if rest else output_for(hint, outputs)
            expression = outputs.at(name, "expression") if outputs is not None and name else None
            if expression is not None:
                found += below(self._values(expression, inner, resource, hint), tuple(rest[1:]))
        return found

    def _module_instances(self, base: str) -> list[str]:
        """Return the addresses of all modules that a module without an index stands for."""
        if not self._modules_by_base:
            for address in sorted({resource.raw.module for resource in self.resources}):
                for _, numbered, whole in modules_of(address):
                    plain = whole.rpartition("[")[0] if numbered else whole
                    if whole not in self._modules_by_base[plain]:
                        self._modules_by_base[plain].append(whole)
        return self._modules_by_base.get(base, [])

    def _attribute(self, reference: Reference, scope: _Scope, resource: Resource, hint: str) -> list[Any]:
        targets = self._instances.get((scope.address, reference.kind, reference.name), [])
        if reference.key is not None:
            targets = [target for target in targets if target.raw.index == reference.key]
        elif len(targets) > 1:
            own = [target for target in targets if target.raw.index == resource.raw.index]
            targets = own if own and resource.raw.index is not None else targets
            if hint in _ROLES and len(targets) > 1:
                return []  # which of them is meant decides what something may do: that is no guess
        found: list[Any] = []
        for target in targets[:_MOST]:
            if target is resource:
                continue
            steps = reference.rest or (guess(hint, target, resource.type),)
            node = target.node.at(*steps)
            if node is None and target.node is target.raw.node:  # in a circle
                told = target.foretold(str(steps[0]))
                found += [told] if told else []
            elif node is not None:
                found.append(node.value)
        return found
