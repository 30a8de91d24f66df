"""Scores: pure functions from a graph to tables. They read no files and know no clock and no chance."""

from auditkit.score.attack import attack_edges
from auditkit.score.blast import blast_radius
from auditkit.score.blast_detail import blast_radius_detail
from auditkit.score.choke import choke_points
from auditkit.score.compact import Compact
from auditkit.score.exposure import exposure
from auditkit.score.fixes import Fix, derive_fixes, fixes, portfolio
from auditkit.score.hops import hops
from auditkit.score.matrix import matrix
from auditkit.score.stability import stability
from auditkit.score.transit import transit
from auditkit.score.ways import ways_in
from auditkit.score.weights import Weights, default_weights, weights_from_json
from auditkit.score.whatif import WhatIf, whatif

__all__ = [
    "Compact",
    "Fix",
    "Weights",
    "WhatIf",
    "attack_edges",
    "blast_radius",
    "blast_radius_detail",
    "choke_points",
    "default_weights",
    "derive_fixes",
    "exposure",
    "fixes",
    "hops",
    "matrix",
    "portfolio",
    "stability",
    "transit",
    "ways_in",
    "weights_from_json",
    "whatif",
]
