"""Which packages each function runs with: of its own code, and of its layers."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import pandas as pd

from auditkit.inventory.evidence.packages import CodePackage, Package
from auditkit.inventory.record import Record
from auditkit.inventory.records.functions import Function, FunctionVersion

__all__ = ["Packages", "UsedPackage"]


class UsedPackage(NamedTuple):
    """A package that a function runs with.

    Attributes
    ----------
    function
        ARN of the function, or of a published version.
    package
        The package.
    code
        Record of the code that holds it.
    layer
        ARN of the layer version that brings it along, ``""`` for the function's own code.
    """

    function: str
    package: Package
    code: CodePackage
    layer: str = ""


class Packages:
    """Packages of functions, from code packages and bills of materials.

    Parameters
    ----------
    records
        All records of an inventory.
    """

    def __init__(self, records: Iterable[Record]) -> None:
        self._runners: dict[str, Function | FunctionVersion] = {}
        self._code: dict[str, list[CodePackage]] = {}
        for record in records:
            if isinstance(record, Function | FunctionVersion):
                self._runners[record.id] = record
            elif isinstance(record, CodePackage):
                for owner in record.used_by:
                    self._code.setdefault(owner.removesuffix(":$LATEST"), []).append(record)

    def of(self, function: str) -> tuple[UsedPackage, ...]:
        """Return the packages of a function or version, by its ARN, sorted; those of its layers included."""
        return tuple(sorted(self._of(function), key=lambda used: (used.package, used.layer, used.code.id)))

    def __iter__(self) -> Iterator[UsedPackage]:
        """Iterate over the packages of all functions and versions, by ARN."""
        for function in sorted({*self._runners, *self._code} - self._layers):
            yield from self.of(function)

    def code_of(self, function: str) -> dict[str, tuple[CodePackage, ...]]:
        """Return the code that tells which packages a function or version runs with, by where it comes from.

        Parameters
        ----------
        function
            ARN of the function or version.

        Returns
        -------
        dict
            Under ``""`` its own code, under the ARN of each of its layers that layer's; empty tuples where the export
            does not hold it.
        """
        runner = self._runners.get(function)
        layers = [layer.arn for layer in runner.layers] if runner is not None else []
        return {layer: tuple(self._code.get(layer or function, ())) for layer in ("", *layers)}

    def frame(self) -> pd.DataFrame:
        """Return all of them as a table.

        Returns
        -------
        pandas.DataFrame
            One row per function and package: ``function`` (ARN), ``name`` (of the function), ``purl``, ``package`` (the
            purl without version), ``version``, ``requirement``, ``found`` (*installed*, *listed*, *locked*,
            *declared*), ``layer`` (ARN, ``""`` for its own code), ``source``. All are strings.
        """
        rows = [
            (
                used.function,
                self._name(used.function),
                used.package.purl,
                used.package.without_version,
                used.package.version,
                used.package.requirement,
                str(used.package.found),
                used.layer,
                str(used.package.source),
            )
            for used in self
        ]
        columns = ["function", "name", "purl", "package", "version", "requirement", "found", "layer", "source"]
        return pd.DataFrame(rows, columns=columns, dtype="str")

    @property
    def _layers(self) -> set[str]:
        return {owner for owner in self._code if ":layer:" in owner}

    def _of(self, function: str) -> Iterator[UsedPackage]:
        for layer, found in self.code_of(function).items():
            for code in found:
                for package in code.packages:
                    yield UsedPackage(function, package, code, layer)

    def _name(self, function: str) -> str:
        runner = self._runners.get(function)
        return (runner.name if runner is not None else "") or function.partition(":function:")[2]
