"""The examples of docs/case.md are what they say."""

import re
from pathlib import Path

import auditkit as ak
from auditkit.case import CaseFile, case_from_text, get_case_schema

TEXT = (Path(__file__).parents[2] / "docs" / "case.md").read_text("utf-8")
WHOLE, MODELINE = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)


def test_the_example_is_a_case():
    case = case_from_text(MODELINE + WHOLE)
    assert case.scope.inside.regions == ("eu-west-1",)
    assert [one.owner for one in case.waivers] == ["Maria Lindqvist"]


def test_every_part_is_described():
    described = set(re.findall(r"^\| `(\w+)` \|", TEXT, re.MULTILINE))
    assert described == set(get_case_schema()["properties"])


def test_the_verbs_are_verbs():
    [code] = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    verbs = set(re.findall(r"^case\.(\w+)\(", code, re.MULTILINE))
    assert verbs == {"classify", "trust", "attest", "mark_critical", "waive", "leave_out", "save"}
    lines = [line for line in code.splitlines() if line.startswith("case.") and not line.startswith("case.save")]
    case = ak.new_case()
    exec("\n".join(lines), {"case": case})
    assert case_from_text(case.text).critical == {"payments-*": "no sales without them"}
    assert isinstance(case, CaseFile)
