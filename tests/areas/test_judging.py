"""What holds for all checks: the catalogue, severities, evidence, the glance, SARIF."""

import csv
import io
import json
import re
import zipfile
from pathlib import Path

import pytest

from auditkit import samples
from auditkit.areas import (
    Area,
    Finding,
    Scene,
    Severity,
    Standing,
    Verdict,
    chosen,
    findings_frame,
    get_check,
    get_checks,
    glance,
    judge,
    to_sarif,
    top_fixes,
)
from auditkit.areas.catalogue import as_of
from auditkit.areas.rules import RULES
from auditkit.case import Case, Waiver
from auditkit.exports.calls import call_named
from auditkit.graph import connect
from tests.areas.scenes import ACCOUNT, DATE, REGION, answer, arn, feed, function, functions, gaad, judged, role

CATALOGUE = Path(__file__).parents[3] / "shared" / "facts" / "checks.csv"


def test_every_check_has_a_rule_and_every_rule_a_check():
    assert set(RULES) == set(get_checks())


@pytest.mark.parametrize("check", get_checks().values(), ids=lambda check: check.id)
def test_a_check_is_whole(check):
    assert check.question.endswith("?")
    assert all((check.rule, check.fix, check.snippet))
    assert check.judges or check.metric
    assert all(call_named(*call.split(".", 1)) for call in (*check.judges, *check.calls))
    assert set(check.classes) <= {"public", "internal", "confidential", "restricted"}
    assert {name.upper() for name in check.classes.values()} <= set(Severity.__members__)
    assert as_of(check.area) <= DATE or len(as_of(check.area)) == len(DATE)


@pytest.mark.skipif(not CATALOGUE.exists(), reason="the shared catalogue is not here")
def test_base_severity_and_mappings_are_those_of_the_catalogue():
    for row in csv.DictReader(CATALOGUE.read_text().splitlines()):
        if row["id"] not in get_checks():
            continue
        check = get_check(row["id"])
        assert str(check.area) == row["area"]
        assert check.severity == row["base_severity"]
        for ours, theirs in {
            "security-hub": "fsbp_securityhub",
            "cwe": "cwe",
            "attack": "attack",
            "csa-12": "csa_12",
        }.items():
            assert check.mappings.get(ours, ()) == tuple(part for part in row[theirs].split() if part != "-"), row["id"]


# ------------------------------------------------------------------ severities

BUCKET = "arn:aws:s3:::cards"


def account(*, sensitivity="restricted", url="NONE", read=True):
    """Return a function on a runtime that is past, its URL, and a bucket that its role may read."""
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"{BUCKET}/*"}
    open_ = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "lambda:InvokeFunctionUrl",
        "Resource": arn("lambda", "function:f"),
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [open_, open_ | {"Action": "lambda:InvokeFunction"}]})
    config = {
        "FunctionUrl": "https://x.lambda-url.eu-west-1.on.aws/",
        "FunctionArn": arn("lambda", "function:f"),
        "AuthType": url,
    }
    return [
        functions(function(Runtime="nodejs14.x")),
        gaad(role("f", *([statement] if read else []))),
        answer("organizations.DescribeOrganization", {}, region="global"),
        answer("lambda.ListFunctionUrlConfigs", {"FunctionUrlConfigs": [config] if url else []}, "f"),
        answer("lambda.GetPolicy", {"Policy": policy} if url == "NONE" else {}, "f"),
        answer("s3.ListBuckets", {"Buckets": [{"Name": "cards"}]}, region="global"),
        answer(
            "s3.GetBucketTagging", {"TagSet": [{"Key": "data-class", "Value": sensitivity}]}, "cards", region="global"
        ),
        answer("s3.GetBucketPolicy", {}, "cards", region="global"),
    ]


@pytest.mark.parametrize(
    ("options", "severity"),
    [
        ({}, Severity.HIGH),
        ({"sensitivity": "confidential"}, Severity.HIGH),
        ({"sensitivity": "internal"}, Severity.MEDIUM),
        ({"url": ""}, Severity.MEDIUM),
        ({"read": False}, Severity.MEDIUM),
    ],
)
def test_a_severity_is_raised_where_the_outside_reaches_sensitive_data(options, severity):
    (found,) = judged("patch.runtime-deprecated", *account(**options))
    assert (found.verdict, found.base, found.severity) == ("FAIL", Severity.MEDIUM, severity)
    assert found.weighed.startswith("raised" if severity > Severity.MEDIUM else "as the check says")


