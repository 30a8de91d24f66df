"""The perimeter of a function on one sheet, and those of many functions as one table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from html import escape

import msgspec
import pandas as pd

from auditkit.areas._held import held_by
from auditkit.areas.frame import FINDING_COLUMNS, findings_frame
from auditkit.areas.judging import judge
from auditkit.areas.model import Finding, Severity
from auditkit.areas.rules.privileges import used_by
from auditkit.areas.scene import Scene, is_given, not_decided
from auditkit.areas.sheets.answers import NO, UNKNOWN, YES, Answered, Line
from auditkit.areas.sheets.columns import LINE_COLUMNS, MAY_COLUMNS, SUMMARY_NAMES, WAY_COLUMNS
from auditkit.areas.sheets.parts import lines_of
from auditkit.areas.sheets.ways import Way, ways_into
from auditkit.case import Case, CaseFile, decisions_of
from auditkit.cells import cell_text
from auditkit.errors import GraphError
from auditkit.graph.connect import connect
from auditkit.graph.schema import Graph
from auditkit.inventory import Inventory, Kind, Source
from auditkit.inventory.records.functions import Function
from auditkit.shown import NO_MATH

__all__ = ["Perimeter", "Perimeters", "perimeter"]

_SHOWN = 40
_FINDING = ("severity", "verdict", "check", "label", "place", "reason", "source")
_RANKS = {"restricted": 0, "confidential": 1, "unknown": 2, "internal": 3, "public": 4}
_LONG = ["function", "label", *LINE_COLUMNS]


class Perimeter:
    """The perimeter of one function: every way in, what is asked there, and what stands behind it.

    It shows itself in a notebook. Every answer is *yes*, *no*, or *unknown* with what is missing.

    Parameters
    ----------
    scene
        Inventory, graph and case.
    function
        The function.
    answered
        What the checks said.
    """

    def __init__(self, scene: Scene, function: Function, answered: Answered) -> None:
        self._scene = scene
        self._answered = answered
        self.record = function
        self.function = function.id
        self.label = function.name
        self.ways: tuple[Way, ...] = ways_into(scene, function, answered)

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """The lines of the sheet, by part."""
        return lines_of(self._scene, self.record, self.ways, self._answered)

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """Failures and warnings on the function, its role, and its routes, gravest first."""
        routes = [way.origin for way in self.ways if way.configured and way.kind != str(Kind.INTERNET)]
        return tuple(self._answered.bad([self.function, self.record.role or "", *routes]))

    @property
    def unknown(self) -> tuple[str, ...]:
        """What the export lacks, of all that is unknown here."""
        lines = {text for line in self.lines if line.answer == UNKNOWN for text in line.missing}
        return tuple(sorted(lines | {text for way in self.ways for text in way.missing}))

    def ways_frame(self) -> pd.DataFrame:
        """Return the ways in: a column for each attribute of a way, and ``source``, the first of its sources."""
        columns = [*Way.__struct_fields__, "source"]
        rows = [[*msgspec.structs.astuple(way), _first(way.sources)] for way in self.ways]
        return _reasoned(pd.DataFrame(rows, columns=columns), "No way in was seen.")

    def may_frame(self) -> pd.DataFrame:
        """Return what its role may do to stores.

        Returns
        -------
        pandas.DataFrame
            One row per store, the most sensitive first and log groups last: ``store`` (id), ``label``, ``kind``,
            ``sensitivity``, ``access`` (levels), ``given`` (``"yes"``, or ``"unknown"`` where it hangs on something),
            ``used`` (``"yes"`` where it is seen, set up or named to use it; else ``"unknown"``, as code may),
            ``missing``, ``source``.
        """
        rows = sorted(self._may(), key=_by_sensitivity)
        columns = ["store", "label", "kind", "sensitivity", "access", "given", "used", "missing", "source"]
        reason = "Its role gives it no data, as far as policies were seen."
        return _reasoned(pd.DataFrame(rows, columns=columns), reason)

    def _may(self) -> Iterator[dict[str, object]]:
        used = used_by(self._scene, self.record)
        held, neighbours = held_by(self._scene, self.record.id, self.record.role or ""), self._scene.neighbours
        for place, store in zip(held.places.tolist(), neighbours.ids(held.places.tolist()), strict=True):
            node, edges = neighbours.at(place), held.on(place)
            sensitivity = node.sensitivity
            yield {
                "store": store,
                "label": str(node.label),
                "kind": str(node.kind),
                "sensitivity": sensitivity.value if sensitivity is not None else "",
                "access": tuple(sorted({str(edge.access) for edge in edges})),
                "given": YES if any(is_given(edge) for edge in edges) else UNKNOWN,
                "used": YES if store in used else UNKNOWN,
                "missing": not_decided(edges),
                "source": _first(edges[0].sources),
            }

    def findings_frame(self) -> pd.DataFrame:
        """Return :attr:`findings` as a table (:func:`auditkit.areas.findings_frame`)."""
        return findings_frame(self.findings)

    def frame(self) -> pd.DataFrame:
        """Return the whole sheet as one table.

        Returns
        -------
        pandas.DataFrame
            ``function`` (ARN), ``label``, ``part``, ``what``, ``answer``, ``detail``, ``missing`` (tuple of str),
            ``source``; ways in first, then the other parts, then findings.
        """
        lines = [*map(_of_way, self.ways), *self.lines, *map(_of_finding, self.findings)]
        rows = [
            (self.function, self.label, one.part, one.what, one.answer, one.detail, one.missing, _first(one.sources))
            for one in lines
        ]
        return pd.DataFrame(rows, columns=_LONG)

    def answer(self, what: str) -> str:
        """Return the gravest answer to a question of the sheet: *yes* before *unknown* before *no*; ``""`` for none."""
        answers = {line.answer for line in self.lines if line.what == what or line.what.startswith(f"{what} (")}
        return next((one for one in (YES, UNKNOWN, NO) if one in answers), "")

    def summary(self) -> dict[str, object]:
        """Return the sheet as one row (:meth:`Perimeters.summary`)."""
        outside = [way for way in self.ways if way.outside and way.enabled]
        worst = self.findings[0].severity if self.findings else None
        return {
            "function": self.function,
            "label": self.label,
            "ways": len(self.ways),
            "outside": len(outside),
            "open": sum(way.authenticated == NO for way in outside),
            "unsure": sum(way.authenticated == UNKNOWN for way in outside),
            "unchecked": sum(way.validated != YES for way in outside),
            "admin": self.answer("it is, or leads to, an administrator"),
            "direct": self.answer("principals may invoke it directly"),
            "changed": self.answer("others may change it"),
            "secrets": self.answer("secrets in variables"),
            "findings": len(self.findings),
            "worst": "" if worst is None else str(worst),
            "unknown": len(self.unknown),
        }

    def __repr__(self) -> str:
        """Return how many ways lead in, and how many of them are open."""
        outside = [way for way in self.ways if way.outside]
        open_ = sum(way.authenticated == NO for way in outside)
        return (
            f"<Perimeter of {self.label}: {len(self.ways)} ways in, {len(outside)} from outside, {open_} of them "
            f"without authentication; {len(self.findings)} findings; {len(self.unknown)} things not known>"
        )

    def _repr_html_(self) -> str:
        """Return the sheet as HTML, its long tables cut."""
        lines = pd.DataFrame(
            [(one.part, one.what, one.answer, one.detail, one.missing, _first(one.sources)) for one in self.lines],
            columns=[*LINE_COLUMNS],
        )
        tables = (
            ("Ways in", self.ways_frame(), WAY_COLUMNS),
            ("Behind it", lines, LINE_COLUMNS),
            ("What its role may do to data", self.may_frame(), MAY_COLUMNS),
            ("Findings", self.findings_frame(), {name: FINDING_COLUMNS[name] for name in _FINDING}),
        )
        parts = [f"<h3>Perimeter of {escape(cell_text(self.label))}</h3><p>{escape(cell_text(self.function))}</p>"]
        parts += [_table(title, frame, columns) for title, frame, columns in tables]
        if self.unknown:
            parts.append(f"<p><b>Not known:</b> {escape(cell_text(self.unknown))}</p>")
        return f'<div class="{NO_MATH}">{"".join(parts)}</div>'


class Perimeters:
    """The sheets of the functions that are in scope, each worked out when it is asked for.

    Parameters
    ----------
    scene
        Inventory, graph and case.
    findings
        Of :func:`auditkit.areas.judge` on that scene; all checks are asked by default.
    """

    def __init__(self, scene: Scene, findings: Iterable[Finding] | None = None) -> None:
        self._scene = scene
        self._answered = Answered(judge(scene) if findings is None else findings)
        self._functions = {one.id: one for one in scene.functions if not scene.scoping.why_out(one.id)}

    def __len__(self) -> int:
        """Return the number of functions."""
        return len(self._functions)

    def __iter__(self) -> Iterator[Perimeter]:
        """Iterate over all sheets, by ARN."""
        return (self[function] for function in self._functions)

    def __getitem__(self, function: str) -> Perimeter:
        """Return the sheet of a function, by ARN or name.

        Raises
        ------
        GraphError
            There is no such function in scope, or there are several of the name; the message says why, or names what
            comes near.
        """
        if function in self._functions:
            return Perimeter(self._scene, self._functions[function], self._answered)
        named = [one for one in self._functions.values() if one.name == function]
        if len(named) == 1:
            return Perimeter(self._scene, named[0], self._answered)
        if named:
            arns = ", ".join(one.id for one in named)
            raise GraphError(f"{function!r} names {len(named)} functions; give the ARN of one: {arns}")
        for one in self._scene.functions:
            if function in {one.id, one.name} and (why := self._scene.scoping.why_out(one.id)):
                raise GraphError(f"function {function!r} is not in scope: {why}")
        near = [one.name for one in self._functions.values() if function.lower() in one.id.lower()][:5]
        hint = f"; near it: {', '.join(near)}" if near else ""
        raise GraphError(f"there is no function {function!r}{hint}")

    def summary(self) -> pd.DataFrame:
        """Return a row for each function, the most open first.

        Returns
        -------
        pandas.DataFrame
            ``function`` (ARN), ``label``, ``ways`` (number of ways in), ``outside`` (of them from outside and switched
            on), ``open`` (of those without authentication), ``unsure`` (where that is not known), ``unchecked`` (where
            what is sent is not known to be checked), ``admin``, ``direct``, ``changed``, ``secrets`` (``"yes"``,
            ``"no"``, ``"unknown"``: its role is or leads to an administrator, principals may invoke it directly, others
            may change its code, secrets stand in its environment), ``findings``, ``worst`` (severity), ``unknown``
            (number of things that are not known).
        """
        frame = pd.DataFrame(self._summaries, columns=[*SUMMARY_NAMES])
        frame["grave"] = [Severity[one.upper()] + 1 if one else 0 for one in frame["worst"]]
        frame = frame.sort_values(
            ["open", "unsure", "outside", "grave", "function"], ascending=[False, False, False, False, True],
            kind="stable", ignore_index=True,
        )  # fmt: skip
        return _reasoned(frame.drop(columns="grave"), "The export shows no function.")

    @cached_property
    def _summaries(self) -> list[dict[str, object]]:
        return [sheet.summary() for sheet in self]

    def frame(self) -> pd.DataFrame:
        """Return all sheets as one table (:meth:`Perimeter.frame`)."""
        frames = [sheet.frame() for sheet in self]
        frame = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=_LONG)
        return _reasoned(frame, "The export shows no function.")


def perimeter(
    inventory: Inventory,
    function: str,
    *,
    graph: Graph | None = None,
    date: str = "",
    case: Case | CaseFile | None = None,
) -> Perimeter:
    """Return the perimeter sheet of a function: every way in, and what stands behind it.

    Parameters
    ----------
    inventory
        Records of one or more accounts.
    function
        ARN or name.
    graph
        The inventory's graph; connected by default.
    date
        Audit date, ``YYYY-MM-DD``, by which runtimes and ages are judged.
    case
        Decisions of the audit, or their file.

    Raises
    ------
    GraphError
        There is no such function, or there are several of the name.
    """
    decided = decisions_of(case) if case is not None else None
    connected = graph if graph is not None else connect(inventory, case=decided)
    return Perimeters(Scene(inventory, connected, date=date, case=decided))[function]


def _of_way(way: Way) -> Line:
    said = [f"{way.who}"] if way.outside else []
    said += [way.authentication, f"checked before code runs: {way.validated} ({way.validation})"]
    said += [] if way.enabled else ["switched off"]
    said += [] if way.configured else ["permitted, not set up"]
    said += [f"only if {', '.join(way.conditions)}"] if way.conditions else []
    return Line(
        part="ways in", what=f"{way.kind} {way.label}: callers are authenticated", answer=way.authenticated,
        detail="; ".join(text for text in said if text), missing=way.missing, sources=way.sources,
    )  # fmt: skip


def _of_finding(finding: Finding) -> Line:
    place = f" ({finding.place})" if finding.place else ""
    return Line(
        part="findings", what=f"{finding.check}{place}",
        detail=f"{finding.severity}: {finding.label}: {finding.reason}", sources=finding.sources,
    )  # fmt: skip


def _by_sensitivity(row: dict[str, object]) -> tuple[object, ...]:
    rank = _RANKS.get(str(row["sensitivity"]), len(_RANKS))
    return row["kind"] == str(Kind.LOG_GROUP), rank, str(row["label"]), str(row["store"])


def _first(sources: tuple[Source, ...]) -> str:
    return str(sources[0]) if sources else ""


def _reasoned(frame: pd.DataFrame, reason: str) -> pd.DataFrame:
    frame.attrs["reason"] = reason if frame.empty else ""
    return frame


def _table(title: str, frame: pd.DataFrame, columns: dict[str, str]) -> str:
    if frame.empty:
        return f"<h4>{escape(title)}</h4><p>{escape(str(frame.attrs.get('reason') or 'None.'))}</p>"
    head = "".join(f"<th>{escape(columns[name])}</th>" for name in columns)
    rows = frame[[*columns]].head(_SHOWN).itertuples(index=False)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell_text(cell))}</td>" for cell in row) + "</tr>" for row in rows)
    more = f"<p>{len(frame) - _SHOWN} more.</p>" if len(frame) > _SHOWN else ""
    return f"<h4>{escape(title)}</h4><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}"
