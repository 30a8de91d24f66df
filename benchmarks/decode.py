"""Speed and memory of reading authorization details, against decoding the same file with ``json.load``.

``python benchmarks/decode.py [--roles 5900]`` makes an account (``accounts.py``), and measures each of: ``json.load``,
``msgspec`` into plain objects, the reader, which checks every document and keeps it, and ``auditkit.read``, which finds
out first what the file is. Each runs in a process of its own, the collector of garbage as Python has it; the best of
three counts. Memory is the peak above that of the process before it opened the file.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from auditkit.exports import read
from auditkit.exports._reading import Reading
from auditkit.exports.gaad import read_details
from auditkit.inventory import Source

MEGA = 1e6
ROUNDS = 3


def _read(path: Path) -> object:
    reading = Reading()
    read_details(path.read_bytes(), Source(path.name), "", reading)
    return reading


def _load(path: Path) -> object:
    with path.open("rb") as file:
        return json.load(file)


WAYS: dict[str, Callable[[Path], object]] = {
    "`json.load`": _load,
    "msgspec, plain objects": lambda path: msgspec.json.decode(path.read_bytes()),
    "auditkit, checked and kept": _read,
    "`auditkit.read`": read,
}


def peak() -> float:
    """Return the most memory that this process has held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / MEGA


def measure(way: str, path: Path) -> tuple[float, float]:
    """Return seconds of the processor and MB above what the process held before."""
    before, start = peak(), time.process_time()
    kept = WAYS[way](path)
    seconds = time.process_time() - start
    assert kept is not None
    return seconds, peak() - before


def main() -> None:
    """Make the account, measure, and print a table for the README."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--roles", type=int, default=5900)
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.way:
        print(*measure(chosen.way, chosen.file))
        return
    with tempfile.TemporaryDirectory() as folder:
        maker = Path(__file__).with_name("accounts.py")
        subprocess.run(
            [sys.executable, str(maker), folder, "--roles", str(chosen.roles)], check=True, stdout=subprocess.DEVNULL
        )
        path = Path(folder) / "authorization-details.json"
        print(
            f"{path.stat().st_size / MEGA:.0f} MB\n\n| | s | times faster | MB above the process |\n|---|---|---|---|"
        )
        base = 0.0
        for way in WAYS:
            command = [sys.executable, __file__, "--way", way, "--file", str(path)]
            found = [
                [
                    float(part)
                    for part in subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
                ]
                for _ in range(ROUNDS)
            ]
            seconds, memory = min(pair[0] for pair in found), max(pair[1] for pair in found)
            base = base or seconds
            print(f"| {way} | {seconds:.2f} | {base / seconds:.1f} | {memory:.0f} |")


if __name__ == "__main__":
    main()
