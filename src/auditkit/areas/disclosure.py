"""A new vulnerability is disclosed: which functions run the package, what sets them off, and what they reach."""

from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

import pandas as pd

from auditkit.advisories import PackageName, name_of_purl, names_of_text, same_version
from auditkit.areas.scene import Scene
from auditkit.areas.versions import live_versions
from auditkit.areas.vulnerable import running, without_list
from auditkit.errors import ExportError
from auditkit.graph.schema import EdgeKind, Sensitivity
from auditkit.inventory import PRINCIPAL_KINDS, Source
from auditkit.inventory.evidence.packages import Package
from auditkit.inventory.records.functions import Function, FunctionConfiguration, FunctionVersion

__all__ = ["WHO_USES_COLUMNS", "Disclosure"]

WHO_USES_COLUMNS = {
    "name": "function",
    "runs": "runs",
    "aliases": "aliases",
    "package": "package",
    "version": "version",
    "found": "known as",
    "layer": "layer",
    "entries": "entries",
    "cost": "cost from outside",
    "stores": "stores",
    "sensitivity": "most sensitive",
}
"""Columns for people, with their headings."""
_SETS_OFF = (EdgeKind.INVOKES, EdgeKind.DELIVERS)
_COLUMNS = [
    *("function", "name", "account", "region", "runs", "in_use", "aliases", "package", "version", "certain", "found"),
    *("layer", "entries", "cost", "stores", "sensitivity", "source"),
]


class _Holder(NamedTuple):
    """Code that holds a package, or runs a layer."""

    function: Function
    code: FunctionConfiguration
    package: str
    version: str
    found: str
    layer: str
    source: Source


