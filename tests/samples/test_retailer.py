import re
import subprocess
import sys
import zipfile
from pathlib import Path, PureWindowsPath

import pytest

from auditkit import samples
from auditkit.errors import ExportError
from auditkit.inventory import CoverageState
from auditkit.inventory.evidence.packages import CodePackage
from auditkit.inventory.records.functions import Function

ROOT = Path(__file__).resolve().parents[2]
AREAS = {"patch", "dos", "longlived", "appvuln", "deps", "rest", "transit", "perimeter", "sprawl"}


def content(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_generator_writes_the_committed_bytes(tmp_path):
    out = tmp_path / "retailer"
    script = ROOT / "data" / "samples" / "generate.py"
    made = subprocess.run(
        [sys.executable, script, "--out", out], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert made.returncode == 0, made.stderr[-4000:]
    committed, found = content(samples.path("retailer")), content(out)
    assert found.keys() == committed.keys()
    assert sorted(name for name in found if found[name] != committed[name]) == []
    key = ROOT / "data" / "samples" / "retailer-key.csv"
    assert (tmp_path / "retailer-key.csv").read_bytes() == key.read_bytes()


def test_everything_is_read_and_nothing_is_missing(retailer):
    assert retailer.not_read == ()
    assert retailer.contradictions == ()
    unseen = [call for call in retailer.coverage if call.state in {CoverageState.MISSING, CoverageState.DENIED}]
    assert unseen == []
    assert [call for call in retailer.coverage if not call.complete] == []


def test_size_is_that_of_a_believable_business(retailer):
    functions = retailer.of(Function)
    assert 40 <= len(functions) <= 60
    assert {function.region for function in functions} == {"eu-west-1", "us-east-1"}
    size = sum(len(data) for data in content(samples.path("retailer")).values())
    assert size < 3_000_000


def test_the_code_that_was_handed_over_is_that_of_the_functions(retailer):
    without = {one.name for one in retailer.of(Function) if not retailer.packages.code_of(one.id)[""]}
    images = {one.name for one in retailer.of(Function) if one.package_type == "Image"}
    assert without - images == {"payments-charge", "payments-refund", "payments-settle"}
    assert all(not code.incomplete for code in retailer.of(CodePackage))
    zips = {name: data for name, data in content(samples.path("retailer")).items() if name.endswith(".zip")}
    assert sum(map(len, zips.values())) < 200_000


def test_the_advisories_are_read_and_each_finds_something(retailer):
    found = samples.advisories("retailer")
    assert not found.not_read
    assert found.types == {"golang", "maven", "npm", "pypi"}
    told = {hit.ids for used in retailer.packages for hit in found.of(used.package)}
    assert len(told) == len(found)


def test_key_names_what_the_inventory_holds(retailer):
    key = samples.key("retailer")
    assert [name for name in key["resource"] if retailer.get(name) is None] == []
    assert not key.duplicated(["check", "resource"]).any()


def test_every_area_has_something_wrong_and_the_worst_have_more():
    key = samples.key("retailer")
    wrong = key[key["expected"] == "fail"]["area"].value_counts()
    assert set(wrong.index) == AREAS
    assert wrong[["transit", "perimeter", "sprawl"]].min() >= 5
    assert set(key["expected"]) == {"fail", "low", "right"}
    assert (key["expected"] == "right").sum() >= 20


def test_readme_shows_the_key_as_it_is():
    text = (ROOT / "data" / "samples" / "README.md").read_text(encoding="utf-8")
    shown = re.findall(r"^\| `([a-z-]+\.[a-z-]+)` \| `([^`]+)` \| (\w+) \| (.+) \|$", text, re.MULTILINE)
    key = samples.key("retailer")
    rows = list(zip(key["check"], key["resource"], key["expected"], key["note"], strict=True))
    assert shown == rows


def test_file_names_are_possible_everywhere():
    for name in content(samples.path("retailer")):
        assert not re.search(r'[<>:"|?*\\]', name)
        assert not any(PureWindowsPath(part).is_reserved() for part in name.split("/"))
        assert len(name) < 240


def test_no_line_ending_or_account_of_the_machine_leaks_in():
    for name, data in content(samples.path("retailer")).items():
        assert b"\r" not in data or name.endswith(".zip"), name
        assert b"123456789012:user" not in data, name
        assert b"127.0.0.1" not in data, name


def test_unknown_name_is_said():
    for read in (samples.load, samples.advisories):
        with pytest.raises(ExportError, match=r"no sample named 'grocer'.*retailer"):
            read("grocer")


def test_names():
    assert samples.names() == ("retailer",)


def test_wheel_holds_the_sample(tmp_path):
    made = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr[-4000:]
    unpacked = tmp_path / "unpacked"
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(unpacked)
    program = "import auditkit.samples as s; print(s.path('retailer')); print(len(s.load('retailer')))"
    ran = subprocess.run(
        [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(unpacked)!r}); {program}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    where, count = ran.stdout.splitlines()
    assert Path(where) == unpacked / "auditkit" / "samples" / "data" / "retailer"
    assert content(Path(where)) == content(samples.path("retailer"))
    assert int(count) == len(samples.load("retailer"))
