"""Code that stands in a template is scanned like code of a package, and told where it stands."""

import json

import pytest

from auditkit import Audit, read, scan_code
from auditkit.areas import Verdict
from auditkit.errors import ExportError
from auditkit.inventory.evidence.packages import CodePackage
from auditkit.inventory.evidence.weaknesses import CodeScan
from tests.exports.terraform.rendering import plan_of

WEAK = "import os\n\n\ndef handler(event, context):\n    return eval(event['x'])\n"
CALM = "def handler(event, context):\n    return len(event)\n"


def function(code, kind="AWS::Lambda::Function", runtime="python3.12"):
    serverless = kind.startswith("AWS::Serverless")
    held = {"InlineCode": code} if serverless else {"Code": {"ZipFile": code}}
    role = "arn:aws:iam::111122223333:role/x"
    return {"Type": kind, "Properties": {"Runtime": runtime, "Handler": "index.handler", "Role": role, **held}}


def template(folder, *functions):
    resources = {f"F{number}": one for number, one in enumerate(functions)}
    head = {"Transform": "AWS::Serverless-2016-10-31"} if "Serverless" in str(functions) else {}
    (folder / "template.json").write_text(json.dumps({**head, "Resources": resources}))


def judged(folder, check="appvuln.code-findings"):
    findings = Audit(scan_code(read(folder), folder), date="2026-11-01").findings
    return [one for one in findings if one.check == check and one.kind == "function"]


@pytest.mark.parametrize(
    ("code", "kind", "pointer"),
    [
        (WEAK, "AWS::Lambda::Function", "Code/ZipFile"),
        ({"Fn::Sub": WEAK + "# ${AWS::Region}"}, "AWS::Lambda::Function", "Code/ZipFile"),
        ({"Fn::Join": ["\n", [*WEAK.splitlines(), {"Ref": "AWS::Region"}]]}, "AWS::Lambda::Function", "Code/ZipFile"),
        (WEAK, "AWS::Serverless::Function", "InlineCode"),
    ],
)
def test_a_weakness_is_told_where_it_stands(tmp_path, code, kind, pointer):
    template(tmp_path, function(code, kind))
    (found,) = judged(tmp_path)
    assert found.verdict is Verdict.FAIL
    assert found.place == "B307 at index.py:5"
    assert [source.pointer for source in found.sources] == [f"/Resources/F0/Properties/{pointer}"]


def test_code_without_any_passes(tmp_path):
    template(tmp_path, function(CALM))
    assert [one.verdict for one in judged(tmp_path)] == [Verdict.PASS]
    assert [one.verdict for one in judged(tmp_path, "appvuln.code-scan")] == [Verdict.PASS]


def test_the_same_code_is_scanned_once_and_counts_for_all_that_run_it(tmp_path):
    template(tmp_path, function(WEAK), function(WEAK), function(CALM))
    scans = scan_code(read(tmp_path), tmp_path).of(CodeScan)
    assert sorted(len(scan.resources) for scan in scans if scan.tool == "bandit") == [1, 2]
    assert [one.verdict for one in judged(tmp_path)] == [Verdict.FAIL, Verdict.FAIL, Verdict.PASS]


def test_a_language_without_a_scanner_does_not_pass(tmp_path):
    template(tmp_path, function("exports.handler = async () => 1\n", runtime="nodejs22.x"))
    assert [one.verdict for one in judged(tmp_path)] == [Verdict.UNKNOWN]


def test_nothing_of_the_code_is_kept(tmp_path):
    template(tmp_path, function(WEAK))
    assert "eval" not in str([*scan_code(read(tmp_path), tmp_path)])


def test_what_it_names_is_known(tmp_path):
    template(tmp_path, function("import urllib\nADDRESS = 'https://api.payments.io/x'\n"))
    (package,) = read(tmp_path).of(CodePackage)
    assert [mention.value for mention in package.mentions] == ["api.payments.io"]


def test_a_template_that_was_exchanged_is_an_error(tmp_path):
    template(tmp_path, function(WEAK))
    inventory = read(tmp_path)
    template(tmp_path, function(CALM))
    with pytest.raises(ExportError, match="not what was read before"):
        scan_code(inventory, tmp_path)


@pytest.mark.parametrize("packed", [{"source_content": WEAK}, {"source": [{"content": WEAK, "filename": "a.py"}]}])
def test_code_that_terraform_packs_out_of_a_text(tmp_path, packed):
    runs = {"function_name": "f", "runtime": "python3.12", "handler": "a.b", "filename": "f.zip"}
    document = plan_of({"aws_lambda_function.f": runs})
    archive = {"address": "data.archive_file.a", "mode": "data", "type": "archive_file", "name": "a"}
    prior = {"resources": [{**archive, "values": {"output_path": "f.zip", **packed}}]}
    document["prior_state"] = {"values": {"root_module": prior}}
    (tmp_path / "plan.json").write_text(json.dumps(document))
    (found,) = judged(tmp_path)
    assert found.place == "B307 at index.py:5"
    assert found.sources[0].pointer.startswith("/prior_state/values/root_module/resources/0/values/source")
