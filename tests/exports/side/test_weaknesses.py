"""Scanners: Inspector's findings, SARIF and CycloneDX, and the functions that they are about."""

import json
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditkit.exports import read
from auditkit.inventory.evidence.packages import CodePackage, Found
from auditkit.inventory.evidence.weaknesses import Place, Rating, ScanResult, Vulnerability
from tests.exports.side.test_trails import ACCOUNT, REGION, written
from tests.smallexport import function, write_export

PLACE = f"{ACCOUNT}/{REGION}"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:orders-create"
LAYER = f"arn:aws:lambda:{REGION}:{ACCOUNT}:layer:shared:3"
KEY = "AKIA" + "IOSFODNN7EXAMPLE"


def finding(**fields):
    return {
        "findingArn": f"arn:aws:inspector2:{REGION}:{ACCOUNT}:finding/1",
        "awsAccountId": ACCOUNT,
        "type": "PACKAGE_VULNERABILITY",
        "title": "CVE-2024-0001 - requests",
        "severity": "HIGH",
        "status": "ACTIVE",
        "firstObservedAt": 1772359200.0,
        "lastObservedAt": "2026-03-02T00:00:00+00:00",
        "inspectorScore": 7.5,
        "exploitAvailable": "YES",
        "epss": {"score": 0.25},
        "resources": [{"type": "AWS_LAMBDA_FUNCTION", "id": f"{FUNCTION}:$LATEST", "region": REGION}],
        **fields,
    }


PACKAGES = {
    "vulnerabilityId": "CVE-2024-0001",
    "relatedVulnerabilities": ["GHSA-aaaa"],
    "vulnerablePackages": [
        {"name": "requests", "version": "2.19.0", "packageManager": "PIP", "fixedInVersion": "2.20.0"},
        {"name": "@scope/left", "version": "1.0.0", "packageManager": "NPM", "fixedInVersion": "NotAvailable"},
        {"name": "g:a", "version": "1", "packageManager": "JAR", "sourceLambdaLayerArn": LAYER},
    ],
}
CODE = {
    "detectorId": "python/sql-injection@v1.0",
    "ruleId": "sql-injection",
    "filePath": {"fileName": "app.py", "filePath": "src/app.py", "startLine": 12, "endLine": 13},
    "cwes": ["CWE-89"],
}


def test_findings_of_inspector(tmp_path):
    findings = [
        finding(packageVulnerabilityDetails=PACKAGES),
        finding(findingArn="arn:aws:inspector2:eu-west-1:1:finding/2", codeVulnerabilityDetails=CODE),
        finding(resources=[{"type": "AWS_EC2_INSTANCE", "id": "i-1"}], packageVulnerabilityDetails=PACKAGES),
    ]
    folder = written(tmp_path, {f"{PLACE}/inspector2-list-findings.json": json.dumps({"findings": findings})})
    inventory = read(folder)
    (found,) = inventory.of(Vulnerability)
    assert (found.vulnerability, found.aliases, found.rating) == ("CVE-2024-0001", ("GHSA-aaaa",), Rating.HIGH)
    assert (found.score, found.exploitation, found.exploit) == (7.5, 0.25, True)
    assert found.resources == (f"{FUNCTION}:$LATEST", LAYER)
    assert {package.purl: found.fixed_in[package.without_version] for package in found.packages} == {
        "pkg:maven/g/a@1": "",
        "pkg:npm/%40scope/left@1.0.0": "",
        "pkg:pypi/requests@2.19.0": "2.20.0",
    }
    assert (found.first, found.last) == ("2026-03-01T10:00:00Z", "2026-03-02T00:00:00Z")
    (result,) = inventory.of(ScanResult)
    assert (result.rule, result.weaknesses, result.places) == ("sql-injection", ("CWE-89",), (Place("src/app.py", 12),))
    assert (result.resources, result.rating) == ((f"{FUNCTION}:$LATEST",), Rating.HIGH)


