"""Base score of a CVSS v3 vector (FIRST, *Common Vulnerability Scoring System v3.1: Specification Document*, 7)."""

import math

__all__ = ["base_score"]

_ATTACK_VECTOR = {"N": 0.85, "A": 0.62, "L": 0.55, "P": 0.2}
_COMPLEXITY = {"L": 0.77, "H": 0.44}
_PRIVILEGES = {"U": {"N": 0.85, "L": 0.62, "H": 0.27}, "C": {"N": 0.85, "L": 0.68, "H": 0.5}}
_INTERACTION = {"N": 0.85, "R": 0.62}
_IMPACT = {"H": 0.56, "L": 0.22, "N": 0.0}
_STARTS = ("CVSS:3.0/", "CVSS:3.1/")


def base_score(vector: str) -> float | None:
    """Return the base score of a vector, in [0, 10]; ``None`` for other versions and for what is no vector.

    Parameters
    ----------
    vector
        ``"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"``.
    """
    if not vector.startswith(_STARTS):
        return None
    metrics = dict(part.partition(":")[::2] for part in vector.split("/")[1:])
    try:
        scope = metrics["S"]
        ease = _ATTACK_VECTOR[metrics["AV"]] * _COMPLEXITY[metrics["AC"]]
        ease *= _PRIVILEGES[scope][metrics["PR"]] * _INTERACTION[metrics["UI"]]
        lost = 1 - math.prod(1 - _IMPACT[metrics[name]] for name in "CIA")
    except KeyError:
        return None
    changed = scope == "C"
    impact = 7.52 * (lost - 0.029) - 3.25 * (lost - 0.02) ** 15 if changed else 6.42 * lost
    if impact <= 0:
        return 0.0
    return _round_up(min((1.08 if changed else 1.0) * (impact + 8.22 * ease), 10.0))


def _round_up(value: float) -> float:
    """Return the lowest number with one decimal that is not below the value (specification, appendix A)."""
    tenths = round(value * 100_000)
    return tenths / 100_000 if tenths % 10_000 == 0 else (tenths // 10_000 + 1) / 10
