"""The same input gives the same bytes, in another process, from another folder, on another day's machine."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent))

from smallexport import write_export

MACHINES = [
    {"PYTHONHASHSEED": "0", "TZ": "UTC", "LC_ALL": "C.UTF-8", "COLUMNS": "80"},
    {"PYTHONHASHSEED": "4242", "TZ": "Asia/Tokyo", "LC_ALL": "C", "COLUMNS": "200"},
]


def content(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    """The report of one export, written by two processes that have nothing in common but it."""
    export = write_export(tmp_path_factory.mktemp("export"))
    found = []
    for machine in MACHINES:
        home = tmp_path_factory.mktemp("home")
        given = [os.path.relpath(export, home), "--out", "report", "--date", "2026-11-01"]
        program = "import sys; from auditkit.cli import main; main(sys.argv[1:])"
        ran = subprocess.run(
            [sys.executable, "-c", program, "report", *given],
            cwd=home,
            env={**os.environ, **machine, "HOME": str(home)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr[-2000:]
        found.append(content(home / "report"))
    return found


def test_two_processes_write_the_same_files(reports):
    one, two = reports
    assert one.keys() == two.keys()
    assert {Path(name).suffix for name in one} == {".html", ".png", ".svg", ".csv", ".graphml"}


@pytest.mark.parametrize("suffix", [".html", ".png", ".svg", ".csv", ".graphml"])
def test_two_processes_write_the_same_bytes(reports, suffix):
    one, two = reports
    assert [name for name in one if name.endswith(suffix) and one[name] != two[name]] == []


def test_no_file_names_the_machine(reports, tmp_path_factory):
    where = str(tmp_path_factory.getbasetemp()).encode()
    assert [name for name, data in reports[0].items() if where in data] == []