RULES = [
    {
        "id": "B105",
        "defaultConfiguration": {"level": "note"},
        "properties": {"tags": ["security", "external/cwe/cwe-259"]},
    },
    {"id": "B608", "properties": {"security-severity": "9.1", "tags": ["CWE-089"]}},
]
AT = {
    "physicalLocation": {
        "artifactLocation": {"uri": "src/app.py"},
        "region": {"startLine": 7, "snippet": {"text": KEY}},
    }
}


def sarif(*results, **run):
    driver = {"name": "Bandit", "rules": RULES}
    return {"$schema": "x", "version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": list(results), **run}]}


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (
            {"ruleId": "B105", "message": {"text": f"password {KEY}"}, "locations": [AT]},
            (Rating.LOW, None, ("CWE-259",), (Place("src/app.py", 7),), False),
        ),
        (
            {"ruleIndex": 1, "level": "error", "message": {"text": "SQL"}, "suppressions": [{"kind": "inSource"}]},
            (Rating.CRITICAL, 9.1, ("CWE-89",), (), True),
        ),
        (
            {"ruleId": "new", "level": "error", "webRequest": {"target": "https://api.example.com/a?token=1"}},
            (Rating.HIGH, None, (), (Place("https://api.example.com"),), False),
        ),
        ({"ruleId": "new", "ruleIndex": 99}, (Rating.MEDIUM, None, (), (), False)),
    ],
    ids=["level of the rule", "severity of the rule", "web", "rule that is not there"],
)
@pytest.mark.parametrize(
    ("file", "run"),
    [
        (f"{PLACE}/sarif/orders-create.sarif", {}),
        (f"sarif/{quote(FUNCTION, safe='')}.sarif.json", {}),
        ("scan.json", {"properties": {"function": FUNCTION}}),
        ("scan.json", {"automationDetails": {"id": f"nightly/{FUNCTION}"}}),
    ],
    ids=["name", "ARN", "properties", "id"],
)
def test_results_of_a_scan(tmp_path, result, expected, file, run):
    write_export(tmp_path)
    inventory = read(written(tmp_path, {file: json.dumps(sarif(result, {"ruleId": "x", "kind": "pass"}, **run))}))
    (found,) = inventory.of(ScanResult)
    assert (found.rating, found.score, found.weaknesses, found.places, found.suppressed) == expected
    assert (found.tool, found.resources) == ("Bandit", (FUNCTION,))
    assert KEY not in repr(list(inventory))
    assert "token" not in repr(found)


def test_a_result_of_nobody_is_kept(tmp_path):
    (found,) = read(written(tmp_path, {"scan.sarif": json.dumps(sarif({"ruleId": "B608"}))})).of(ScanResult)
    assert (found.rule, found.resources) == ("B608", ())


BILL = {
    "bomFormat": "CycloneDX",
    "specVersion": "1.5",
    "metadata": {"component": {"type": "application", "name": "orders-create"}},
    "components": [
        {
            "type": "library",
            "bom-ref": "1",
            "name": "requests",
            "purl": "pkg:pypi/Requests@2.19.0",
            "components": [{"type": "library", "name": "urllib3", "purl": "pkg:pypi/urllib3@1.26.0"}],
        },
        {"type": "library", "name": "nameless"},
        {"type": "operating-system", "name": "amzn"},
    ],
    "vulnerabilities": [
        {
            "id": "CVE-2024-0001",
            "ratings": [{"score": 5.0, "severity": "medium"}, {"score": 9.8, "severity": "critical"}],
            "affects": [{"ref": "1"}, {"ref": "gone"}],
            "analysis": {"state": "exploitable"},
            "properties": [
                {"name": "amazon:inspector:sbom_scanner:exploit_available", "value": "true"},
                {"name": "amazon:inspector:sbom_scanner:fixed_version:1", "value": "2.20.0"},
            ],
        },
        {"id": "CVE-2024-0002", "ratings": [{"score": 5.0}]},
    ],
}


