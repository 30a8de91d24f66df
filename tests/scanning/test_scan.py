"""Scans of the code in an export: what is found, for whom, and what is said where a scanner cannot be trusted."""

import json
import sys
import zipfile

import pytest

from auditkit import Audit, read, scan_code
from auditkit.areas import Severity, judge
from auditkit.inventory.evidence.weaknesses import CodeScan, Rating, ScanResult
from auditkit.scanning import CodeLimits
from auditkit.scanning import scan as scanning
from auditkit.scanning.running import ScannerError, run
from auditkit.scanning.scanners import SCANNERS, Hit, Scanner

ACCOUNT = "111122223333"
SECRET = "hunter2-is-not-a-real-one"
WEAK = f"""PASSWORD = "{SECRET}"  # pragma: allowlist secret


def handler(event, context):
    return eval(event)  # nosec
"""
CALM = "def handler(event, context):\n    return len(event)\n"
LAYER = f"arn:aws:lambda:eu-west-1:{ACCOUNT}:layer:common:1"


@pytest.fixture
def export(tmp_path):
    """Return what writes an export of functions with their code, and reads it."""

    def make(runtime="python3.13", layer=None, **codes):
        place = tmp_path / "export" / ACCOUNT / "eu-west-1"
        (place / "lambda-code").mkdir(parents=True)
        listed = [
            {
                "FunctionName": name,
                "FunctionArn": arn(name),
                "Runtime": runtime,
                "Role": f"arn:aws:iam::{ACCOUNT}:role/{name}",
                "PackageType": "Zip",
                "Layers": [{"Arn": LAYER}] if layer is not None else [],
            }
            for name in codes
        ]
        (place / "lambda-list-functions.json").write_text(json.dumps({"Functions": listed}), "utf-8")
        (place / "inspector2-list-coverage.json").write_text('{"coveredResources": []}', "utf-8")
        for name, files in codes.items():
            write_zip(place / "lambda-code" / f"{name}.zip", files)
        if layer:
            (place / "layer-code").mkdir()
            write_zip(place / "layer-code" / "common,1.zip", layer)
            version = {"LayerVersions": [{"LayerVersionArn": LAYER, "Version": 1}]}
            (place / "lambda-list-layer-versions").mkdir()
            (place / "lambda-list-layer-versions" / "common.json").write_text(json.dumps(version), "utf-8")
        return tmp_path / "export"

    return make


def arn(name):
    return f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:{name}"


def write_zip(path, files):
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in (files if isinstance(files, dict) else {"app.py": files}).items():
            archive.writestr(name, text)


def scanned(folder, **options):
    return scan_code(read(folder), folder, **options)


def verdicts(inventory, check):
    found = judge(Audit(inventory).scene, checks=[check])
    return {item.label: str(item.verdict) for item in found if item.kind == "function"}


def rules(inventory, name="f"):
    return {(one.tool, one.rule) for one in inventory.of(ScanResult) if arn(name) in one.resources}


def test_weaknesses_secrets_and_patterns_are_found_in_spite_of_marks_to_be_silent(export):
    found = scanned(export(f=WEAK, g=CALM, h="import re\n\nre.match('(a+)+$', input())\n"))
    assert {("bandit", "B307"), ("bandit", "B105"), ("detect-secrets", "Secret Keyword")} <= rules(found)
    assert rules(found, "g") == set()
    assert ("dlint", "DUO138") in rules(found, "h")
    assert verdicts(found, "appvuln.code-findings") == {"f": "FAIL", "g": "PASS", "h": "FAIL"}
    assert verdicts(found, "appvuln.code-scan") == {"f": "PASS", "g": "PASS", "h": "PASS"}


def test_nothing_of_the_code_is_kept(export):
    found = scanned(export(f=WEAK))
    said = repr([*found.of(ScanResult), *found.of(CodeScan)])
    assert SECRET not in said
    assert "eval(event)" not in said
    (secret,) = [one for one in found.of(ScanResult) if one.tool == "detect-secrets"]
    assert [(place.path, place.line) for place in secret.places] == [("app.py", 1)]
    assert "digest" in secret.message


