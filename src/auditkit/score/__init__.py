"""Scores: pure functions from a graph to tables. They read no files and know no clock and no chance."""

from auditkit.score.hops import hops
from auditkit.score.transit import transit
from auditkit.score.weights import Weights, default_weights, weights_from_json

__all__ = ["Weights", "default_weights", "hops", "transit", "weights_from_json"]
