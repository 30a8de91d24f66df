"""What blast radius and exposure stand on: the stores of a graph, their sensitivities, and access to them."""

import copy
import math
from typing import Self

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
    unit : float
        Blast radii are added up in whole multiples of ``1 / unit``, a power of 2 that no sum is too large for.
    """

    def __init__(self, attack: Attack, weights: Weights) -> None:
        self.attack = attack
        self.stores = [place for place, store in enumerate(attack.nodes.store) if store]
        self.s: list[Interval] = [attack.nodes.sensitivity(place, weights.sensitivity) for place in self.stores]
        self.weight: Floats = np.array([weights.access.of(level) for level in LEVELS], dtype=np.float64)
        states = [[state_of(place, LEVEL_OF[level]) for level in LEVELS] for place in self.stores]
        self.states = np.array(states, dtype=np.int64).reshape(len(self.stores), len(LEVELS))
        self._s = np.array([(s.low, s.high) for s in self.s], dtype=np.float64).reshape(len(self.stores), 2)
        total = math.fsum(s.high for s in self.s)
        self.unit = 2.0 ** min(40, 61 - math.frexp(total)[1])

    @property
    def bounds(self) -> Floats:
        """Weights of the sensitivities, low and high: float64, shape (stores, 2)."""
        return self._s

    def is_jewel(self, place: int) -> bool:
        """Return whether a node is a crown jewel."""
        return self.attack.nodes.at[place].sensitivity is Sensitivity.RESTRICTED

    @property
    def jewels(self) -> Flags:
        """Which stores are crown jewels: bool, shape (stores,)."""
        return np.array([self.is_jewel(place) for place in self.stores], dtype=bool)

    def only(self, numbers: NDArray[np.int64]) -> Self:
        """Return a copy with some of the stores."""
        other = copy.copy(self)
        other.stores = [self.stores[number] for number in numbers.tolist()]
        other.s = [self.s[number] for number in numbers.tolist()]
        other.states = self.states[numbers]
        other._s = self._s[numbers]  # noqa: SLF001 -- of its own class
        return other

    def with_sensitivities(self, s: Floats) -> Self:
        """Return a copy with other weights of the sensitivities: float64, shape (stores, 2)."""
        other = copy.copy(self)
        other._s = s  # noqa: SLF001 -- of its own class
        return other

    def units(self, stores: NDArray[np.int64], rho: Floats) -> NDArray[np.int64]:
        """Return what stores add to a blast radius: ``s * (1 - prod(1 - lambda * rho))``.

        Parameters
        ----------
        stores : ndarray of int64, shape (pairs,)
            Numbers of stores.
        rho : ndarray of float64, shape (pairs, levels)
            Strength of the access at each level; 0 where there is none.

        Returns
        -------
        ndarray of int64, shape (pairs, 2)
            Low and high, in units of ``1 / unit``: sums do not depend on the order of their parts.
        """
        kept = np.ones(len(rho), dtype=np.float64)
        for number, weight in enumerate(self.weight):
            kept *= 1 - weight * rho[:, number]
        return np.rint(self._s[stores] * ((1 - kept) * self.unit)[:, np.newaxis]).astype(np.int64)

    def contributions(self, rho: Floats) -> Floats:
        """Return the same for every store, ``rho`` of shape (stores, levels), in units of sensitivity."""
        return self.amount(self.units(np.arange(len(self.stores)), rho))

    def amount(self, units: NDArray[np.int64]) -> Floats:
        """Return units as units of sensitivity, to nine decimals."""
        found: Floats = np.round(units / self.unit, 9)
        return found
