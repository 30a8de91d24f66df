"""What statements name inside targets."""

from collections.abc import Iterable, Iterator, Sequence

from msgspec import UnsetType

from auditkit.policy.documents import Document
from auditkit.policy.relation.asking import Asker
from auditkit.policy.relation.lines import Lines
from auditkit.policy.relation.patterns import Tokens
from auditkit.policy.relation.points import Target
from auditkit.policy.wildcards import Variable, Wild, tokens

__all__ = ["named_within"]


def named_within(
    askers: Sequence[Asker], targets: Iterable[Target], identities: Lines
) -> tuple[Iterable[str], Iterator[Tokens]]:
    """Return the resource patterns of all statements that allow something, and those with policy variables resolved.

    Parameters
    ----------
    askers
        Principals; where a pattern has policy variables, their values are put in.
    targets
        Targets with their policies.
    identities
        The statements of all identity policies.
    """
    policies = [one.given.resource_policy for one in targets]
    documents = list({id(one): one for one in policies if isinstance(one, Document)}.values())
    plain = dict.fromkeys(identities.allowed)
    plain.update(dict.fromkeys(Lines(documents).allowed))
    return plain, _resolved_all(askers, documents, identities)


def _resolved_all(askers: Sequence[Asker], documents: Iterable[Document], identities: Lines) -> Iterator[Tokens]:
    by_document = {id(one): found for one in identities.documents if (found := _with_variables(one))}
    for asker in askers if by_document else ():
        for document in () if isinstance(asker.given.identity, UnsetType) else asker.given.identity:
            for pattern in by_document.get(id(document), ()):
                yield _resolved(pattern, asker)
    for document in documents:
        for pattern in _with_variables(document):
            yield from (_resolved(pattern, asker) for asker in askers)


def _with_variables(document: Document) -> dict[str, None]:
    """Return the patterns with policy variables in the statements of a document that allow, each once."""
    content = document.content
    if content is None:
        elements = [
            one.resources or ()
            for one in document.statements
            if one.effect == "Allow" and not one.unclear and one.variables
        ]
    elif content.variables:
        lines = [content.written[place] for place in content.special]
        elements = [one.resources for one in lines if one.effect == "Allow" and isinstance(one.resources, tuple)]
    else:
        elements = []
    return {pattern: None for element in elements for pattern in element if "${" in pattern}


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
