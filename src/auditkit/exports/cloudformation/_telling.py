"""Resources of templates told as the responses of the API that would describe them."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from auditkit.exports._answers import Answers, Node, Place, Tree
from auditkit.exports._shapes import fitted, shape_of
from auditkit.exports.cloudformation._estate import Estate
from auditkit.exports.cloudformation._resource import Resource
from auditkit.inventory import Record
from auditkit.inventory.triggers import ServiceTrigger

__all__ = ["Telling", "is_told", "pairs_of", "place_of", "policy_of", "several"]

_FOREIGN = {
    "apigateway",
    "appsync",
    "bedrock-agent",
    "bedrock-agentcore-control",
    "cloudfront",
    "ecr",
    "firehose",
    "iot",
    "lambda.GetPolicy",
    "logs",
    "resourcegroupstaggingapi",
    "s3",
    "secretsmanager",
    "stepfunctions",
}
"""Services and calls whose answers have other names for things than templates have."""
_UNFIT = re.compile(r"[^A-Za-z0-9_-]+")


class Telling:
    """What tellers of resources are given: the resources by type, and a way to say what they are.

    Parameters
    ----------
    estate
        All stacks.
    answers
        Takes the responses.
    foreign
        Takes those whose names are not the template's, so that places end at the object that was read.
    """

    def __init__(self, estate: Estate, answers: Answers, foreign: Answers) -> None:
        self.estate = estate
        self._answers = answers
        self._foreign = foreign
        self._asked: set[str] = set()
        self._by_type: dict[str, list[Resource]] = defaultdict(list)
        for resource in estate.resources:
            self._by_type[resource.type].append(resource)

    def of(self, *types: str) -> Iterator[Resource]:
        """Yield the resources of some types, in the order of their stacks."""
        self._asked.update(types)
        for kind in types:
            yield from self._by_type.get(kind, ())

    def left(self) -> list[list[Resource]]:
        """Return the resources that nobody has asked for, by type."""
        return [self._by_type[kind] for kind in sorted(self._by_type.keys() - self._asked)]

    def by(self, *steps: str, of: Iterable[str]) -> dict[tuple[Place, str], list[Resource]]:
        """Return resources of some types by their place and a text in their properties: what they belong to."""
        found: dict[tuple[Place, str], list[Resource]] = defaultdict(list)
        for resource in self.of(*of):
            if text := resource.text(*steps):
                found[place_of(resource), text].append(resource)
        return found

    def give(
        self,
        resource: Resource,
        call: str,
        tree: Mapping[str, Any],
        *arguments: str,
        complete: bool = True,
        unseen: Iterable[str] = (),
        place: Place | None = None,
        assumed: bool = False,
    ) -> None:
        """Hand over the response of a call, as :meth:`Answers.give` takes it."""
        answers = self._foreign if _FOREIGN & {call, call.partition(".")[0]} else self._answers
        answers.give(
            call,
            tree,
            *arguments,
            place=place or place_of(resource),
            source=resource.source.at("Properties"),
            complete=complete,
            unseen=unseen,
            assumed=assumed,
        )

    def policy(
        self, resource: Resource, call: str, tree: Mapping[str, Any], *arguments: str, apart: bool = True
    ) -> None:
        """Hand over the policy of a resource where a template declares one; else another stack may have.

        It may not where no resource apart declares such policies: then there is none.
        """
        if not apart or any(value is not None for value in tree.values()):
            shown = {key: value for key, value in tree.items() if value is not None}
            self.give(resource, call, shown, *arguments, complete=False)

    def custom(self) -> Iterator[Resource]:
        """Yield the custom resources, in the order of their types."""
        for kind in sorted(self._by_type):
            if kind.startswith("Custom::") or kind == "AWS::CloudFormation::CustomResource":
                yield from self.of(kind)

    def add(self, record: Record) -> None:
        """Tell what no call of the API tells; its source is one of the template as it was resolved."""
        record.sources = tuple(map(self.estate.located, record.sources))
        self._answers.reading.add(record)

    def trigger(
        self,
        resource: Resource,
        target: Node,
        *,
        service: str,
        origin: tuple[str, str] | None = None,
        entry_hop: str = "",
        signed_in: bool = False,
        requires_tls: bool | None = None,
        detail: str = "",
    ) -> None:
        """Tell what a resource makes run.

        Parameters
        ----------
        resource, target
            The resource, and what it runs: an ARN, or the name of a function.
        service, entry_hop, signed_in, requires_tls, detail
            As of :class:`ServiceTrigger`.
        origin
            ARN and label of what runs it, where that is not the resource itself.
        """
        arn, label = origin or (resource.identity.arn, resource.identity.name)
        text = target.value if isinstance(target.value, str) else ""
        reading = self._answers.reading
        reading.add(
            ServiceTrigger(
                id=f"trigger:{arn}/{resource.logical}/{text}",
                name=label,
                account=resource.stack.account,
                region=resource.stack.region,
                sources=(self.estate.located(target.source),),
                origin=arn,
                label=label,
                target=text if text.startswith("arn:") else self.function_arn(resource, text),
                service=service,
                entry_hop=entry_hop,
                signed_in=signed_in,
                requires_tls=requires_tls,
                detail=detail,
            )
        )

    def note(self, resource: Resource, reason: str, *steps: str | int) -> None:
        """Note what cannot be told of a resource."""
        self.estate.note(self.estate.located(resource.source.at(*steps)), reason)

    def tree(
        self,
        resource: Resource,
        shape: str,
        renames: Mapping[str, str] | None = None,
        members: Mapping[str, object] | None = None,
    ) -> Tree:
        """Return the properties of a resource as a structure of the API.

        Parameters
        ----------
        resource
            The resource.
        shape
            ``"service.Structure"``, by botocore's names.
        renames
            Property -> member, for what is called otherwise; ``""`` for what is left out.
        members
            Further members, which win.
        """
        return self.fitted(resource.node, shape, renames, members)

    def fitted(
        self,
        node: Node | None,
        shape: str,
        renames: Mapping[str, str] | None = None,
        members: Mapping[str, object] | None = None,
    ) -> Tree:
        """Return an object as a structure of the API; an empty one for what is no object."""
        service, _, name = shape.partition(".")
        found = fitted(node, shape_of(service, name), renames) if node is not None else None
        tree = found if isinstance(found, Tree) else Tree(node.source if node is not None else None)
        tree.update(members or {})
        return tree

    def function_arn(self, resource: Resource, name: str) -> str:
        """Return the ARN of a function that a resource names: by name, by part of an ARN, or by ARN."""
        if not name or name.startswith("arn:"):
            return name
        account, _, bare = name.rpartition(":function:")
        stack = resource.stack
        place = account if account.isdigit() else stack.account
        return f"arn:{stack.partition}:lambda:{stack.region}:{place}:function:{bare}"

    def typed(self, resource: Resource, service: str, node: Node | None, *, form: str = "{}") -> object:
        """Return an ARN; for one that is not known an ARN of the service, in which the name alone is a symbol."""
        text = node.value if node is not None else None
        if node is None or not isinstance(text, str) or text.startswith("arn:"):
            return node
        stack = resource.stack
        named = form.format(f"({_UNFIT.sub('.', text).strip('.')})")
        return Node(f"arn:{stack.partition}:{service}:{stack.region}:{stack.account}:{named}", node.source)


def place_of(resource: Resource) -> Place:
    """Return account and region of a resource."""
    return Place(resource.stack.account, resource.stack.region)


def is_told(switch: Node | None) -> bool:
    """Return whether a template says if something is on: it does where it says nothing, as that is off."""
    return switch is None or str(switch.value).lower() in {"true", "false"}


def several(node: Node | None) -> Iterator[Node]:
    """Yield the items of a list; of anything else itself."""
    if node is None:
        return
    if not isinstance(node.value, list):
        yield node
        return
    for index, item in enumerate(node.value):
        if item is not None:
            yield Node(item, node.source.at(index))


def pairs_of(node: Node) -> Node:
    """Return tags as a list of keys and values; some types have an object for them."""
    if not isinstance(node.value, dict):
        return node
    return Node([{"Key": key, "Value": value} for key, value in node.value.items()], node.source)


def policy_of(nodes: Iterable[Node]) -> dict[str, Any] | Node | None:
    """Return a policy from one document or several, whose statements then stand apart; ``None`` for none."""
    documents = list(nodes)
    if len(documents) < 2:  # noqa: PLR2004 -- one needs no putting together
        return documents[0] if documents else None
    statements: list[Node] = []
    for document in documents:
        statements += several(document.at("Statement"))
    return {"Version": documents[0].text("Version") or None, "Statement": statements}