@pytest.mark.parametrize(
    ("sensitivity", "beside", "severity"),
    [
        ("public", None, Severity.LOW),
        ("public", "internal", Severity.MEDIUM),
        ("public", "", Severity.HIGH),  # what the other bucket holds is not known: as the check says
        ("internal", "", Severity.HIGH),
        ("confidential", "", Severity.HIGH),
        ("restricted", "", Severity.CRITICAL),
        ("", "", Severity.HIGH),
    ],
)
def test_a_severity_by_reach_does_not_fall_while_a_store_of_unknown_sensitivity_is_reached(
    sensitivity, beside, severity
):
    buckets = {"cards": sensitivity} | ({"drafts": beside} if beside is not None else {})
    objects = [f"arn:aws:s3:::{name}/*" for name in buckets]
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": objects}
    tags = [
        answer(
            "s3.GetBucketTagging",
            {"TagSet": [{"Key": "data-class", "Value": value}] if value else []},
            name,
            region="global",
        )
        for name, value in buckets.items()
    ]
    plain = [
        one for one in account() if one.operation not in {"ListBuckets", "GetBucketTagging"} and one.service != "iam"
    ]
    (found,) = [
        one
        for one in judged(
            "perim.function-url",
            *plain,
            gaad(role("f", statement)),
            answer("s3.ListBuckets", {"Buckets": [{"Name": name} for name in buckets]}, region="global"),
            answer("s3.GetBucketPolicy", {}, "drafts", region="global"),
            *tags,
        )
        if one.verdict == "FAIL"
    ]
    assert found.severity == severity


def test_the_witness_path_leads_from_the_entry_to_the_data():
    (found,) = judged("patch.runtime-deprecated", *account())
    assert found.path[-1] == BUCKET
    assert arn("lambda", "function:f") in found.path


@pytest.mark.parametrize(
    ("authorization", "sensitivity", "severity"),
    [
        ("NONE", "restricted", Severity.HIGH),
        ("NONE", "internal", Severity.MEDIUM),
        ("AWS_IAM", "restricted", Severity.MEDIUM),
    ],
)
def test_what_reaches_a_route_reaches_its_api(authorization, sensitivity, severity):
    uri = f"arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/{arn('lambda', 'function:f')}/invocations"
    method = {"httpMethod": "POST", "authorizationType": authorization, "methodIntegration": {"type": "AWS_PROXY"}}
    method["methodIntegration"]["uri"] = uri
    methods = {"POST": method, "GET": {"httpMethod": "GET", "authorizationType": "AWS_IAM"}}
    resources = {"items": [{"id": "x", "path": "/a", "resourceMethods": methods}]}
    service = {"Effect": "Allow", "Principal": {"Service": "apigateway.amazonaws.com"}}
    allowed = {**service, "Action": "lambda:InvokeFunction", "Resource": arn("lambda", "function:f")}
    api = [
        answer("lambda.GetPolicy", {"Policy": json.dumps({"Version": "2012-10-17", "Statement": [allowed]})}, "f"),
        answer("apigateway.GetRestApis", {"items": [{"id": "r", "name": "shop"}]}),
        answer("apigateway.GetResources", resources, "r"),
        answer("apigateway.GetStages", {"item": [{"stageName": "live", "deploymentId": "d"}]}, "r"),
    ]
    behind = [one for one in account(sensitivity=sensitivity, url="") if one.operation != "GetPolicy"]
    found = judged("sprawl.api-logging", *behind, *api)
    (one,) = [one for one in found if one.verdict == "FAIL"]
    assert (one.resource.rpartition("/")[2], one.base, one.severity) == ("r", Severity.MEDIUM, severity)
    assert ("nothing outside reaches it" in one.weighed) == (authorization == "AWS_IAM")
    assert authorization == "AWS_IAM" or (one.path[0].startswith("route:") and one.path[-1] == BUCKET)


