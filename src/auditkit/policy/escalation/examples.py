"""ARNs of resources that are not there yet, or not known: such that policies tell no others apart."""

from collections.abc import Collection, Iterable, Iterator
from itertools import islice

from auditkit.policy.matching import Lookup, covers_everything
from auditkit.policy.resources import resource_kind
from auditkit.policy.wildcards import Variable, Wild, tokens

__all__ = ["Examples"]

_REGIONS = ("us-east-1", "eu-central-1")
_NAME = "xxx"  # of what nobody has named
_FILLED = {Wild.MANY: _NAME, Wild.ONE: "x"}
_COLONS, _REGION = 5, 3
_SAME = (0, 1, 4)  # arn, partition, account
_MOST = 128


class Examples:
    """Makes up ARNs that between them meet what some policies say.

    Parameters
    ----------
    partition, account
        Where the resources are.
    regions
        Regions that conditions single out; those that patterns do, and two others, are looked at as well.
    patterns
        Patterns of ``Resource`` elements, and whether they know policy variables.
    lookup
        Value of a policy variable.
    """

    def __init__(
        self,
        partition: str,
        account: str,
        regions: Iterable[str],
        patterns: Collection[tuple[str, bool]],
        lookup: Lookup,
    ) -> None:
        self._filled = {"partition": partition, "account": account, "name": _NAME}
        named = (one for one in (*regions, *map(_region, patterns)) if one and not any(wild in one for wild in "*?$"))
        self._regions = dict.fromkeys((*_REGIONS, *islice(dict.fromkeys(named), _MOST)))
        self._patterns = patterns
        self._lookup = lookup

    def plain(self, template: str) -> list[str]:
        """Return ARNs by a name that nobody has, one for each region."""
        return list(dict.fromkeys(template.format(**self._filled, region=region) for region in self._regions))

    def named(self, template: str) -> list[str]:
        """Return ARNs of the template's kind that patterns cover, and the plain ones: these alone if it has a name."""
        kind, plain = resource_kind(template), self.plain(template)
        if "{name}" not in template:
            return plain
        named = (
            arn for pattern, variables in self._patterns for arn in self._covered(pattern, plain, variables=variables)
        )
        return list(dict.fromkeys((*islice((arn for arn in named if resource_kind(arn) == kind), _MOST), *plain)))

    def _covered(self, pattern: str, plain: Iterable[str], *, variables: bool) -> Iterator[str]:
        """Yield ARNs that a pattern covers, with the account and the region of plain ones where it leaves them open."""
        if covers_everything(pattern):
            return
        written = self._written(pattern, variables=variables).split(":", _COLONS)
        for own in (arn.split(":", _COLONS) for arn in plain):
            chosen = [other if one == _NAME else one for one, other in zip(written, own, strict=False)]
            if len(written) == len(own) and all(chosen[place] == own[place] for place in _SAME):
                yield ":".join((*chosen[:-1], written[-1]))

    def _written(self, pattern: str, *, variables: bool) -> str:
        """Return a text that a pattern covers."""
        text = []
        for token in tokens(pattern, variables=variables):
            if isinstance(token, Variable):
                value = self._lookup(token.key)
                text.append(value if isinstance(value, str) else token.default or _NAME)
            else:
                text.append(_FILLED[token] if isinstance(token, Wild) else token)
        return "".join(text)


def _region(pattern: tuple[str, bool]) -> str:
    """Return the region of a pattern, ``""`` where it is none of an ARN."""
    parts = pattern[0].split(":", _COLONS)
    return parts[_REGION] if len(parts) > _COLONS else ""