def test_the_code_is_not_executed(export, tmp_path):
    mark = tmp_path / "executed"
    code = f"open({str(mark)!r}, 'w').close()\n"
    files = {"app.py": code, "bandit.py": code, "sitecustomize.py": code, "dlint/__init__.py": code, "setup.cfg": code}
    found = scanned(export(f=files))
    assert not mark.exists()
    assert not any(scan.incomplete for scan in found.of(CodeScan))


def test_settings_in_the_code_do_not_bind_the_scanners(export):
    files = {
        "app.py": WEAK,
        ".bandit": "[bandit]\nskips: B307,B105\n",
        "pyproject.toml": "[tool.bandit]\nskips = ['B307']\n",
    }
    assert ("bandit", "B307") in rules(scanned(export(f=files)))


def test_the_same_code_is_scanned_once_and_counts_for_all_that_run_it(export):
    found = scanned(export(f=WEAK, g=WEAK))
    assert len({one.id for one in found.of(CodeScan)}) == len(SCANNERS)
    assert rules(found, "f") == rules(found, "g") != set()


def test_code_of_a_layer_counts_for_its_functions(export):
    found = scanned(export(layer={"python/common.py": WEAK}, f=CALM))
    assert verdicts(found, "appvuln.code-findings") == {"f": "FAIL"}


def test_code_that_was_not_seen_is_unknown(export):
    found = scanned(export(layer={}, f=CALM))
    assert verdicts(found, "appvuln.code-findings") == {"f": "UNKNOWN"}


def test_installed_packages_and_lock_files_are_not_scanned(export):
    files = {
        "app.py": CALM,
        "dep/__init__.py": WEAK,
        "dep-1.dist-info/RECORD": "dep/__init__.py,,\n",
        "node_modules/x/config.py": WEAK,
        "package-lock.json": json.dumps({"integrity": f"sha512-{'aB3' * 20}", "password": SECRET}),
    }
    assert rules(scanned(export(f=files))) == set()


def test_a_language_without_a_scanner_does_not_pass(export):
    found = scanned(export(runtime="nodejs22.x", f={"index.js": "exports.handler = () => 1;\n"}))
    assert verdicts(found, "appvuln.code-findings") == {"f": "UNKNOWN"}
    assert verdicts(found, "appvuln.code-scan") == {"f": "UNKNOWN"}


def test_code_that_cannot_be_parsed_is_unknown(export):
    assert verdicts(scanned(export(f="print 'two'\n")), "appvuln.code-findings") == {"f": "UNKNOWN"}


def test_without_code_packages_nothing_changes(export):
    folder = export(f=CALM)
    for path in folder.rglob("*.zip"):
        path.unlink()
    found = scanned(folder)
    assert not found.of(CodeScan)
    assert verdicts(found, "appvuln.code-findings") == {"f": "UNKNOWN"}


def test_too_much_is_said(export):
    found = scanned(export(f={"a.py": CALM, "b.py": CALM * 100}), limits=CodeLimits(file_bytes=500))
    assert verdicts(found, "appvuln.code-findings") == {"f": "UNKNOWN"}
    assert all("more, or larger" in scan.incomplete for scan in found.of(CodeScan))


# ------------------------------------------------------------------ bad scanners


def program(text, results=None):
    def arguments(folder, listed):
        return [str(program.path), folder, listed]

    program.path.write_text(text, "utf-8")
    return Scanner("odd", "pytest", "nothing", (), arguments, results or (lambda _: iter(())))


@pytest.fixture(autouse=True)
def _where(tmp_path):
    program.path = tmp_path / "odd.py"


BAD = {
    "a crash": "raise KeyError('hunter2')",
    "an exit": "import sys\nsys.exit(7)",
    "a signal": "import os\nos.kill(os.getpid(), 9)",
    "time": "import time\nwhile True: time.sleep(1)",
    "output": "import sys\nwhile True: sys.stdout.write('x' * 65536)",
}