def test_a_mapping_is_called_by_its_ends():
    stream = arn("kinesis", "stream/clicks")
    mapping = {"UUID": "11-22", "FunctionArn": arn("lambda", "function:f:live"), "EventSourceArn": stream}
    listed = answer("lambda.ListEventSourceMappings", {"EventSourceMappings": [{**mapping, "State": "Enabled"}]})
    (found,) = [one for one in judged("dos.poison-message", functions(function()), listed) if one.verdict == "FAIL"]
    assert found.label == "clicks to f"
    assert found.snippet.endswith("# of 11-22")
    for name in ("11-22", "clicks to f", found.resource):
        waiver = Waiver(check=found.check, resource=name, reason="r", owner="o", expires="2026-12-31")
        (one,) = [
            one
            for one in judged("dos.poison-message", functions(function()), listed, case=Case(waivers=(waiver,)))
            if one.verdict == "FAIL"
        ]
        assert one.waived == "in force"


def test_what_was_not_seen_and_might_bar_a_way_is_named_once():
    seen = [one for one in account() if one.service != "organizations"]
    (found,) = judged("patch.runtime-deprecated", *seen)
    (words,) = re.findall(r"unless (.*?), not seen", found.weighed)
    assert len(words.split(", ")) == len(set(words.split(", "))) > 1


# ---------------------------------------------------------------------- whole


def test_a_record_that_was_read_in_part_does_not_pass():
    found = judged("patch.runtime-deprecated", functions(function(Layers="none", Timeout=3)))
    assert [item.verdict for item in found] == ["UNKNOWN"]
    assert "/Functions/0/Layers" in found[0].missing[0]


@pytest.fixture(scope="module")
def sample():
    inventory = samples.load("retailer")
    return Scene(inventory, connect(inventory), date=DATE, advisories=samples.advisories("retailer"))


@pytest.fixture(scope="module")
def found(sample):
    return judge(sample)


def test_every_check_answers_on_the_sample(found):
    assert {item.check for item in found} == set(get_checks())


def test_evidence_resolves_in_the_export(found):
    folder = samples.path("retailer")
    documents = {}
    for item in found:
        assert item.sources or item.verdict in {Verdict.UNKNOWN, Verdict.NOT_APPLICABLE}, item
        for source in item.sources:
            file = (folder.parent if source.file.startswith("retailer-osv/") else folder) / source.file
            if file.suffix == ".zip":
                _unpack(file.read_bytes(), source.pointer)
                continue
            if source.file not in documents:
                documents[source.file] = json.loads(file.read_text())
            _resolve(documents[source.file], source.pointer)


def _unpack(data, pointer):
    """Go down into a zip, and the zips in it, by the names of members."""
    for step in pointer.split("/")[1:]:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            data = archive.read(step.replace("~1", "/").replace("~0", "~"))


def _resolve(value, pointer):
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(value, str):
            value = json.loads(value)
        value = value[int(name)] if isinstance(value, list) else value.get(name)
        if value is None:
            return  # a setting that is absent is named where it would stand


def test_findings_are_the_same_each_time(sample, found):
    assert judge(sample) == found


def test_progress_counts_checks(sample):
    seen = []
    judge(sample, checks=["patch.runtime-deprecated"], progress=lambda *step: seen.append(step))
    assert seen == [("checks", 0, 1), ("checks", 1, 1)]


def test_findings_can_be_chosen(found):
    assert {item.verdict for item in chosen(found)} == {Verdict.FAIL, Verdict.WARN}
    severe = chosen(found, least=Severity.HIGH)
    assert severe
    assert all(item.severity >= Severity.HIGH for item in severe)
    assert {item.area for item in chosen(found, areas=[Area.PATCH])} == {Area.PATCH}
    assert {item.check for item in chosen(found, mapping="Lambda.2")} == {
        "patch.runtime-deprecated",
        "patch.runtime-live-version",
    }
    assert all("legacy-soap-orders" in item.label for item in chosen(found, resource="legacy-soap-orders"))
    assert chosen(found, resource="legacy-soap-orders")
    assert not chosen(found, resource="there is none")


