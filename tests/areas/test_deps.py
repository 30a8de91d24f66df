"""Vulnerable dependencies: failing, passing and unknown cases of each check."""

import json

import pytest

from auditkit.advisories import read_advisories
from auditkit.areas import Scene, Severity, judge
from auditkit.case import Case
from auditkit.graph import connect
from auditkit.inventory import Inventory, Source
from auditkit.inventory.evidence.metrics import FunctionMetric
from auditkit.inventory.evidence.packages import CodePackage, Found, Mention, MentionKind, Package
from auditkit.inventory.evidence.weaknesses import Rating, ScanResult, Vulnerability
from tests.advisories.databases import advisory, database
from tests.areas.scenes import ACCOUNT, DATE, REGION, answer, arn, feed, function, functions, gaad, role

F = arn("lambda", "function:f")
PLACE = {"account": ACCOUNT, "region": REGION}
NO_ORGANIZATION = answer("organizations.DescribeOrganization", {}, region="global")


def judged(check, *responses, records=(), case=None, advisories=None, date=DATE):
    """Return the findings of one check, with records that readers of code and scans would make."""
    fed = feed(*responses)
    inventory = Inventory([*fed, *records], coverage=fed.coverage)
    scene = Scene(inventory, connect(inventory, case=case), date=date, case=case, advisories=advisories)
    return judge(scene, checks=[check])


def verdicts(check, *responses, **options):
    found = [item for item in judged(check, *responses, **options) if item.kind]
    assert all(item.sources for item in found if item.verdict in {"FAIL", "WARN", "PASS"})
    assert all(item.missing for item in found if item.verdict == "UNKNOWN")
    return {f"{item.label} {item.place}".strip(): str(item.verdict) for item in found}


def code(*purls, used_by=F, found=Found.INSTALLED, **more):
    """Return the code of a function, with some packages in it."""
    name = f"{used_by.rpartition(':')[2]}.zip"
    packages = tuple(Package(purl, found, Source(name, f"/{number}")) for number, purl in enumerate(purls))
    settings = {"digest": "d", "sources": (Source(name),), "used_by": (used_by,), "packages": packages} | PLACE
    return CodePackage(id=f"code:{name}", **settings | more)


def layered(number=1, account=ACCOUNT, name="common"):
    return {"Layers": [{"Arn": arn("lambda", f"layer:{name}:{number}", account=account)}]}


def live(**settings):
    """Return version 3 of the function, and an alias that leads to it."""
    version = function(Version="3", FunctionArn=f"{F}:3", **{"CodeSha256": "old"} | settings)
    alias = {"AliasArn": f"{F}:live", "Name": "live", "FunctionVersion": "3"}
    return [
        answer("lambda.ListVersionsByFunction", {"Versions": [version]}, "f"),
        answer("lambda.ListAliases", {"Aliases": [alias]}, "f"),
    ]


# ------------------------------------------------------------------------ scans


def covered(*resources, status="ACTIVE", kind="AWS_LAMBDA_FUNCTION"):
    found = [
        {"resourceId": one, "resourceType": kind, "scanType": "PACKAGE", "scanStatus": {"statusCode": status} | why}
        for one in resources
        for why in [{"reason": "EXCLUDED_BY_TAG"} if status != "ACTIVE" else {}]
    ]
    return answer("inspector2.ListCoverage", {"coveredResources": found})


DIGEST = "sha256:" + "a" * 64
REPOSITORY = arn("ecr", "repository/shop")
IMAGE = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/shop"


def image(uri=f"{IMAGE}:latest", name="f"):
    settings = function(name, Runtime=None, PackageType="Image")
    where = {"ImageUri": uri, "ResolvedImageUri": f"{IMAGE}@{DIGEST}", "RepositoryType": "ECR"}
    return [functions(settings), answer("lambda.GetFunction", {"Configuration": settings, "Code": where}, name)]


