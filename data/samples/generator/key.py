"""The answer key: a CSV file for programs, and the tables of the README for people."""

import csv
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path

COLUMNS = ("area", "check", "resource", "expected", "note")
AREAS = {
    "appvuln": ("appvuln", "Application vulnerabilities"),
    "deps": ("deps", "Vulnerable dependencies"),
    "dos": ("dos", "Denial of service"),
    "long": ("longlived", "Long-lived compromise"),
    "patch": ("patch", "Unpatched servers"),
    "perim": ("perimeter", "Each function its own perimeter"),
    "rest": ("rest", "Data at rest"),
    "sprawl": ("sprawl", "Explosion of functions"),
    "transit": ("transit", "Data in transit"),
}
TITLES = dict(AREAS.values())
BEGIN, END = "<!-- key: written by generate.py -->\n", "<!-- end of the key -->"


def key_of(rows: Iterable[tuple[str, str, str, str]]) -> list[tuple[str, ...]]:
    """Return the rows of the answer key with their area, sorted."""
    return sorted((AREAS[check.partition(".")[0]][0], check, *rest) for check, *rest in rows)


def write_csv(file: Path, rows: Sequence[tuple[str, ...]]) -> None:
    """Write the answer key for programs."""
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(rows)


def write_tables(readme: Path, rows: Sequence[tuple[str, ...]]) -> None:
    """Put the answer key into a README, between its two marks."""
    before, _, rest = readme.read_text(encoding="utf-8").partition(BEGIN)
    lines = []
    for area, group in groupby(rows, key=lambda row: row[0]):
        lines += ["", f"### {TITLES[area]}", "", "| check | resource | expected | why |", "|---|---|---|---|"]
        lines += [f"| `{check}` | `{resource}` | {expected} | {note} |" for _, check, resource, expected, note in group]
    table = "\n".join([*lines, "", ""])
    readme.write_text(f"{before}{BEGIN}{table}{END}{rest.partition(END)[2]}", encoding="utf-8", newline="\n")
