"""How long the checks of the nine areas take on an estate of any size, beside reading it and connecting its graph.

What is told from them (denial of wallet, perimeter sheets, ownership) is measured against the checks.

The estate is the sample account, as often as it takes: every copy an account of its own, with the same functions,
roles and stores under its own number; or, with ``--one-account``, all copies in one account, with names of their own.
With ``--roles`` it is a made-up account of :mod:`exports`: as many functions as roles, which hold grants in common.
``python benchmarks/checks.py`` measures 1, 4 and 16 copies, ``--copies 82`` one size: 5,002 functions. Results are JSON
Lines on standard output: seconds of the processor, counts, and the checks that took longest.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote, unquote

import auditkit as ak
from auditkit.areas import get_checks, judge
from auditkit.inventory import STORE_KINDS, Kind
from auditkit.inventory.records.functions import Function
from exports import write_export

SAMPLE = Path(__file__).resolve().parent.parent / "data" / "samples" / "retailer"
NAMED = STORE_KINDS | {Kind.FUNCTION, Kind.ROLE, Kind.STATE_MACHINE}
SHARED = re.compile(r"organizations-|lambda-get-account-|budgets-|ce-get-")
"""Calls whose answers are about the account, not about what is in it: one copy of them is enough."""
T = TypeVar("T")
OWNER = "111122223333"
REGIONS = ("eu-west-1", "us-east-1")
KEPT = frozenset({OWNER, *REGIONS, "default", "live"})
ORGANIZED = re.compile(r"lv01|lv4guard7|lv8q3m2x1z|\.zip$|=$")
"""What stays as it is: the organization, and the code, which many may run."""


def write_estate(folder: Path, copies: int) -> None:
    """Write the sample's export once per account, all in one organization; the first keeps its number."""
    accounts = [OWNER, *(str(500000000000 + number) for number in range(1, copies))]
    for number, account in enumerate(accounts):
        renamed = _renamed(number)
        _write_copy(
            folder / account, lambda text, account=account, renamed=renamed: renamed(text).replace(OWNER, account)
        )
        if number:
            for path in (folder / account / "global").glob("organizations-*"):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
    for path in sorted((folder / OWNER / "global").rglob("organizations-*/*.json")):
        _widen(path, accounts)
    _widen(folder / OWNER / "global" / "organizations-list-accounts.json", accounts)


def _widen(path: Path, accounts: list[str]) -> None:
    """Say of all accounts what an answer of the organization says of the first, in it or in one beside it."""
    if path.stem == OWNER:
        for account in accounts[1:]:
            path.with_name(f"{account}.json").write_text(path.read_text("utf-8").replace(OWNER, account), "utf-8")
        return
    answer = json.loads(path.read_text("utf-8"))
    for items in answer.values():
        if isinstance(items, list):
            texts = [json.dumps(item) for item in items]
            items += [json.loads(text.replace(OWNER, one)) for text in texts if OWNER in text for one in accounts[1:]]
    path.write_text(json.dumps(answer), "utf-8")


def write_account(folder: Path, copies: int) -> None:
    """Write the sample's export once per copy, all as one account: what is in them has names of its own."""
    for number in range(copies):
        _write_copy(folder / f"copy-{number:03d}" / OWNER, _renamed(number), whole=not number)


def _renamed(number: int) -> Callable[[str], str]:
    """Return what gives the things of a copy names of their own; those of the first stay."""
    end = f"-c{number:03d}" if number else ""
    return lambda text: _pattern().sub(lambda match: match[0] + end, text)


@cache
def _pattern() -> re.Pattern[str]:
    return re.compile(rf"(?<![\w.-])(?:{'|'.join(map(re.escape, _names()))})(?![\w-])")


def _names() -> list[str]:
    """Return what tells things of the sample apart: names, and what AWS gives out by chance; the longest first."""
    found: set[str] = set()
    for record in ak.samples.load("retailer"):
        if record.account == OWNER:
            found.update(word for word in re.split(r"[:/| ]", record.id) if re.search(r"\d", word))
            found.add(str(getattr(record, "api_id", "")))
            if record.kind in NAMED:
                found |= {record.name.strip("/"), record.id.partition(":secret:")[2]}
    kept = {word for word in found if re.fullmatch(r"[A-Za-z0-9][\w./-]{3,}", word) and word not in KEPT}
    return sorted((word for word in kept if not ORGANIZED.search(word)), key=lambda word: (-len(word), word))


def _write_copy(place: Path, told: Callable[[str], str], *, whole: bool = True) -> None:
    for path in sorted((SAMPLE / OWNER).rglob("*")):
        name = path.relative_to(SAMPLE / OWNER)
        if path.is_dir() or not (whole or not any(SHARED.match(part) for part in name.parts)):
            continue
        target = place / Path(*name.parts[:-1]) / quote(told(unquote(name.parts[-1])), safe=",")
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".json":
            target.write_text(told(path.read_text("utf-8")), "utf-8")
        else:
            shutil.copyfile(path, target)


def timed(work: Callable[[], T]) -> tuple[T, float]:
    """Return what some work gives, and the seconds of the processor that it took."""
    start = time.process_time()
    return work(), time.process_time() - start


def measure(write: Callable[[Path], object], *, each: bool) -> dict[str, object]:
    """Return seconds to read what is written into a folder, to connect it, to set the scene and to judge."""
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder))
        exports = sorted(Path(folder).glob("copy-*")) or [Path(folder)]
        inventory, read = timed(lambda: ak.read(*exports))
    audit = ak.Audit(inventory, date="2026-11-01", advisories=ak.samples.advisories("retailer"))
    _, connect = timed(lambda: audit.graph)
    scene, setting = timed(lambda: audit.scene)
    found, judging = timed(lambda: audit.findings)
    row: dict[str, object] = {
        "accounts": len(audit.graph.graph["accounts"]),
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
    parser.add_argument("--one-account", action="store_true", help="all copies in one account")
    parser.add_argument("--roles", type=int, nargs="*", default=[], help="made-up accounts of so many roles besides")
    arguments = parser.parse_args()
    copied = write_account if arguments.one_account else write_estate
    writers = [partial(copied, copies=copies) for copies in arguments.copies]
    writers += [partial(write_export, roles=roles) for roles in arguments.roles]
    for write in writers:
        print(json.dumps(measure(write, each=arguments.each)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