@pytest.mark.parametrize(
    ("account", "records", "expected"),
    [
        ([functions(function()), covered(f"{F}:$LATEST")], [], {"f": "PASS"}),
        ([functions(function()), covered(F)], [], {"f": "PASS"}),
        ([functions(function()), covered()], [], {"f": "FAIL"}),
        ([functions(function()), covered(F, status="INACTIVE")], [], {"f": "FAIL"}),
        ([functions(function()), covered()], [code("pkg:pypi/one@1.0")], {"f": "PASS"}),
        ([functions(function(**layered())), covered()], [code("pkg:pypi/one@1.0")], {"f": "FAIL"}),
        ([functions(function(CodeSha256="new")), covered(F), *live()], [], {"f": "PASS", "f version 3": "FAIL"}),
        ([functions(function(CodeSha256="old")), covered(F), *live()], [], {"f": "PASS"}),
        ([functions(function())], [], {"f": "UNKNOWN"}),
        ([*image(), covered()], [], {"f": "UNKNOWN"}),
        ([*image(), covered(f"{REPOSITORY}/{DIGEST}", kind="AWS_ECR_CONTAINER_IMAGE")], [], {"f": "PASS"}),
    ],
)
def test_scan_coverage(account, records, expected):
    assert verdicts("deps.scan-coverage", *account, records=records) == expected


# -------------------------------------------------------------- vulnerabilities

CHECK = "deps.known-vuln"
ONE = "pkg:pypi/one@1.0"


@pytest.fixture
def osv(tmp_path):
    """Return a database in which versions of *one* below 1.2 are vulnerable."""
    events = [("introduced", "0"), ("fixed", "1.2")]
    grave = [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}]
    one = advisory(number="GHSA-1", events=events, aliases=["CVE-2026-1"], severity=grave)
    return read_advisories(database(tmp_path, PyPI=[one]))


def scanned(status="ACTIVE", *, resource=F, purl=ONE, **more):
    return Vulnerability(
        id=f"v:{resource}{purl}",
        vulnerability="CVE-2026-1",
        resources=(resource,),
        packages=(Package(purl, Found.INSTALLED, Source("findings.json", "/p")),),
        status=status,
        found_by="Amazon Inspector",
        sources=(Source("findings.json", "/findings/0"),),
        **{"rating": Rating.HIGH} | more,
    )


IN_ONE = "f CVE-2026-1 in one@1.0"


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ([code(ONE)], {IN_ONE: "FAIL"}),
        ([code(ONE, found=Found.LOCKED)], {IN_ONE: "WARN"}),
        ([code(ONE, found=Found.DECLARED)], {IN_ONE: "WARN"}),
        ([code("pkg:pypi/one@1.2")], {"f": "PASS"}),
        ([code()], {"f": "PASS"}),
        ([], {"f": "UNKNOWN"}),
        ([code("pkg:pypi/one")], {"f": "UNKNOWN"}),
        ([code("pkg:pypi/one@no-version")], {"f undecided": "UNKNOWN"}),
        ([code("pkg:npm/other@1.0.0")], {"f": "UNKNOWN"}),
        ([code("pkg:pypi/other@1.0", incomplete="a zip in it")], {"f": "UNKNOWN"}),
        ([scanned("not_affected"), code(ONE)], {"f": "PASS"}),
        ([scanned("CLOSED"), code(ONE)], {IN_ONE: "FAIL"}),
        ([scanned(), code(ONE)], {IN_ONE: "FAIL"}),
    ],
)
def test_advisories_decide(records, expected, osv):
    assert verdicts(CHECK, functions(function()), records=records, advisories=osv) == expected


def test_code_that_hides_its_packages_is_unknown(osv):
    account = functions(function(Runtime="nodejs22.x"))
    assert verdicts(CHECK, account, records=[code()], advisories=osv) == {"f": "UNKNOWN"}


LISTED = answer("inspector2.ListFindings", {})


@pytest.mark.parametrize(
    ("more", "records", "expected"),
    [
        ([], [scanned()], {IN_ONE: "FAIL"}),
        ([], [scanned(resource=f"{F}:$LATEST")], {IN_ONE: "FAIL"}),
        ([covered(F), LISTED], [scanned("SUPPRESSED")], {"f": "PASS"}),
        ([covered(F), LISTED], [], {"f": "PASS"}),
        ([covered(), LISTED], [], {"f": "UNKNOWN"}),
        ([covered(F)], [], {"f": "UNKNOWN"}),
        ([covered(F), LISTED], [scanned(resource=f"{F}:3")], {"f": "PASS"}),
    ],
)
def test_scanners_decide(more, records, expected):
    assert verdicts(CHECK, functions(function()), *more, records=records) == expected


