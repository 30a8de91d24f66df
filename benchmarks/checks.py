"""How long the checks of the nine areas take on an estate of any size, beside reading it and connecting its graph.

What is told from them (denial of wallet, perimeter sheets, ownership) is measured against the checks.

The estate is the sample account, as often as it takes: every copy an account of its own, with the same functions,
roles and stores under its own number. ``python benchmarks/checks.py`` measures 1, 4 and 16 copies, ``--copies 80``
one size. Results are JSON Lines on standard output: seconds of the processor, counts, and the checks that took longest.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import auditkit as ak
from auditkit.areas import get_checks, judge
from auditkit.inventory.records.functions import Function

SAMPLE = Path(__file__).resolve().parent.parent / "data" / "samples" / "retailer"
T = TypeVar("T")
OWNER = "111122223333"


def write_estate(folder: Path, copies: int) -> None:
    """Write the sample's export once per account; the first keeps its number."""
    files = {path: path.read_text("utf-8") for path in sorted((SAMPLE / OWNER).rglob("*.json"))}
    for number in range(copies):
        account = OWNER if number == 0 else str(500000000000 + number)
        for path, text in files.items():
            place = folder / account / path.relative_to(SAMPLE / OWNER)
            place = place.with_name(place.name.replace(OWNER, account))
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text.replace(OWNER, account), "utf-8")


def timed(work: Callable[[], T]) -> tuple[T, float]:
    """Return what some work gives, and the seconds of the processor that it took."""
    start = time.process_time()
    return work(), time.process_time() - start


def measure(copies: int, *, each: bool) -> dict[str, object]:
    """Return seconds to read an estate, to connect it, to set the scene for the checks and to judge."""
    with tempfile.TemporaryDirectory() as folder:
        write_estate(Path(folder), copies)
        inventory, read = timed(lambda: ak.read(folder))
    audit = ak.Audit(inventory, date="2026-11-01")
    _, connect = timed(lambda: audit.graph)
    scene, setting = timed(lambda: audit.scene)
    found, judging = timed(lambda: audit.findings)
    row: dict[str, object] = {
        "functions": len(inventory.of(Function)),
        "findings": len(found),
        "read": round(read, 2),
        "connect": round(connect, 2),
        "scene": round(setting, 2),
        "judge": round(judging, 2),
        "judge to connect": round(judging / connect, 2),
    }
    tables: dict[str, Callable[[], object]] = {
        "wallet": lambda: audit.wallet.accounts,
        "perimeters": audit.perimeters.frame,
        "ownership": lambda: audit.ownership,
        "deletable": lambda: audit.deletable,
    }
    row |= {f"{name} to judge": round(timed(work)[1] / judging, 2) for name, work in tables.items()}
    if each:
        spent = {check: timed(lambda check=check: judge(scene, checks=[check]))[1] for check in get_checks()}
        row["slowest"] = {check: round(spent[check], 2) for check in sorted(spent, key=spent.__getitem__)[:-11:-1]}
    return row


def main() -> int:
    """Measure the sizes asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--copies", type=int, nargs="*", default=[1, 4, 16])
    parser.add_argument("--each", action="store_true", help="also the seconds of each check, all before it being known")
    arguments = parser.parse_args()
    for copies in arguments.copies:
        print(json.dumps(measure(copies, each=arguments.each)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