def test_a_bill_of_materials(tmp_path):
    write_export(tmp_path)
    inventory = read(written(tmp_path, {f"{PLACE}/sbom/orders-create.cdx.json": json.dumps(BILL)}))
    (bill,) = inventory.of(CodePackage)
    assert [(one.purl, one.found, one.version) for one in bill.packages] == [
        ("pkg:pypi/requests@2.19.0", Found.LISTED, "2.19.0"),
        ("pkg:pypi/urllib3@1.26.0", Found.LISTED, "1.26.0"),
    ]
    assert (bill.used_by, bill.incomplete) == ((FUNCTION,), "1 components without a package URL")
    first, second = (
        inventory.of(Vulnerability)
        if inventory.of(Vulnerability)[0].score == 9.8
        else inventory.of(Vulnerability)[::-1]
    )
    assert (first.rating, first.score, first.status) == (Rating.CRITICAL, 9.8, "exploitable")
    assert (first.exploit, first.fixed_in) == (True, {"pkg:pypi/requests": "2.20.0"})
    assert [one.purl for one in first.packages] == ["pkg:pypi/requests@2.19.0"]
    assert (second.rating, second.packages, second.resources) == (Rating.MEDIUM, (), (FUNCTION,))


IMAGE = "sha256:" + "0f" * 32
REPOSITORY = f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/orders"


def test_what_runs_an_image_has_its_packages_and_its_vulnerabilities(tmp_path):
    write_export(tmp_path)
    code = {"ImageUri": "x:latest", "ResolvedImageUri": f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/orders@{IMAGE}"}
    resources = [{"type": "AWS_ECR_CONTAINER_IMAGE", "id": f"{REPOSITORY}/{IMAGE}"}]
    image = {"properties": [{"name": "imageId", "value": IMAGE}]}
    files = {
        f"{PLACE}/lambda-get-function/orders-create.json": {"Configuration": function("orders-create"), "Code": code},
        f"{PLACE}/inspector2-list-findings.json": {
            "findings": [finding(resources=resources, packageVulnerabilityDetails=PACKAGES)]
        },
        "image.json": {**BILL, "metadata": image, "vulnerabilities": []},
    }
    inventory = read(written(tmp_path, {name: json.dumps(content) for name, content in files.items()}))
    assert inventory.of(CodePackage)[0].used_by == (FUNCTION,)
    assert len(inventory.packages.of(FUNCTION)) == 2
    assert inventory.of(Vulnerability)[0].resources == (f"{REPOSITORY}/{IMAGE}", FUNCTION, LAYER)


def test_a_bill_of_nobody_says_so(tmp_path):
    inventory = read(written(tmp_path, {"bom.json": json.dumps(BILL)}))
    assert [note.reason for note in inventory.not_read] == ["nothing says whose bill of materials this is"]
    assert inventory.of(CodePackage)[0].packages


EMPTY = {"cloudtrail.json": '{"Records": []}'}
names = st.sampled_from(
    [
        "runs",
        "tool",
        "driver",
        "rules",
        "results",
        "id",
        "ruleId",
        "ruleIndex",
        "properties",
        "locations",
        "message",
        "components",
        "purl",
        "metadata",
        "vulnerabilities",
        "ratings",
        "score",
        "affects",
        "ref",
        "type",
        "name",
        "findings",
        "resources",
        "severity",
        "packageVulnerabilityDetails",
        "vulnerablePackages",
        "analysis",
        "references",
    ]
)
scalars = (
    st.none()
    | st.booleans()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.integers()
    | st.sampled_from(["", FUNCTION, "pkg:a/b"])
)
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=4), max_leaves=12
)
FORMS = [
    sarif({"ruleId": "B608"}),
    sarif({"ruleId": "B608"})["runs"][0],
    BILL,
    {"findings": [finding(packageVulnerabilityDetails=PACKAGES)]},
]


@settings(max_examples=60)
@given(st.sampled_from(FORMS), st.dictionaries(names, anything, max_size=3), st.booleans())
def test_nothing_breaks_the_readers(tmp_path_factory, form, change, inside):
    content = {**form, **change}
    if "tool" in form:
        content = {"version": "2.1.0", "runs": [content]}
    elif inside and "findings" in form:
        content = {"findings": [{**finding(), **change}]}
    folder = written(tmp_path_factory.mktemp("side"), {"x.json": json.dumps(content), **EMPTY})
    read(folder)