def test_a_layer_brings_its_vulnerability_along(osv):
    layer = layered()["Layers"][0]["Arn"]
    account = functions(function(**layered()), function("g"))
    records = [code(), code(ONE, used_by=layer), code(used_by=arn("lambda", "function:g"))]
    assert verdicts(CHECK, account, records=records, advisories=osv) == {IN_ONE: "FAIL", "g": "PASS"}
    assert verdicts(CHECK, account, records=[scanned(resource=layer)])[IN_ONE] == "FAIL"
    assert verdicts(CHECK, account, records=[code()], advisories=osv)["f"] == "UNKNOWN"


def test_a_version_in_use_is_judged_for_itself(osv):
    account = [functions(function(CodeSha256="new")), *live()]
    records = [code("pkg:pypi/one@1.2"), code(ONE, used_by=f"{F}:3")]
    expected = {"f": "PASS", "f version 3, CVE-2026-1 in one@1.0": "FAIL"}
    assert verdicts(CHECK, *account, records=records, advisories=osv) == expected


def test_a_finding_tells_where_how_grave_and_what_to_take(osv):
    (found,) = judged(CHECK, functions(function()), records=[code(ONE), scanned()], advisories=osv)
    assert "fixed in 1.2 (Amazon Inspector, OSV)" in found.reason
    assert {source.file for source in found.sources} >= {"findings.json", "f.zip"}
    assert any(source.pointer == "/GHSA-1.json" for source in found.sources)
    assert (found.severity, found.base) == (Severity.CRITICAL, Severity.HIGH)


def url():
    config = {"FunctionUrl": "https://x.lambda-url.eu-west-1.on.aws/", "FunctionArn": F, "AuthType": "NONE"}
    actions = ["lambda:InvokeFunction", "lambda:InvokeFunctionUrl"]
    statement = {"Effect": "Allow", "Principal": "*", "Action": actions, "Resource": F}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    return [
        answer("lambda.ListFunctionUrlConfigs", {"FunctionUrlConfigs": [config]}, "f"),
        answer("lambda.GetPolicy", {"Policy": policy}, "f"),
    ]


KNOWN = [gaad(role()), NO_ORGANIZATION]


@pytest.mark.parametrize(
    ("more", "told", "severity"),
    [
        ([], {}, Severity.HIGH),
        (KNOWN, {}, Severity.MEDIUM),
        (url(), {}, Severity.HIGH),
        (url(), {"exploit": True}, Severity.CRITICAL),
        ([], {"rating": Rating.UNKNOWN}, Severity.HIGH),
        ([], {"rating": Rating.LOW}, Severity.LOW),
    ],
)
def test_severity_is_the_advisorys_weighed_by_exposure(more, told, severity):
    (found,) = judged(CHECK, functions(function()), *more, records=[scanned(**told)])
    assert found.severity == severity


def test_worst_first(osv):
    weak = scanned(purl="pkg:pypi/two@2", rating=Rating.LOW)
    found = judged(CHECK, functions(function()), records=[code(ONE), weak], advisories=osv)
    assert [item.place for item in found] == ["CVE-2026-1 in one@1.0", "CVE-2026-1 in two@2"]


@pytest.mark.parametrize(
    ("records", "expected"),
    [([code(), code(used_by=arn("lambda", "function:g"))], "PASS"), ([code()], "WARN"), ([], "WARN")],
)
def test_reverse_index(records, expected):
    found = judged("deps.reverse-index", functions(function(), function("g")), records=records)
    assert [(item.resource, item.verdict) for item in found] == [(f"{ACCOUNT}:{REGION}", expected)]


def test_reverse_index_without_functions_is_unknown():
    found = judged("deps.reverse-index", answer("sqs.ListQueues", {}))
    assert [item.verdict for item in found] == ["UNKNOWN"]


