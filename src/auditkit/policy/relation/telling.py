"""What the policy of one target says to one principal, at each of the target's points."""

from msgspec import UnsetType

from auditkit.policy.documents import Document
from auditkit.policy.logic import Truth
from auditkit.policy.relation.asking import Asker
from auditkit.policy.relation.hearing import PLANES, Hearing, Hearings
from auditkit.policy.relation.masks import mask_of_blocks
from auditkit.policy.relation.points import Points
from auditkit.policy.relation.voices import Voices

__all__ = ["Places", "Planes", "Telling"]

Places = tuple[tuple[int, str], ...]
Planes = tuple[tuple[int, ...], ...]
"""For each point of a target, a mask for each plane."""

_Heard = list[tuple[int, Hearing]]
"""Places of statements, and what these say."""
_Told = dict[tuple[int, str], tuple[int, ...]]


class Telling:
    """Asks the policies of targets, those that say the same only once.

    Parameters
    ----------
    points, hearings, voices
        The points, what statements say, and which targets say the same.
    """

    def __init__(self, points: Points, hearings: Hearings, voices: Voices) -> None:
        self._points, self._hearings, self._voices = points, hearings, voices
        sts: list[int] = mask_of_blocks(points, lambda name: name.startswith("sts:")).tolist()
        self._masks = [
            block.mask & word if block.kind == "iam:role" else block.mask
            for block, word in zip(points.blocks, sts, strict=True)
        ]
        """By block, the actions that policies of targets bear on: of a role it is nothing but who may assume it."""
        self._block_of: list[int] = points.block_of.tolist()
        self._told: dict[tuple[int, int, Asker], tuple[_Heard, _Told]] = {}
        self._places: dict[int, Places] = {}

    def places(self, target: int) -> Places:
        """Return where the points of a target are: their blocks, and what stands behind the target's ARN."""
        found = self._places.get(target)
        if found is None:
            length = len(self._points.targets[target].given.arn)
            block_of, texts = self._block_of, self._points.texts
            places = [(block_of[point], texts[point][length:]) for point in self._points.points_of(target)]
            found = self._places[target] = tuple(places)
        return found

    def says(self, asker: Asker, target: int, bounded: Truth = Truth.NO) -> Planes:
        """Return what a target's policy says to a principal, for each point of the target."""
        policy = self._points.targets[target].given.resource_policy
        if policy is None:
            return ((0,) * PLANES,) * len(self.places(target))
        if isinstance(policy, UnsetType) or not policy.readable:
            return tuple((0, self._masks[block]) * (PLANES // 2) for block, _ in self.places(target))
        voice = self._voices.of(target)
        points = self._points.points_of(target)
        if voice is None:
            heard = self._heard(policy, asker, target, bounded)
            return tuple(self._at(policy, heard, point) for point in points)
        known = self._told.get((voice, int(bounded), asker))
        if known is None:
            known = self._told[voice, int(bounded), asker] = self._heard(policy, asker, target, bounded), {}
        heard, told = known
        found = []
        for where, point in zip(self.places(target), points, strict=True):
            if where not in told:
                told[where] = self._at(policy, heard, point)
            found.append(told[where])
        return tuple(found)

    def _heard(self, policy: Document, asker: Asker, target: int, bounded: Truth) -> _Heard:
        """Return the statements that say anything to a principal, and what."""
        about, kind = self._hearings.about, policy.kind
        every = enumerate(about(one, kind, asker, target, bounded) for one in policy.statements)
        return [(place, hearing) for place, hearing in every if hearing is not None]

    def _at(self, policy: Document, heard: _Heard, point: int) -> tuple[int, ...]:
        """Return the planes of a point."""
        planes = [0] * PLANES
        for place, hearing in heard:
            word = hearing.words[self._block_of[point]] & self._masks[self._block_of[point]]
            truth = hearing.at(policy.statement(place), self._points.texts[point]) if word else Truth.NO
            if truth is Truth.NO:
                continue
            for plane in hearing.planes:
                planes[plane + 1] |= word
                if truth is Truth.YES:
                    planes[plane] |= word
        return tuple(planes)
