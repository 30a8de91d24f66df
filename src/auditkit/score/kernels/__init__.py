"""Kernels: what scores compute on arrays, each with a twin in plain Python that tests compare it with."""

from auditkit.score.kernels.reach import UNREACHED, Tiers, least_costs, least_costs_plain, tails_of
from auditkit.score.kernels.single import cheapest, cheapest_plain

__all__ = [
    "UNREACHED",
    "Tiers",
    "cheapest",
    "cheapest_plain",
    "least_costs",
    "least_costs_plain",
    "tails_of",
]
