"""What the policies of a principal say of one action, and what tells resources apart to them."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from msgspec import UnsetType

from auditkit.policy.documents import Condition, Statement
from auditkit.policy.escalation.satisfying import Value
from auditkit.policy.escalation.subjects import Tags
from auditkit.policy.matching import parse_arn
from auditkit.policy.wildcards import Variable, tokens

__all__ = ["REGION", "RESOURCE_TAGS", "Facts", "Spoken", "facts_of", "mark_of", "region_of", "values_of_keys"]

RESOURCE_TAGS = ("aws:resourcetag/", "iam:resourcetag/", "ec2:resourcetag/", "ssm:resourcetag/", "sts:resourcetag/")
REGION = "aws:requestedregion"
_IAM_IN = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
"""Region of IAM's one endpoint, by partition (IAM User Guide, AWS global condition context keys)."""


class Facts(NamedTuple):
    """What policies say of one action.

    Attributes
    ----------
    allows
        Statements of identity policies that allow it.
    patterns
        Patterns of resources in any statement about it, and whether they know policy variables.
    conditions
        All conditions on it.
    keys
        Condition keys that are named, as conditions or as variables, in lower case.
    """

    allows: tuple[Statement, ...] = ()
    patterns: tuple[tuple[str, bool], ...] = ()
    conditions: tuple[Condition, ...] = ()
    keys: frozenset[str] = frozenset()


class Spoken(NamedTuple):
    """A statement, the numbers of its layer and of its document there, and whether it allows in an identity policy."""

    layer: int
    document: int
    statement: Statement
    allows: bool


def facts_of(found: Iterable[tuple[bool, Statement]]) -> Facts:
    """Return what statements about one action say; with each, whether it allows in an identity policy."""
    patterns: dict[tuple[str, bool], None] = {}
    conditions: list[Condition] = []
    keys: set[str] = set()
    allows = []
    for grants, statement in found:
        if grants:
            allows.append(statement)
        named = (*(statement.resources or ()), *(statement.not_resources or ()))
        patterns.update(dict.fromkeys((pattern, statement.variables) for pattern in named))
        conditions += statement.conditions
        keys.update(condition.key.lower() for condition in statement.conditions)
        if statement.variables:
            texts = (*named, *(value for condition in statement.conditions for value in condition.values))
            for text in texts:
                if "${" in text:
                    keys.update(token.key.lower() for token in tokens(text, variables=True) if type(token) is Variable)
    return Facts(tuple(allows), tuple(patterns), tuple(conditions), frozenset(keys))


def values_of_keys(values: Mapping[str, Value], keys: frozenset[str]) -> tuple[object, ...]:
    """Return the values of those condition keys that are named."""
    return tuple(sorted(((key, value) for key, value in values.items() if key.lower() in keys), key=str))


def mark_of(arn: str, tags: Tags | UnsetType, keys: frozenset[str]) -> tuple[object, ...]:
    """Return what is known of those condition keys of a resource that are its tags or its region."""
    known = {} if isinstance(tags, UnsetType) else {key.lower(): tags[key] for key in sorted(tags, reverse=True)}
    found = parse_arn(arn)
    region = found.region if found is not None else ""
    return (
        isinstance(tags, UnsetType),
        *(region if key == REGION else known.get(key.partition("/")[2]) for key in sorted(keys)),
    )


def region_of(action: str, partition: str) -> str:
    """Return the region in which an action is called wherever one is, ``""`` where one may choose.

    A role is passed by the call of another service, in the region of that.
    """
    service, _, name = action.lower().partition(":")
    return _IAM_IN.get(partition, "") if service == "iam" and name != "passrole" else ""
