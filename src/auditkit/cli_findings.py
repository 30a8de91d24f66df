"""Commands about findings: what the checks say, and how the nine areas stand."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from auditkit._commands import audit_of, case_option, date_option, format_option, osv_option, scan_option, with_exports

if TYPE_CHECKING:
    import pandas as pd

    from auditkit.areas import Finding
    from auditkit.audit import Audit
    from auditkit.inventory import Coverage, Inventory

__all__ = ["COMMANDS"]

_AREAS = ["patch", "dos", "longlived", "appvuln", "deps", "rest", "transit", "perimeter", "sprawl"]
_SEVERITIES = ["info", "low", "medium", "high", "critical"]
_VERDICTS = ["FAIL", "WARN", "UNKNOWN", "PASS", "N/A"]
_FORMATS = ["table", "jsonl", "csv", "sarif"]

_TOO_SEVERE = 4
"""Exit code where ``--fail-on`` found something."""


@click.command()
@with_exports
@click.option("--area", "areas", multiple=True, type=click.Choice(_AREAS), help="Only this area; may be repeated.")
@click.option("--severity", default="info", type=click.Choice(_SEVERITIES), help="Least severity.")
@click.option("--check", "checks", multiple=True, metavar="ID", help="Only this check; may be repeated.")
@click.option("--resource", default="", help="Only resources with this in their ARN or name.")
@click.option("--mapping", default="", metavar="ID", help="Only checks mapped to this control (Lambda.2, CWE-306 ...).")
@click.option(
    "--verdict",
    "verdicts",
    multiple=True,
    type=click.Choice(_VERDICTS),
    help="Verdicts to list; FAIL and WARN by default.",
)
@click.option("--fail-on", type=click.Choice(_SEVERITIES), help="Exit with 4 where a FAIL is at least so severe.")
@click.option(
    "--format",
    "form",
    type=click.Choice(_FORMATS),
    default="table",
    show_default=True,
    help="For people, or for programs.",
)
@date_option
@osv_option
@case_option
@scan_option
@click.option("--gain", is_flag=True, help="Tell what the fix of each finding would gain: the risk removed (dR).")
def findings(
    inventory: Inventory,
    *,
    areas: tuple[str, ...],
    severity: str,
    checks: tuple[str, ...],
    resource: str,
    mapping: str,
    verdicts: tuple[str, ...],
    fail_on: str | None,
    form: str,
    date: str,
    osv: Path | None,
    case: Path | None,
    gain: bool,
) -> None:
    """List what the checks of the nine areas found, worst first.

    \b
    Examples:
      auditkit findings client-export/ --date 2026-01-31
      auditkit findings client-export/ --area perimeter --severity high
      auditkit findings client-export/ --area deps --osv osv/
      auditkit findings client-export/ --case case.yaml --date 2026-01-31
      auditkit findings client-export/ --gain --format jsonl
      auditkit findings client-export/ --area appvuln --scan-code
      auditkit findings client-export/ --format sarif --fail-on high > findings.sarif

    What the case waives is listed and says so; --fail-on does not count it while the waiver is in force.
    """  # noqa: D301 -- \b is click's mark for text that is not wrapped
    from auditkit.areas import Area, Severity, Verdict, chosen

    audit = audit_of(inventory, date, osv=osv, case=case)
    found = _judged(audit, checks)
    wanted = [Verdict(verdict) for verdict in verdicts or ("FAIL", "WARN")]
    of = partial(chosen, found, areas=[Area(area) for area in areas], resource=resource, mapping=mapping)
    listed = of(verdicts=wanted, least=Severity[severity.upper()])
    _print(audit, listed, form, gain=gain)
    if Verdict.UNKNOWN not in wanted:
        known = {one.check for one in found if one.kind and one.verdict is not Verdict.UNKNOWN}
        _tell_unknown(audit, of(verdicts=[Verdict.UNKNOWN]), known)
    _tell_case(audit, found, checks)
    bad = chosen(listed, verdicts=[Verdict.FAIL], least=Severity[fail_on.upper()]) if fail_on else ()
    if any(finding.is_open for finding in bad):
        sys.exit(_TOO_SEVERE)


def _judged(audit: Audit, checks: tuple[str, ...]) -> tuple[Finding, ...]:
    from auditkit.areas import get_checks, judge

    unknown = sorted(set(checks) - set(get_checks()))
    if unknown:
        raise click.BadParameter(f"there is no check {', '.join(unknown)}", param_hint="--check")
    return judge(audit.scene, checks=checks or None)


def _tell_unknown(audit: Audit, unknown: tuple[Finding, ...], known: set[str]) -> None:
    """Say on standard error what the list does not hold because it is not known: it did not pass either.

    ``known`` are the checks that answer for something that was seen.
    """
    from auditkit._output import note
    from auditkit.areas import gaps_frame

    if unknown:
        note(f"not known: {len(unknown)} answers; --verdict UNKNOWN lists them with what is missing")
    checks = _by_check(gaps_frame(audit.inventory.coverage), audit.inventory.coverage)
    if len(checks):
        never = len(set(checks["check"]) - known)
        none = f", {never} of which have no answer at all" if never else ""
        note(
            f"not seen: what {len(checks)} checks need to answer for everything{none}; `auditkit coverage` lists the "
            "calls to ask for"
        )


def _tell_case(audit: Audit, found: tuple[Finding, ...], checks: tuple[str, ...]) -> None:
    """Say on standard error what of the case does not hold, and what it leaves out."""
    from auditkit._output import note
    from auditkit.areas import waivers_frame

    if audit.case is None:
        return
    for row in waivers_frame(found, audit.case, audit.date).to_dict("records"):
        if row["note"] and (not checks or row["check"] in checks):
            where = f"{audit.case.file}: line {row['line']}"
            note(f"{where}: waiver of {row['check']} for {row['resource']}: {row['state']}; {row['note']}")
    _tell_left_out(audit)


def _tell_left_out(audit: Audit) -> None:
    from auditkit._output import note

    if audit.case is not None and audit.case.scope:
        note(f"{audit.case.file}: {len(audit.left_out)} resources are out of scope and were not judged")


def _print(audit: Audit, listed: tuple[Finding, ...], form: str, *, gain: bool) -> None:
    from auditkit import __version__
    from auditkit._output import Format, print_table, quiet
    from auditkit.areas import GAIN_COLUMNS, finding_columns, findings_frame, to_sarif, with_gains

    if form == "sarif":
        quiet()
        sys.stdout.write(to_sarif(listed, version=__version__))
    else:
        frame = findings_frame(listed)
        columns = finding_columns(frame)
        if gain:
            frame, columns = with_gains(frame, listed, audit.gains_of(listed)), columns | GAIN_COLUMNS
        print_table(frame, Format(form), columns=columns)


@click.command()
@with_exports
@format_option
@date_option
@osv_option
@scan_option
@case_option
def glance(inventory: Inventory, *, form: str, date: str, osv: Path | None, case: Path | None) -> None:
    """Show how the nine areas stand, and what to do first.

    Risk removed is by how much the exposures of all stores fall, summed, with the fixes of a check, after those above.

    \b
    Example:
      auditkit glance client-export/ --date 2026-01-31
    """  # noqa: D301
    from auditkit._output import Format, print_table
    from auditkit.areas import FIRST_COLUMNS, GLANCE_COLUMNS, glance

    audit = audit_of(inventory, date, osv=osv, case=case)
    print_table(glance(audit.findings), Format(form), columns=GLANCE_COLUMNS)
    if form == "table":
        print_table(audit.first(), Format.TABLE, columns=FIRST_COLUMNS, title="To do first")


@click.command()
@with_exports
@case_option
@format_option
def coverage(inventory: Inventory, *, case: Path | None, form: str) -> None:
    """List the checks that this export cannot answer, and the calls to ask the client for.

    For programs: one row per check, call, account and region. Calls that list what is judged leave a check without any
    answer; of the others it lacks a part. Accounts and regions that a case leaves out of scope are not asked for.

    \b
    Example:
      auditkit coverage client-export/
    """  # noqa: D301
    from auditkit._output import Format, print_table
    from auditkit.areas import ASK_COLUMNS, GAP_COLUMNS, gaps_frame, gaps_in_scope, to_ask

    audit = audit_of(inventory, case=case)
    gaps = gaps_frame(inventory.coverage)
    if audit.case is not None and audit.case.scope:
        gaps = gaps_in_scope(gaps, audit.scoping)
        _tell_left_out(audit)
    if form != "table":
        print_table(gaps, Format(form), columns=GAP_COLUMNS)
        return
    print_table(_by_check(gaps, inventory.coverage), Format.TABLE, title="Checks that the export leaves open")
    if not gaps.empty:
        print_table(to_ask(gaps), Format.TABLE, columns=ASK_COLUMNS, title="To ask the client for")
    print_table(inventory.side_inputs.frame(), Format.TABLE, title="Evidence beside the configuration")


def _by_check(gaps: pd.DataFrame, coverage: Coverage) -> pd.DataFrame:
    import pandas as pd

    from auditkit.areas import get_check, is_answered

    rows = []
    for (area, check), part in gaps.groupby(["area", "check"], sort=False):
        answered = "in part" if is_answered(get_check(str(check)), coverage) else "no"
        rows.append((area, check, answered, tuple(sorted(set(part["region"]))), tuple(part["call"].drop_duplicates())))
    frame = pd.DataFrame(rows, columns=["area", "check", "answered", "in", "without"])
    frame.attrs["reason"] = gaps.attrs["reason"]
    return frame


COMMANDS = (coverage, findings, glance)