# ------------------------------------------------------------------------ layers

THEIRS, AWS = "999988887777", "017000801446"
CASE = Case(accounts={"444455556666": "platform team"})


@pytest.mark.parametrize(
    ("account", "case", "expected"),
    [
        (ACCOUNT, None, "PASS"),
        (AWS, None, "PASS"),
        ("444455556666", CASE, "PASS"),
        (THEIRS, CASE, "FAIL"),
        (THEIRS, None, "WARN"),
    ],
)
def test_foreign_layer(account, case, expected):
    found = verdicts("deps.foreign-layer", functions(function(**layered(account=account))), case=case)
    assert found == {"f layer common:1": expected}


def test_whose_a_layer_is_that_a_parameter_names_is_not_known():
    layers = {"Layers": [{"Arn": "(shop.SharedLayer)"}]}
    for case in (None, CASE):
        found = judged("deps.foreign-layer", functions(function(**layers)), case=case)
        assert [(item.verdict, item.missing) for item in found] == [("UNKNOWN", ("whose (shop.SharedLayer) is",))]


def test_no_layer_and_no_list_of_functions():
    assert verdicts("deps.foreign-layer", functions(function())) == {"f": "N/A"}
    assert [item.verdict for item in judged("deps.foreign-layer", answer("sqs.ListQueues", {}))] == ["UNKNOWN"]


def run_from(uri):
    of = function(PackageType="Image", Runtime=None)
    seen = [answer("lambda.GetFunction", {"Configuration": of, "Code": {"ImageUri": uri}}, "f")] if uri else []
    return [functions(of), *seen]


@pytest.mark.parametrize(
    ("uri", "case", "expected"),
    [
        (f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/shop:1", None, "PASS"),
        (f"{THEIRS}.dkr.ecr.eu-west-1.amazonaws.com/shop:latest", None, "WARN"),
        (f"{THEIRS}.dkr.ecr.eu-west-1.amazonaws.com/shop:1", Case(accounts={ACCOUNT: "ours"}), "FAIL"),
        (f"{THEIRS}.dkr.ecr.eu-west-1.amazonaws.com/shop@sha256:0", Case(accounts={THEIRS: "agreed"}), "PASS"),
        ("public.ecr.aws/acme/shop:1", None, "UNKNOWN"),
        ("", None, "UNKNOWN"),
    ],
)
def test_an_image_of_another_account_is_code_of_another_account(uri, case, expected):
    assert verdicts("deps.foreign-layer", *run_from(uri), case=case) == {"f image": expected}


def test_a_layer_of_a_version_in_use_is_judged_too():
    account = [functions(function()), *live(**layered(account=THEIRS))]
    assert verdicts("deps.foreign-layer", *account) == {"f version 3, layer common:1": "WARN"}


def sharing(count, *roles, **where):
    """Return functions that run versions of one layer."""
    found = [function(f"f{number}", **layered(number % 2 + 1, **where)) for number in range(count)]
    return [functions(*found), *([gaad(*roles), NO_ORGANIZATION] if roles else [])]


CHANGES = {"Effect": "Allow", "Action": "lambda:UpdateFunctionCode", "Resource": "*"}


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        (sharing(10), [("WARN", Severity.LOW)]),
        (sharing(9), [("PASS", None)]),
        (sharing(10, account=AWS), []),
        (sharing(10, role("f0", CHANGES)), [("WARN", Severity.HIGH)]),
        (sharing(10, role("deployer", CHANGES)), [("WARN", Severity.LOW)]),
    ],
)
def test_shared_layer_blast(account, expected):
    policies = [answer("lambda.GetPolicy", {}, f"f{number}") for number in range(10)]
    found = [item for item in judged("deps.shared-layer-blast", *account, *policies) if item.resource]
    assert [(item.verdict, item.severity) for item in found] == expected
    assert all(item.resource.endswith(":layer:common:2") for item in found)