class Disclosure:
    """Packages of an account by name; each question is answered from the index.

    Parameters
    ----------
    scene
        What is known of the account.
    """

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    def who_uses(self, package: str) -> pd.DataFrame:
        """Return what runs a package.

        Parameters
        ----------
        package
            Name or package URL, with a version or without: ``"requests"``, ``"requests@2.31.0"``,
            ``"@scope/name@1.0.0"``, ``"org.example:thing"``, ``"pkg:pypi/requests@2.31.0"``; or the ARN of a layer or
            of a version of it.

        Returns
        -------
        pandas.DataFrame
            One row per function, version of it and place of the package: ``function`` (ARN), ``name``,
            ``account``, ``region``, ``runs`` (``"$LATEST"`` or ``"version 3"``), ``in_use`` (bool: ``$LATEST``, or
            something leads to the version), ``aliases``, ``package`` (purl without version), ``version`` (``""`` where
            it is not known), ``certain`` (bool: it is the version that was asked for; false where its version is not
            known), ``found`` (how the package is known), ``layer`` (ARN, ``""`` for its own code), ``entries`` (labels
            of what lets the outside set it off), ``cost`` (steps from outside, infinite where there is no way),
            ``stores`` (labels of the stores it reaches at cost 2), ``sensitivity`` (the highest among them),
            ``source``. ``attrs["asked"]`` is the number of codes that run, ``attrs["without_list"]`` has the names of
            those whose packages are not all known (of a layer, whose users are always known, none), ``attrs["reason"]``
            says so.

        Raises
        ------
        ExportError
            If it is no name of a package.
        """
        is_layer = ":layer:" in package
        if is_layer:
            found, version = [*self._with_layer(package)], ""
        else:
            names, version = names_of_text(package)
            if not names:
                raise ExportError(f"{package!r} is no name of a package, no package URL and no ARN of a layer")
            found = [
                holder
                for name in names
                for holder in self._holders.get(name, ())
                if not version or not holder.version or same_version(name.type, holder.version, version)
            ]
        rows = [self._row(holder, certain=not version or bool(holder.version)) for holder in sorted(found, key=_order)]
        frame = pd.DataFrame(rows, columns=_COLUMNS)
        asked, lacking = self._lists[0], () if is_layer else self.without_list
        frame.attrs["asked"], frame.attrs["without_list"] = asked, lacking
        frame.attrs["reason"] = _reason(asked, len(lacking))
        return frame

    def packages(self) -> pd.DataFrame:
        """Return which packages there are, those that most functions run first.

        Returns
        -------
        pandas.DataFrame
            One row per package and version: ``package`` (purl without version), ``version``, ``functions`` (int64,
            number of functions), ``names`` (of them), ``layers`` (ARNs of layers that bring it along).
        """
        runs: dict[tuple[str, str], set[str]] = {}
        layers: dict[tuple[str, str], set[str]] = {}
        for holder in (holder for holders in self._holders.values() for holder in holders):
            key = (holder.package, holder.version)
            runs.setdefault(key, set()).add(holder.function.name)
            layers.setdefault(key, set()).update({holder.layer} - {""})
        return _counted(runs, layers)

    def layers(self) -> pd.DataFrame:
        """Return which layers there are, those that most functions run first: columns as of :meth:`packages`."""
        runs: dict[tuple[str, str], set[str]] = {}
        for function, code in self._codes:
            for layer in code.layers:
                name, _, number = layer.arn.rpartition(":")
                runs.setdefault((name, number), set()).add(function.name)
        return _counted(runs, {key: {":".join(key)} for key in runs})

    @property
    def asked(self) -> int:
        """Number of codes that run: functions, and versions in use that differ."""
        return self._lists[0]

    @property
    def without_list(self) -> tuple[str, ...]:
        """Names of the functions (and versions in use) whose packages are not all known."""
        return self._lists[1]

    @cached_property
    def _lists(self) -> tuple[int, tuple[str, ...]]:
        """Return how many codes run, and the names of those whose packages are not all listed."""
        found = [one for function in self._scene.functions for one in running(function, self._scene)]
        lacking = [one for one in found if any(True for _ in without_list(one, self._scene))]
        return len(found), tuple(f"{one.function.name} {one.place}".strip() for one in lacking)

    @cached_property
    def _holders(self) -> dict[PackageName, list[_Holder]]:
        found: dict[PackageName, dict[tuple[str, str, str], _Holder]] = {}
        for function, code in self._codes:
            for package, layer in self._packages_of(function, code):
                name = name_of_purl(package.purl)
                if name is not None:
                    told = (package.without_version, package.version, str(package.found), layer, package.source)
                    key = (code.id, package.purl, layer)
                    found.setdefault(name, {}).setdefault(key, _Holder(function, code, *told))
        return {name: list(holders.values()) for name, holders in found.items()}

    @cached_property
    def _codes(self) -> list[tuple[Function, FunctionConfiguration]]:
        """Functions and their published versions."""
        found: list[tuple[Function, FunctionConfiguration]] = [(one, one) for one in self._scene.functions]
        for version in self._scene.inventory.of(FunctionVersion):
            function = self._scene.function_of(version.id)
            if function is not None:
                found.append((function, version))
        return found

    def _packages_of(self, function: Function, code: FunctionConfiguration) -> Iterator[tuple[Package, str]]:
        """Yield the packages of some code, each with the layer that brings it along.

        Where there is no list, what a scanner found wanting is all that is known.
        """
        packages = self._scene.inventory.packages
        known = packages.of(code.id)
        if not known and code.code_sha256 and code.code_sha256 == function.code_sha256:
            known = packages.of(function.id)
        yield from ((used.package, used.layer) for used in known)
        for record in () if known else self._scene.vulnerabilities.get(function.id, ()):
            if {code.id, f"{code.id}:$LATEST"} & set(record.resources):
                yield from ((package, "") for package in record.packages)

    def _with_layer(self, arn: str) -> Iterator[_Holder]:
        for function, code in self._codes:
            for index, layer in enumerate(code.layers):
                name, _, number = layer.arn.rpartition(":")
                if arn in {name, layer.arn}:
                    yield _Holder(function, code, name, number, "attached", layer.arn, code.source.at("Layers", index))

    def _row(self, holder: _Holder, *, certain: bool) -> dict[str, object]:
        function, code, scene = holder.function, holder.code, self._scene
        number = code.version if code is not function else ""
        stores = scene.reach.reached(function.id)
        loot = scene.reach.loot(function.id)
        return {
            "function": function.id,
            "name": function.name,
            "account": function.account,
            "region": function.region,
            "runs": f"version {number}" if number else "$LATEST",
            "in_use": not number or number in self._live(function),
            "aliases": ", ".join(self._aliases(function, number or "$LATEST")),
            "package": holder.package,
            "version": holder.version,
            "certain": certain,
            "found": holder.found,
            "layer": holder.layer,
            "entries": ", ".join(self._entries(function.id)),
            "cost": scene.reach.access(function.id).cost,
            "stores": ", ".join(scene.label(store) for store in stores),
            "sensitivity": _word(loot.sensitivity, unknown=loot.unknown),
            "source": str(holder.source),
        }

    def _live(self, function: Function) -> set[str]:
        return {version.version or "" for version, _ in live_versions(function, self._scene)}

    def _aliases(self, function: Function, number: str) -> list[str]:
        """Return the names of the aliases that lead to a version, by a share of the calls too."""
        return sorted(
            alias.name
            for alias in self._scene.aliases.get(function.id, ())
            if alias.function_version == number
            or (alias.routing_config is not None and alias.routing_config.additional_version_weights.get(number))
        )

    def _entries(self, function: str) -> list[str]:
        """Return the labels of the entries from which events come to a function, over any number of steps."""
        graph = self._scene.graph
        seen, waiting = {function}, [function]
        while waiting:
            for origin, edge in self._scene.into(waiting.pop(), *_SETS_OFF, permitted=False):
                if edge.enabled and origin not in seen and graph.nodes[origin]["kind"] not in PRINCIPAL_KINDS:
                    seen.add(origin)
                    waiting.append(origin)
        return sorted({self._scene.label(node) for node in seen if graph.nodes[node]["entry"] is not None})


def _counted(runs: dict[tuple[str, str], set[str]], layers: dict[tuple[str, str], set[str]]) -> pd.DataFrame:
    """Return a table of what functions run, by its name and version."""
    rows = [(*key, len(names), ", ".join(sorted(names)), ", ".join(sorted(layers[key]))) for key, names in runs.items()]
    rows.sort(key=lambda row: (-row[2], row[:2]))
    frame = pd.DataFrame(rows, columns=["package", "version", "functions", "names", "layers"])
    return frame.astype({"functions": "int64"})


def _order(holder: _Holder) -> tuple[object, ...]:
    return holder.function.id, _number(holder.code), holder.package, holder.version, holder.layer, holder.source


def _number(code: FunctionConfiguration) -> int:
    """Return the number of a version, 0 of ``$LATEST``, so that 10 comes after 9."""
    return int(code.version or 0) if isinstance(code, FunctionVersion) and (code.version or "").isdecimal() else 0


def _word(sensitivity: Sensitivity | None, *, unknown: int) -> str:
    if sensitivity is not None:
        return sensitivity.value
    return Sensitivity.UNKNOWN.value if unknown else ""


def _reason(asked: int, lacking: int) -> str:
    """Return what an empty table means."""
    if not asked:
        return "The export shows no function."
    if lacking:
        return f"Not in what is listed; the packages of {lacking} of {asked} codes that run are not all known."
    return f"None of {asked} codes that run."
