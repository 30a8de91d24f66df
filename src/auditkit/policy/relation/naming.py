"""What statements name inside targets."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from auditkit.policy.documents import Document
from auditkit.policy.relation.asking import Asker
from auditkit.policy.relation.lines import Lines
from auditkit.policy.relation.patterns import Tokens
from auditkit.policy.relation.points import Target
from auditkit.policy.wildcards import Variable, Wild, tokens

__all__ = ["named_within"]


def named_within(
    askers: Sequence[Asker], targets: Iterable[Target], lines: Lines
) -> tuple[Iterable[str], Iterator[Tokens]]:
    """Return the resource patterns of all statements that allow something, and those with policy variables resolved.

    Parameters
    ----------
    askers
        Principals; where a pattern has policy variables, their values are put in.
    targets
        Targets with their policies.
    lines
        The statements of all identity policies, and others.
    """
    policies = [one.given.resource_policy for one in targets]
    documents = {id(one): one for one in policies if isinstance(one, Document)}.values()
    identities = {id(one): one for asker in askers for one in _identity(asker)}
    own = lines.allowed(identities.values())
    others = list({id(one): one for document in documents for one in _allowed(document)}.values())
    every = dict.fromkeys(chain(own, chain.from_iterable(others)))
    speaking = documents if any("${" in pattern for element in others for pattern in element) else ()
    return every, _resolved_all(askers, speaking, lines)


def _identity(asker: Asker) -> tuple[Document, ...]:
    return asker.given.identity if isinstance(asker.given.identity, tuple) else ()


def _allowed(document: Document) -> Iterator[tuple[str, ...]]:
    """Yield the resources of the statements of a document that allow."""
    if document.content:
        for line in document.content.written:
            if line.effect == "Allow" and isinstance(line.resources, tuple):
                yield line.resources
    else:
        for statement in document.statements:
            if statement.effect == "Allow" and statement.resources is not None and not statement.unclear:
                yield statement.resources


def _resolved_all(askers: Sequence[Asker], documents: Iterable[Document], lines: Lines) -> Iterator[Tokens]:
    own = {id(one): _with_variables(one) for one in lines.with_variables()}
    for asker in askers:
        for document in _identity(asker):
            for pattern in own.get(id(document), ()):
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
        lines = [line for line in content.written if line.special]
        elements = [one.resources for one in lines if one.effect == "Allow" and isinstance(one.resources, tuple)]
    else:
        return {}
    return {pattern: None for element in elements for pattern in element if "${" in pattern}


def _resolved(pattern: str, asker: Asker) -> tuple[str | Wild, ...]:
    found: list[str | Wild] = []
    for token in tokens(pattern, variables=True):
        if isinstance(token, Variable):
            value = asker.within((token.key.lower(),)).variable(token.key)
            known = isinstance(value, str)
            found.append(value if known and isinstance(value, str) else token.default or Wild.ONE)
        else:
            found.append(token)
    return tuple(found)