def published(*statements, policy=True):
    version = {"LayerVersionArn": arn("lambda", "layer:common:1"), "Version": 1}
    found = [answer("lambda.ListLayerVersions", {"LayerVersions": [version]}, "common")]
    if policy:
        document = {"Version": "2012-10-17", "Statement": list(statements)}
        payload = {"Policy": json.dumps(document)} if statements else {}
        found.append(answer("lambda.GetLayerVersionPolicy", payload, "common", "1"))
    return found


def gets(who="*", **more):
    return {"Effect": "Allow", "Principal": who, "Action": "lambda:GetLayerVersion", "Resource": "*"} | more


ORGANIZATION = {"StringEquals": {"aws:PrincipalOrgID": "o-1234567890"}}


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        (published(gets()), "FAIL"),
        (published(gets({"AWS": "*"})), "FAIL"),
        (published(gets(Condition=ORGANIZATION)), "PASS"),
        (published(gets({"AWS": f"arn:aws:iam::{THEIRS}:root"})), "PASS"),
        (published(), "PASS"),
        (published(policy=False), "UNKNOWN"),
    ],
)
def test_layer_public(account, expected):
    assert verdicts("deps.layer-public", *account) == {"common": expected}


def test_a_secret_in_a_public_layer_is_critical():
    leak = ScanResult(
        id="s", tool="t", rule="r", weaknesses=("CWE-798",), resources=(arn("lambda", "layer:common:1"),),
        sources=(Source("s.sarif"),),
    )  # fmt: skip
    for records, severity in (([], Severity.HIGH), ([leak], Severity.CRITICAL)):
        (found,) = judged("deps.layer-public", *published(gets()), records=records)
        assert found.severity == severity


# ------------------------------------------------------------------------ images


def repository(mutability, *statements, policy=True):
    one = {"repositoryName": "shop", "repositoryArn": REPOSITORY, "imageTagMutability": mutability}
    found = [answer("ecr.DescribeRepositories", {"repositories": [one]})]
    if policy:
        text = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
        found.append(answer("ecr.GetRepositoryPolicy", {"policyText": text} if statements else {}, "shop"))
    return found


IF = {"Condition": {"StringEquals": {"aws:PrincipalTag/team": "builds"}}}
NEW = {"Condition": {"NewOperator": {"aws:PrincipalTag/team": "builds"}}}


def pushes(account):
    return {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account}:root"}, "Action": "ecr:PutImage"}


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        ([*image(), *repository("MUTABLE")], {"shop": "WARN"}),
        ([*image(), *repository("MUTABLE_WITH_EXCLUSION")], {"shop": "WARN"}),
        ([*image(), *repository("IMMUTABLE")], {"shop": "PASS"}),
        ([*image(), *repository("IMMUTABLE_WITH_EXCLUSION")], {"shop": "WARN"}),
        ([*image(), *repository("IMMUTABLE", pushes(THEIRS))], {"shop": "FAIL"}),
        ([*image(), *repository("IMMUTABLE", pushes(THEIRS) | IF)], {"shop": "UNKNOWN"}),
        ([*image(), *repository("IMMUTABLE", pushes(THEIRS) | NEW)], {"shop": "UNKNOWN"}),
        ([*image(), *repository("IMMUTABLE", pushes(ACCOUNT))], {"shop": "PASS"}),
        ([*image(), *repository("IMMUTABLE", policy=False)], {"shop": "UNKNOWN"}),
        (image(), {"f": "UNKNOWN"}),
        ([functions(function(PackageType="Image"))], {"f": "UNKNOWN"}),
        ([functions(function()), *repository("MUTABLE")], {"shop": "N/A"}),
    ],
)
def test_image_mutable(account, expected):
    assert verdicts("deps.image-mutable", *account) == expected


# ----------------------------------------------------------------- third parties


def mentioning(host):
    return code(mentions=(Mention(MentionKind.HOST, host, "https", Source("f.zip", "/f.py"), 3),))


def variables(**named):
    return {"Environment": {"Variables": named}}


