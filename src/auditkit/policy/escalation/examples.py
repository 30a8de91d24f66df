"""ARNs of resources that are not there yet, or not known: such that policies tell no others apart."""

from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from auditkit.policy.escalation.globs import LONGEST, MANY, ONE, meet
from auditkit.policy.resources import resource_kind

__all__ = ["SOMETHING", "Examples", "Sample"]

_REGIONS = ("us-east-1", "eu-central-1")
SOMETHING = "xxx"
"""Name of what nobody has named."""
_COLONS, _REGION = 5, 3
_SAME = (0, 1, 4)  # arn, partition, account
_WILD = f"{MANY}{ONE}$"
_MOST, _MET = 512, 1024
"""How many ARNs are made up of patterns, and how many patterns that several have in common are looked at."""
_KEPT = 4096
_TOGETHER = 4
"""How many patterns are looked at together: of two actions, each in a policy and in a boundary."""


class Sample(NamedTuple):
    """Made-up ARNs.

    Attributes
    ----------
    arns
        What single patterns cover, what none does, and what several cover together.
    whole
        Whether they meet all that policies say: False where there were too many patterns.
    """

    arns: tuple[str, ...]
    whole: bool = True


class Examples:
    """Makes up ARNs that between them meet what some policies say.

    Parameters
    ----------
    partition, account
        Where the resources are.
    regions
        Regions that conditions single out; those that patterns do, and two others, are looked at as well.
    patterns
        Patterns of ``Resource`` elements, as :func:`~auditkit.policy.escalation.globs.glob` writes them.
    """

    def __init__(self, partition: str, account: str, regions: Iterable[str], patterns: Collection[str]) -> None:
        self._filled = {"partition": partition, "account": account, "name": SOMETHING}
        named = (one for one in (*regions, *map(_region, patterns)) if one and not any(wild in one for wild in _WILD))
        self._regions = dict.fromkeys((*_REGIONS, *islice(dict.fromkeys(named), _MOST)))
        self._patterns = patterns

    def plain(self, template: str) -> list[str]:
        """Return ARNs by a name that nobody has, one for each region."""
        return list(dict.fromkeys(template.format(**self._filled, region=region) for region in self._regions))

    def named(self, template: str) -> Sample:
        """Return ARNs of the template's kind that patterns cover, and the plain ones: these alone if it has a name."""
        plain = tuple(self.plain(template))
        return _sample(plain, resource_kind(template), tuple(self._patterns)) if "{name}" in template else Sample(plain)


@lru_cache(maxsize=_KEPT)
def _sample(plain: tuple[str, ...], kind: str, patterns: tuple[str, ...]) -> Sample:
    """Return ARNs of a kind: what patterns cover, the plain ones, and what several patterns cover together."""
    made = {pattern: _covered(pattern, kind, plain) for pattern in patterns}
    single = _first(arn for arns in made.values() for arn in arns)
    named = [one for one in made if made[one]][:_MOST]  # of more, not all single ones are looked at either
    met = list(islice(_met(named), _MET + 1))
    shared = _first(arn for both in met[:_MET] for arn in _covered(both, kind, plain))
    arns = dict.fromkeys((*single[:_MOST], *plain, *shared[:_MOST]))
    whole = max(len(single), len(shared)) <= _MOST and len(met) <= _MET and max(map(len, named), default=0) <= LONGEST
    return Sample(tuple(arns), whole=whole)


def _once(arns: Iterable[str]) -> Iterator[str]:
    seen: set[str] = set()
    for arn in arns:
        if arn not in seen:
            seen.add(arn)
            yield arn


def _first(arns: Iterable[str]) -> list[str]:
    """Return the first few of some ARNs, and one more where there are more."""
    return list(islice(_once(arns), _MOST + 1))


def _covered(pattern: str, kind: str, plain: Iterable[str]) -> list[str]:
    """Return ARNs that a pattern covers, with the account and the region of plain ones where it leaves them open."""
    written = pattern.replace(MANY, SOMETHING).replace(ONE, "x").split(":", _COLONS)
    found = []
    for own in (arn.split(":", _COLONS) for arn in plain):
        chosen = [other if one == SOMETHING else one for one, other in zip(written, own, strict=False)]
        if len(written) == len(own) and all(chosen[place] == own[place] for place in _SAME):
            arn = ":".join((*chosen[:-1], written[-1]))
            found += [arn] if resource_kind(arn) == kind else []
    return found


def _met(patterns: Collection[str]) -> Iterator[str]:
    """Yield what several patterns cover together: two of them first, then three, and so on."""
    open_ = [one for one in patterns if MANY in one or ONE in one]
    seen, last = set(open_), list(enumerate(open_))
    for _ in range(_TOGETHER - 1):
        fresh = []
        for place, one in last:
            for further, other in enumerate(open_[place + 1 :], place + 1):
                both = meet(one, other)
                if both is not None and both not in seen:
                    seen.add(both)
                    fresh.append((further, both))
                    yield both
        last = fresh


def _region(pattern: str) -> str:
    """Return the region of a pattern, ``""`` where it is none of an ARN."""
    parts = pattern.split(":", _COLONS)
    return parts[_REGION] if len(parts) > _COLONS else ""
