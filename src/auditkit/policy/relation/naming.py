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

    A few come twice.

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
    documents = list({id(one): one for one in policies if isinstance(one, Document)}.values())
    identities = {id(one): one for asker in askers for one in _identity(asker)}
    own, others = lines.allowed(identities.values()), Lines(documents).allowed(documents)
    with_variables = _Variables() if any("${" in pattern for pattern in chain(own, others)) else None
    resolved = _resolved_all(askers, documents, with_variables) if with_variables else iter(())
    return chain(own, others), resolved


def _identity(asker: Asker) -> tuple[Document, ...]:
    return asker.given.identity if isinstance(asker.given.identity, tuple) else ()


def _resolved_all(
    askers: Sequence[Asker], documents: Iterable[Document], with_variables: "_Variables"
) -> Iterator[Tokens]:
    for asker in askers:
        for document in _identity(asker):
            for pattern in with_variables.of(document):
                yield _resolved(pattern, asker)
    for document in documents:
        for pattern in with_variables.of(document):
            yield from (_resolved(pattern, asker) for asker in askers)


class _Variables:
    """The patterns with policy variables in the statements of documents that allow."""

    def __init__(self) -> None:
        self._known: dict[int, dict[str, None]] = {}

    def of(self, document: Document) -> dict[str, None]:
        """Return those of one document, each once."""
        if document.content and not (document.content.variables and document.content.special):
            return {}
        if id(document) not in self._known:
            self._known[id(document)] = _with_variables(document)
        return self._known[id(document)]


def _with_variables(document: Document) -> dict[str, None]:
    content = document.content
    if content is None:
        elements = [
            one.resources or ()
            for one in document.statements
            if one.effect == "Allow" and not one.unclear and one.variables
        ]
    else:
        lines = [content.written[place] for place in content.special]
        elements = [one.resources for one in lines if one.effect == "Allow" and isinstance(one.resources, tuple)]
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
