"""Which evidence an export has beside the configuration, and what is open without it."""

import pytest
from click.testing import CliRunner

from auditkit import tables
from auditkit.cli import main
from auditkit.exports import read
from auditkit.inventory import CoverageState
from tests.exports.hostility import written

FUNCTIONS = {"Functions": []}
EVENT = {
    "eventVersion": "1.08",
    "eventSource": "sqs.amazonaws.com",
    "eventName": "SendMessage",
    "awsRegion": "eu-west-1",
}
FILES = {
    "CloudTrail": ("log.json", {"Records": [EVENT]}),
    "X-Ray": ("xray-get-trace-summaries.json", {"TraceSummaries": [{"Id": "1-5"}]}),
    "IAM last accessed": (
        "iam-get-service-last-accessed-details/x.json",
        {"ServicesLastAccessed": [{"ServiceName": "S3"}]},
    ),
    "CloudWatch metrics": ("cloudwatch-get-metric-data.json", {"MetricDataResults": [{"Id": "a", "Label": "f"}]}),
    "CycloneDX bills of materials": ("bom.json", {"bomFormat": "CycloneDX", "specVersion": "1.6", "components": []}),
    "SARIF results": ("scan.sarif", {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "t"}}, "results": []}]}),
}


def states(folder, **files):
    written(folder / "111122223333/eu-west-1/lambda-list-functions.json", FUNCTIONS)
    for path, content in files.values():
        written(folder / "111122223333/eu-west-1" / path, content)
    frame = tables.side_inputs(read(folder))
    return dict(zip(frame["input"], frame["state"], strict=True))


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_present_evidence_and_the_rest_is_missing(name, tmp_path):
    found = states(tmp_path, it=FILES[name])
    assert found.pop(name) == "present"
    assert set(found.values()) == {"missing"}


@pytest.mark.parametrize(
    ("path", "content", "state"),
    [
        ("xray-get-service-graph.json", {"Services": []}, "empty"),
        ("xray-get-service-graph.json", {"Error": {"Code": "AccessDenied", "Message": "no"}}, "denied"),
    ],
)
def test_nothing_in_it_is_told_from_a_refusal(path, content, state, tmp_path):
    assert states(tmp_path, it=(path, content))["X-Ray"] == state


def test_the_findings_of_inspector_are_a_call_of_their_own(tmp_path):
    assert states(tmp_path, it=("inspector2-list-findings.json", {"findings": []}))["Inspector findings"] == "empty"


def test_the_best_file_counts(tmp_path):
    files = {"a": ("xray-get-service-graph.json", {"Services": []}), "b": FILES["X-Ray"]}
    assert states(tmp_path, **files)["X-Ray"] == "present"
    assert read(tmp_path).side_inputs.state("X-Ray") is CoverageState.PRESENT


def test_coverage_tells_people(tmp_path):
    states(tmp_path)
    shown = CliRunner().invoke(main, ["coverage", str(tmp_path)])
    assert shown.exit_code == 0, shown.output
    assert "Evidence beside the configuration" in shown.output
    assert "which permissions nobody uses" in shown.output