@pytest.mark.skipif(sys.platform == "win32", reason="signals and limits of POSIX")
@pytest.mark.parametrize("text", BAD.values(), ids=BAD.keys())
def test_a_scanner_that_fails_is_unknown(text, export):
    limits = CodeLimits(seconds=2, output=1 << 20)
    found = scanned(export(f=CALM), scanners=[program(text)], limits=limits)
    assert verdicts(found, "appvuln.code-findings") == {"f": "UNKNOWN"}
    (scan,) = found.of(CodeScan)
    assert scan.incomplete
    assert "hunter2" not in scan.incomplete


@pytest.mark.skipif(sys.platform in {"win32", "darwin"}, reason="the address space is bounded on Linux alone")
def test_memory_is_bounded(tmp_path):
    program("x = bytearray(3 << 30)")
    with pytest.raises(ScannerError, match="MemoryError"):
        run([str(program.path)], tmp_path, CodeLimits(memory=1 << 30))


def test_one_package_that_breaks_a_scanner_spoils_no_other(export):
    breaks = (
        "import pathlib, sys\n"
        "text = ''.join(p.read_text() for p in pathlib.Path(sys.argv[1]).iterdir())\n"
        "assert 'poison' not in text"
    )
    codes = {f"f{number}": f"x = {number}\n" for number in range(6)} | {"bad": "poison = 1\n"}
    found = scanned(export(**codes), scanners=[program(breaks)])
    spoiled = {one for scan in found.of(CodeScan) if scan.incomplete for one in scan.resources}
    assert spoiled == {arn("bad")}


def test_a_scanner_that_is_not_installed_is_unknown(export):
    missing = SCANNERS[0]._replace(package="no-such-scanner-at-all")
    found = scanned(export(f=CALM), scanners=[missing])
    assert verdicts(found, "appvuln.code-findings") == {"f": "UNKNOWN"}
    assert "auditkit[scan]" in found.of(CodeScan)[0].incomplete


def test_results_that_are_none_are_unknown(export):
    found = scanned(export(f=CALM), scanners=[program("print('{')", SCANNERS[0].results)])
    assert "no result" in found.of(CodeScan)[0].incomplete


def test_a_zip_that_was_exchanged_is_an_error(export):
    folder = export(f=CALM)
    inventory = read(folder)
    write_zip(next(folder.rglob("f.zip")), WEAK)
    with pytest.raises(Exception, match="not what was read before"):
        scan_code(inventory, folder)


def test_progress_and_batches(export, monkeypatch):
    ran = []
    nothing = b'{"found": [], "unread": []}'
    monkeypatch.setattr(scanning, "run", lambda *called: ran.append(called) or nothing)
    told = []
    folder = export(**{f"f{number}": f"x = {number}\n" for number in range(5)})
    scanned(folder, scanners=SCANNERS[2:], limits=CodeLimits(batch=2), progress=lambda *step: told.append(step))
    assert len(ran) == 3
    assert told[-1] == ("scanning", 5, 5)


def test_severity_is_weighed_by_reach(export):
    found = scanned(export(f=WEAK))
    worst = max(item.severity for item in judge(Audit(found).scene, checks=["appvuln.code-findings"]) if item.severity)
    assert worst is Severity.HIGH
    assert all(
        "by the scanner" in item.weighed
        for item in judge(Audit(found).scene, checks=["appvuln.code-findings"])
        if item.severity
    )


def test_hits_are_tuples_of_what_is_kept():
    assert Hit("f.py", 1, "r", "m", Rating.LOW, ()) == ("f.py", 1, "r", "m", "low", ())


def test_what_else_the_inventory_holds_is_kept(export):
    folder = export(f=CALM)
    before = read(folder)
    after = scan_code(before, folder)
    assert [*after.side_inputs] == [*before.side_inputs] != []
    assert (after.outlines, after.coverage, after.digests) == (before.outlines, before.coverage, before.digests)
