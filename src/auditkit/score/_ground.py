"""What blast radius and exposure stand on: the stores of a graph, their sensitivities, and access to them."""

import numpy as np
from numpy.typing import NDArray

from auditkit.graph.schema import AccessLevel, Interval, Sensitivity
from auditkit.score.arrays import LEVEL_OF, Attack, state_of
from auditkit.score.weights import Weights

__all__ = ["LEVELS", "Flags", "Floats", "Ground"]

LEVELS = tuple(AccessLevel)

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


class Ground:
    """Stores of a graph, sorted by id.

    Attributes
    ----------
    attack : Attack
        Steps of an attacker.
    stores : list of int
        Nodes that are stores.
    s : list of Interval
        Weight of the sensitivity of each store.
    states : ndarray of int64, shape (stores, levels)
        State of each access to each store, levels in the order of :class:`~auditkit.graph.schema.AccessLevel`.
    weight : ndarray of float64, shape (levels,)
        Weight ``lambda`` of each access level.
    """

    def __init__(self, attack: Attack, weights: Weights) -> None:
        self.attack = attack
        self.stores = [place for place, store in enumerate(attack.nodes.store) if store]
        self.s: list[Interval] = [attack.nodes.sensitivity(place, weights.sensitivity) for place in self.stores]
        self.weight: Floats = np.array([weights.access.of(level) for level in LEVELS], dtype=np.float64)
        states = [[state_of(place, LEVEL_OF[level]) for level in LEVELS] for place in self.stores]
        self.states = np.array(states, dtype=np.int64).reshape(len(self.stores), len(LEVELS))
        self._s = np.array([(s.low, s.high) for s in self.s], dtype=np.float64).reshape(len(self.stores), 2)

    def is_jewel(self, place: int) -> bool:
        """Return whether a node is a crown jewel."""
        return self.attack.nodes.at[place].sensitivity is Sensitivity.RESTRICTED

    def contributions(self, rho: Floats) -> Floats:
        """Return what each store adds to a blast radius.

        Parameters
        ----------
        rho : ndarray of float64, shape (stores, levels)
            Strength of the access at each level; 0 where there is none.

        Returns
        -------
        ndarray of float64, shape (stores, 2)
            ``s * (1 - prod(1 - lambda * rho))``, low and high.
        """
        kept = np.ones(len(rho), dtype=np.float64)
        for number, weight in enumerate(self.weight):
            kept *= 1 - weight * rho[:, number]
        found: Floats = self._s * (1 - kept)[:, np.newaxis]
        return found
