"""The weights of the scores: data, dated and versioned, replaceable by the auditor's own file.

The package's own are ``auditkit/facts/weights.json``. They are judgements, not measurements: every score is an index,
never a probability. A report cites :attr:`Weights.version`, :attr:`Weights.date` and :attr:`Weights.digest`.
"""

import hashlib
import itertools
import math
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec

from auditkit.errors import ScoreError
from auditkit.graph.schema import AccessLevel, EntryKind, Interval, Sensitivity

__all__ = [
    "AccessWeights",
    "EntryExponents",
    "FactorWeights",
    "SensitivityWeights",
    "StepCosts",
    "Weights",
    "default_weights",
    "weights_from_json",
]

_CLASSES = frozenset(range(5))
"""Costs of one step, in the order of the attributes of :class:`CostWeights`."""

_CHANGED = " (changed)"


class _Numbers(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Named numbers that lie within bounds."""

    def _check(self, what: str, *, most: float = math.inf) -> None:
        limits = f"0 to {most:g}" if most < math.inf else "0 upwards, and finite"
        for name in self.__struct_fields__:
            value: Any = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                raise ScoreError(f"{what} {name}: {value!r} is not a number")
            if not 0 <= value <= most or math.isinf(value):
                raise ScoreError(f"{what} {name}: {value} is outside its range ({limits})")

    def _check_rising(self, what: str, names: tuple[str, ...]) -> None:
        for lower, higher in itertools.pairwise(names):
            if getattr(self, lower) > getattr(self, higher):
                low, high = getattr(self, lower), getattr(self, higher)
                raise ScoreError(f"{what}: {lower} ({low:g}) is more than {higher} ({high:g}), and may not be")


class FactorWeights(_Numbers, frozen=True):
    """Weight ``a`` of each hop factor, dimensionless, 0 to 1."""

    authentication: float
    encryption: float
    third_party: float
    peer: float
    validation: float
    network: float

    def __post_init__(self) -> None:
        self._check("weight of the factor", most=1)


class SensitivityWeights(_Numbers, frozen=True):
    """Weight ``s`` of each sensitivity, dimensionless, 0 upwards, not falling; *unknown* lies between its bounds."""

    public: float
    internal: float
    confidential: float
    restricted: float
    unknown_low: float
    unknown_high: float

    def __post_init__(self) -> None:
        self._check("weight of the sensitivity")
        self._check_rising("weights of sensitivity", ("public", "internal", "confidential", "restricted"))
        self._check_rising("weights of sensitivity", ("unknown_low", "unknown_high"))

    def of(self, sensitivity: Sensitivity) -> Interval:
        """Return the weight of a sensitivity; an interval for *unknown*."""
        if sensitivity is Sensitivity.UNKNOWN:
            return Interval(float(self.unknown_low), float(self.unknown_high))
        return Interval.exactly(float(getattr(self, sensitivity.value)))


class AccessWeights(_Numbers, frozen=True):
    """Weight ``λ`` of each access level, dimensionless, 0 to 1."""

    metadata: float
    delete: float
    read: float
    write: float
    admin: float

    def __post_init__(self) -> None:
        self._check("weight of the access level", most=1)

    def of(self, level: AccessLevel) -> float:
        """Return the weight of an access level."""
        return float(getattr(self, level.value))


class EntryExponents(_Numbers, frozen=True):
    """Exponent ``c`` of each way in; its weight in an exposure is ``q = 2**-c``. In steps, 0 upwards."""

    anonymous: float
    authenticated_public: float
    third_party: float
    ai_agent: float
    other_account: float
    assumed_breach: float

    def __post_init__(self) -> None:
        self._check("exponent of the entry")

    def of(self, entry: EntryKind) -> float:
        """Return the exponent of an entry."""
        return float(getattr(self, entry.value.lower().replace(" ", "_")))


class StepCosts(_Numbers, frozen=True):
    """Cost of each class of an attacker's step: an edge whose ``cost`` is 0, 1, 2, 3, 4 counts as much as this says.

    *Held* is 0 always: it defines the direct blast radius, which must not depend on costs. Costs do not fall from one
    class to the next.
    """

    held: float
    call: float
    wait: float
    bug: float
    gated: float

    def __post_init__(self) -> None:
        self._check("cost of the step")
        if self.held != 0:
            raise ScoreError(f"cost of the step held: {self.held} is not 0")
        self._check_rising("costs of steps", self.__struct_fields__)

    def of(self, cost: float) -> float:
        """Return what an edge of this cost counts; costs that are no class (sums of several) count as they are."""
        if cost not in _CLASSES:
            return float(cost)
        return float((self.held, self.call, self.wait, self.bug, self.gated)[int(cost)])


class Weights(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All weights of the scores.

    Attributes
    ----------
    factors, sensitivity, access, entries, costs
        Weights of hop factors, of sensitivities, of access levels; exponents of entries; costs of steps.
    version, date, source
        Version of the file, the date of its values (ISO 8601), and where they come from.
    levels
        Factor -> level -> what it means, for legends. Not used in any computation.
    digest
        SHA-256 of the bytes of the file that was read, hexadecimal; ``""`` for weights that stand in no file.
    """

    factors: FactorWeights
    sensitivity: SensitivityWeights
    access: AccessWeights
    entries: EntryExponents
    costs: StepCosts
    version: str
    date: str
    source: str = ""
    levels: dict[str, dict[str, str]] = {}
    digest: str = ""

    @property
    def cited(self) -> tuple[str, str, str]:
        """Version, date and digest, as every table of scores carries them in ``attrs["weights"]``."""
        return self.version, self.date, self.digest

    def changed(self, **groups: Mapping[str, float]) -> "Weights":
        """Return a copy in which some numbers differ; it has no digest, and its version says that it was changed.

        Parameters
        ----------
        **groups
            ``factors``, ``sensitivity``, ``access``, ``entries`` or ``costs``: new numbers by name.

        Raises
        ------
        ScoreError
            If there is no such group or name, or a number is outside its range.

        Examples
        --------
        >>> default_weights().changed(factors={"network": 0.4}).factors.network
        0.4
        """
        new: dict[str, Any] = {}
        for group, numbers in groups.items():
            old = getattr(self, group, None)
            if not isinstance(old, _Numbers):
                raise ScoreError(f"there is no group of weights {group!r}")
            strange = sorted(set(numbers) - set(old.__struct_fields__))
            if strange:
                raise ScoreError(f"{group}: there is no {strange[0]!r}, only {', '.join(old.__struct_fields__)}")
            new[group] = msgspec.structs.replace(old, **numbers)
        if all(getattr(self, group) == numbers for group, numbers in new.items()):
            return self
        version = self.version.removesuffix(_CHANGED) + _CHANGED
        return msgspec.structs.replace(self, **new, version=version, digest="")


def weights_from_json(text: str | bytes) -> Weights:
    """Read weights from the text of a JSON file.

    Parameters
    ----------
    text
        An object with the fields of :class:`Weights`, in the form of the package's own file. A ``digest`` in it is not
        believed.

    Returns
    -------
    Weights
        With the digest of the text.

    Raises
    ------
    ScoreError
        If it is not JSON or not of the form, a name is missing or unknown, or a number is outside its range.
    """
    data = text.encode() if isinstance(text, str) else text
    try:
        weights = msgspec.json.decode(data, type=Weights)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ScoreError(f"weights: {error}") from error
    return msgspec.structs.replace(weights, digest=hashlib.sha256(data).hexdigest())


@cache
def default_weights() -> Weights:
    """Return the weights that come with the package."""
    return weights_from_json(files("auditkit").joinpath("facts/weights.json").read_bytes())
