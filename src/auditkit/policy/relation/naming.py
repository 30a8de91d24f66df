"""What statements name inside targets."""

from collections.abc import Iterable, Iterator, Sequence

from msgspec import UnsetType

from auditkit.policy.documents import Document
from auditkit.policy.relation.asking import Asker
from auditkit.policy.relation.patterns import Tokens, plain_tokens
from auditkit.policy.relation.points import Target
from auditkit.policy.wildcards import Variable, Wild, tokens

__all__ = ["named_within"]


def named_within(askers: Sequence[Asker], targets: Iterable[Target]) -> Iterator[Tokens]:
    """Yield the resource patterns of all statements that allow something.

    Parameters
    ----------
    askers
        Principals; where a pattern has policy variables, their values are put in.
    targets
        Targets with their policies.
    """
    seen: dict[int, set[str]] = {}
    plain: dict[str, None] = {}
    for asker in askers:
        for document in () if isinstance(asker.given.identity, UnsetType) else asker.given.identity:
            if id(document) not in seen:
                seen[id(document)] = set(_patterns(document, plain))
            for pattern in seen[id(document)]:
                yield _resolved(pattern, asker)
    for target in targets:
        if isinstance(target.given.resource_policy, Document):
            for pattern in _patterns(target.given.resource_policy, plain):
                yield from (_resolved(pattern, asker) for asker in askers)
    for pattern in plain:
        yield (pattern,) if "*" not in pattern and "?" not in pattern else plain_tokens(pattern)


def _patterns(document: Document, plain: dict[str, None]) -> Iterator[str]:
    """Note the patterns of a document; yield those with policy variables."""
    for statement in document.statements:
        if statement.effect != "Allow" or statement.unclear:
            continue
        for pattern in statement.resources or ():
            plain[pattern] = None
            if statement.variables and "${" in pattern:
                yield pattern


def _resolved(pattern: str, asker: Asker) -> tuple[str | Wild, ...]:
    found: list[str | Wild] = []
    for token in tokens(pattern, variables=True):
        if isinstance(token, Variable):
            value = asker.context.variable(token.key)
            known = isinstance(value, str)
            found.append(value if known and isinstance(value, str) else token.default or Wild.ONE)
        else:
            found.append(token)
    return tuple(found)