def test_the_table_holds_what_findings_hold(found):
    frame = findings_frame(found)
    assert len(frame) == len(found)
    first = frame.iloc[0]
    assert (first["check"], first["severity"]) == (found[0].check, str(found[0].severity))
    assert first["source"] == str(found[0].sources[0])
    assert findings_frame([]).attrs["reason"]


def finding(area, severity, verdict=Verdict.FAIL):
    check = next(check for check in get_checks().values() if check.area is Area.PATCH)
    return Finding(
        check=check.id,
        area=area,
        verdict=verdict,
        resource="r",
        label="r",
        kind="function",
        reason="why",
        severity=severity,
    )


@pytest.mark.parametrize(
    ("area", "severity", "standing"),
    [
        (Area.PATCH, Severity.MEDIUM, Standing.BETTER),
        (Area.PATCH, Severity.HIGH, Standing.AS_BEFORE),
        (Area.PATCH, Severity.CRITICAL, Standing.WORSE),
        (Area.REST, Severity.MEDIUM, Standing.AS_BEFORE),
        (Area.REST, Severity.CRITICAL, Standing.WORSE),
        (Area.TRANSIT, Severity.LOW, Standing.AS_BEFORE),
        (Area.TRANSIT, Severity.MEDIUM, Standing.WORSE),
    ],
)
def test_how_an_area_stands(area, severity, standing):
    rows = glance([finding(area, severity)]).set_index("area")
    assert rows.loc[str(area), "standing"] == standing
    assert list(rows.index) == [str(area) for area in Area]


def test_more_unknown_than_known_is_unknown_unless_it_is_worse():
    unknown = [finding(Area.PATCH, None, Verdict.UNKNOWN)] * 2
    for known, standing in ((Severity.LOW, Standing.UNKNOWN), (Severity.CRITICAL, Standing.WORSE)):
        assert glance([*unknown, finding(Area.PATCH, known)])["standing"][0] == standing


@pytest.mark.parametrize(("known", "best"), [(Severity.LOW, "better"), (Severity.HIGH, "as before")])
def test_an_unknown_area_tells_how_it_stands_at_best(known, best):
    found = [*[finding(Area.PATCH, None, Verdict.UNKNOWN)] * 2, finding(Area.PATCH, known)]
    assert glance(found)["reason"][0].endswith(f"more is unknown than known: at best {best}")


def test_nothing_asked_is_unknown():
    assert set(glance([])["standing"]) == {"unknown"}


def test_what_to_do_first_weighs_severity_above_number(found):
    first = top_fixes(found, 100)
    severities = [Severity[name.upper()] for name in first["severity"]]
    assert severities == sorted(severities, reverse=True)
    assert set(first["check"]) == {item.check for item in found if item.verdict is Verdict.FAIL}
    assert top_fixes([]).empty


def test_sarif_names_rules_levels_and_places(found):
    log = json.loads(to_sarif(found, version="1.2.3"))
    (run,) = log["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert rules == sorted(rules)
    for result in run["results"]:
        assert rules[result["ruleIndex"]] == result["ruleId"]
        assert (result["kind"] == "fail") == (result["level"] != "none")
        assert result["locations"]
    assert to_sarif(found, version="1.2.3") == to_sarif(found, version="1.2.3")


def test_hostile_names_stay_text():
    name = "</script><img src=x>"
    found = judged("patch.runtime-deprecated", functions(function(FunctionName=name, Runtime="nodejs14.x")))
    assert name in findings_frame(found)["label"][0]
    assert "\x1b" not in to_sarif(
        judged("patch.runtime-deprecated", functions(function("\x1b[31m", Runtime="nodejs14.x"))), version="1"
    )


def test_a_second_region_without_the_listing_is_said():
    other = answer("sqs.ListQueues", {}, region="us-east-1")
    found = judged("patch.runtime-deprecated", functions(function()), other)
    assert [(item.resource, item.verdict) for item in found if not item.kind] == [(f"{ACCOUNT}:us-east-1", "UNKNOWN")]
    assert REGION not in found[0].resource or found[0].kind == "function"


def test_feeding_is_covered():
    assert feed(functions()).coverage.state("lambda", "ListFunctions") == "present"
