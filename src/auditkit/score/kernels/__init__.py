"""Kernels: what scores compute on arrays, each with a twin in plain Python that tests compare it with."""

from auditkit.score.kernels.cuts import minimum_cut, minimum_cut_plain
from auditkit.score.kernels.disjoint import Disjoint, Taken, disjoint_plain
from auditkit.score.kernels.paths import Network, k_cheapest, k_cheapest_plain
from auditkit.score.kernels.reach import UNREACHED, Tiers, least_costs, least_costs_plain
from auditkit.score.kernels.single import cheapest, cheapest_plain
from auditkit.score.kernels.steps import begins, by_tail, closed, slices, spread, tails_of

__all__ = [
    "UNREACHED",
    "Disjoint",
    "Network",
    "Taken",
    "Tiers",
    "begins",
    "by_tail",
    "cheapest",
    "cheapest_plain",
    "closed",
    "disjoint_plain",
    "k_cheapest",
    "k_cheapest_plain",
    "least_costs",
    "least_costs_plain",
    "minimum_cut",
    "minimum_cut_plain",
    "slices",
    "spread",
    "tails_of",
]
