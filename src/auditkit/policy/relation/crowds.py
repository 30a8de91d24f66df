"""Some principals together, and how the values of condition keys part them."""

from collections.abc import Iterable, Sequence

from auditkit.policy.relation.asking import Asker

__all__ = ["PRINCIPAL_ARN", "Members"]

PRINCIPAL_ARN = "aws:principalarn"


class Members:
    """Some principals, and how the values of condition keys part them."""

    def __init__(self, askers: Sequence[Asker], members: Sequence[int]) -> None:
        self._askers = askers
        self._list = list(members)
        self.members = frozenset(members)
        self.renamed = any(PRINCIPAL_ARN in askers[number].own for number in members)
        self._values: dict[str, list[str]] = {}
        self._differ: dict[str, bool] = {}
        self._groups: dict[tuple[str, ...], list[list[int]]] = {}

    def _of(self, key: str) -> list[str]:
        if key not in self._values:
            self._values[key] = [repr(_known(self._askers[number], key)) for number in self._list]
        return self._values[key]

    def differ(self, key: str) -> bool:
        """Whether any two have different values."""
        if key not in self._differ:
            self._differ[key] = len(set(self._of(key))) > 1
        return self._differ[key]

    def groups(self, keys: Iterable[str]) -> list[list[int]]:
        """Return those that share the values of all keys, the largest group first."""
        wanted = tuple(keys)
        if wanted not in self._groups:
            found: dict[tuple[str, ...], list[int]] = {}
            for place, number in enumerate(self._list):
                found.setdefault(tuple(self._of(key)[place] for key in wanted), []).append(number)
            self._groups[wanted] = sorted(found.values(), key=len, reverse=True)
        return self._groups[wanted]


def _known(asker: Asker, key: str) -> tuple[object, ...]:
    """Return what tells a principal from others by a key: what was given, and what follows."""
    if key not in asker.known:
        return ()
    return (asker.own[key], True) if key in asker.own else (asker.derived[key], False)