@pytest.mark.parametrize(
    ("settings", "records", "expected"),
    [
        ({}, [mentioning("cdn.jsdelivr.net")], "WARN"),
        ({}, [mentioning("api.example.net")], "PASS"),
        (variables(PIP_INDEX_URL="https://pypi.internal.example.net/simple"), [], "WARN"),
        (variables(PLUGIN_URL="https://files.example.net/p.js"), [], "WARN"),
        (variables(NPM_CONFIG_REGISTRY="https://npm.example.net"), [], "WARN"),
        (variables(AWS_LAMBDA_RUNTIME_API="127.0.0.1:9001"), [], "WARN"),
        (variables(API_URL="https://api.example.net/"), [code()], "PASS"),
        ({}, [code()], "PASS"),
        ({}, [], "UNKNOWN"),
    ],
)
def test_third_party_runtime(settings, records, expected):
    found = verdicts("deps.third-party-runtime", functions(function(**settings)), records=records)
    assert found == {"f": expected}


def test_the_code_of_layers_may_fetch_code_too():
    layered = functions(function(Layers=[{"Arn": arn("lambda", "layer:theirs:1", account=THEIRS)}]))
    found = judged("deps.third-party-runtime", layered, records=[mentioning("example.com")])
    assert [(item.verdict, "layer:theirs:1" in item.reason) for item in found if item.kind] == [("UNKNOWN", True)]


FETCHES = variables(PLUGIN_URL="https://files.example.net/p.js")
UNREAD = {"Environment": {"Error": {"ErrorCode": "AccessDeniedException", "Message": "no"}}}


@pytest.mark.parametrize(
    ("settings", "host", "expected"),
    [
        (FETCHES | {"CodeSha256": "d"}, "", {"f": "PASS", "f version 3": "WARN"}),
        (variables(A="b") | {"CodeSha256": "d"}, "", {"f": "PASS", "f version 3": "PASS"}),
        (UNREAD | {"CodeSha256": "d"}, "", {"f": "PASS", "f version 3": "UNKNOWN"}),
        ({"CodeSha256": "d"}, "", {"f": "PASS"}),
        ({}, "pypi.org", {"f": "PASS", "f version 3": "WARN"}),
        ({}, "api.example.net", {"f": "PASS", "f version 3": "PASS"}),
        ({}, "", {"f": "PASS", "f version 3": "UNKNOWN"}),
    ],
)
def test_what_a_version_in_use_fetches_is_judged(settings, host, expected):
    said = Mention(MentionKind.HOST, host, "https", Source("old.zip", "/f.py"), 3)
    old = code(used_by=f"{F}:3", digest="old", mentions=(said,))
    account = [functions(function(CodeSha256="d")), *live(**settings)]
    records = [code(), *([old] if host else [])]
    assert verdicts("deps.third-party-runtime", *account, records=records) == expected


def test_an_attested_host_passes():
    case = Case(third_parties={"*.jsdelivr.net": "reviewed"})
    account, records = functions(function()), [mentioning("cdn.jsdelivr.net")]
    assert verdicts("deps.third-party-runtime", account, records=records, case=case) == {"f": "PASS"}


def invoked(when):
    return FunctionMetric(
        id=f"metric:{F}:Invocations",
        function=F,
        metric="Invocations",
        last_used=when,
        sources=(Source("metrics.json"),),
    )


OLD, NEW = "2025-01-01T00:00:00.000+0000", "2026-09-01T00:00:00.000+0000"


@pytest.mark.parametrize(
    ("modified", "records", "expected"),
    [
        (OLD, [], "WARN"),
        (OLD, [invoked("2026-10-20T00:00:00Z")], "WARN"),
        (OLD, [invoked("2026-01-01T00:00:00Z")], "N/A"),
        (OLD, [invoked("")], "N/A"),
        (NEW, [], "PASS"),
        (None, [], "UNKNOWN"),
    ],
)
def test_stale_build(modified, records, expected):
    account = functions(function(LastModified=modified))
    assert verdicts("deps.stale-build", account, records=records) == {"f": expected}
    assert verdicts("deps.stale-build", account, date="") == {"f": "UNKNOWN"}


def test_a_stale_version_behind_an_alias():
    account = [functions(function(CodeSha256="new")), *live(LastModified=OLD)]
    assert verdicts("deps.stale-build", *account) == {"f": "PASS", "f version 3": "WARN"}
