"""Unpatched servers: what fails, what passes, and what the export does not tell."""

import pytest

from auditkit.areas import Scene, patching_frame
from auditkit.graph import connect
from tests.areas.scenes import ACCOUNT, DATE, REGION, answer, arn, function, functions, judged, verdicts
from tests.areas.test_longlived import BUCKET, opened, reads
from tests.exports.feeding import feed

DIGEST = "sha256:" + "a" * 64
IMAGE = {"Runtime": None, "PackageType": "Image"}
URI = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/shop"


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"Runtime": "nodejs14.x"}, "FAIL"),
        ({"Runtime": "nodejs22.x"}, "WARN"),
        ({"Runtime": "python3.13"}, "PASS"),
        ({"Runtime": "cobol85"}, "UNKNOWN"),
        ({"Runtime": None}, "UNKNOWN"),
        (IMAGE, "N/A"),
    ],
)
def test_runtime_deprecated(settings, expected):
    assert verdicts("patch.runtime-deprecated", functions(function(**settings))) == {"f": expected}


@pytest.mark.parametrize(
    ("date", "more", "severity"),
    [
        ("2027-04-01", [opened(), reads(), *BUCKET], "critical"),
        ("2026-11-01", [opened(), reads(), *BUCKET], "high"),  # updates can still be deployed
        ("2027-04-01", [reads(), *BUCKET], "medium"),
    ],
)
def test_a_deprecated_runtime_that_no_update_gets_to_any_more(date, more, severity):
    account = functions(function(Runtime="nodejs14.x")), *more
    (found,) = [item for item in judged("patch.runtime-deprecated", *account, date=date) if item.kind]
    assert (str(found.verdict), str(found.severity)) == ("FAIL", severity)


def test_without_an_audit_date_no_age_is_known():
    found = judged("patch.runtime-deprecated", functions(function()), date="")
    assert [(item.verdict, item.missing) for item in found] == [("UNKNOWN", ("an audit date",))]


def test_a_refused_listing_is_unknown_for_its_region():
    found = judged("patch.runtime-deprecated", answer("sqs.ListQueues", {}))
    assert [(item.verdict, item.resource) for item in found] == [("UNKNOWN", f"{ACCOUNT}:{REGION}")]
    assert found[0].missing == ("lambda:ListFunctions (missing)",)


def test_an_account_without_functions_has_nothing_to_judge():
    found = judged("patch.runtime-deprecated", functions())
    assert [(item.verdict, item.resource) for item in found] == [("N/A", "")]


def version(number, runtime):
    return function(Version=number, Runtime=runtime, FunctionArn=arn("lambda", f"function:f:{number}"))


def versions(*found):
    return answer("lambda.ListVersionsByFunction", {"Versions": [function(), *found]}, "f")


def alias(version, weights=None):
    item = {"AliasArn": arn("lambda", "function:f:live"), "Name": "live", "FunctionVersion": version}
    if weights:
        item["RoutingConfig"] = {"AdditionalVersionWeights": weights}
    return answer("lambda.ListAliases", {"Aliases": [item]}, "f")


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ([versions(version("1", "nodejs14.x")), alias("1")], {"f version 1": "FAIL"}),
        ([versions(version("1", "python3.13")), alias("1")], {"f version 1": "PASS"}),
        ([versions(version("1", "nodejs14.x")), alias("$LATEST")], {}),
        (
            [versions(version("1", "nodejs14.x"), version("2", "python3.13")), alias("2", {"1": 0.1})],
            {"f version 1": "FAIL", "f version 2": "PASS"},
        ),
        ([versions(version("1", "nodejs14.x")), alias("$LATEST", {"1": 0.0})], {}),
        ([versions(version("1", "nodejs22.x")), alias("1")], {"f version 1": "WARN"}),
        ([versions(version("1", "nodejs14.x"))], {"f": "UNKNOWN"}),
        ([], {"f": "UNKNOWN"}),
    ],
)
def test_runtime_live_version(more, expected):
    assert verdicts("patch.runtime-live-version", functions(function()), *more) == expected


def test_an_event_source_mapping_keeps_a_version_alive():
    mapping = {"UUID": "u", "FunctionArn": arn("lambda", "function:f:1"), "State": "Enabled"}
    found = judged(
        "patch.runtime-live-version",
        functions(function()),
        versions(version("1", "nodejs14.x")),
        answer("lambda.ListEventSourceMappings", {"EventSourceMappings": [mapping]}),
        answer("lambda.ListAliases", {"Aliases": []}, "f"),
    )
    assert [(item.verdict, item.place) for item in found] == [("FAIL", "version 1")]
    assert "event source mapping u leads to it" in found[0].reason
    assert [source.pointer for source in found[0].sources] == [
        "/Versions/1/Runtime",
        "/EventSourceMappings/0/FunctionArn",
    ]


@pytest.mark.parametrize(
    ("mode", "modified", "expected"),
    [
        ("Manual", "2026-10-01", "FAIL"),
        ("Auto", "2020-10-01", "PASS"),
        ("FunctionUpdate", "2026-10-01", "PASS"),
        ("FunctionUpdate", "2026-01-01", "WARN"),
        (None, "2026-01-01", "UNKNOWN"),
    ],
)
def test_runtime_pinned(mode, modified, expected):
    settings = [answer("lambda.GetRuntimeManagementConfig", {"UpdateRuntimeOn": mode}, "f")] if mode else []
    found = verdicts("patch.runtime-pinned", functions(function(LastModified=f"{modified}T00:00:00Z")), *settings)
    assert found == {"f": expected}


@pytest.mark.parametrize(
    ("pushed", "counts", "expected"),
    [
        ("2026-10-20T00:00:00Z", {}, "PASS"),
        ("2026-10-20T00:00:00Z", {"MEDIUM": 3}, "PASS"),
        ("2026-10-20T00:00:00Z", {"HIGH": 1}, "FAIL"),
        ("2026-01-20T00:00:00Z", {}, "FAIL"),
        ("2026-10-20T00:00:00Z", None, "UNKNOWN"),
        (1792454400.0, {}, "PASS"),
    ],
)
def test_image_base(pushed, counts, expected):
    image = {"repositoryName": "shop", "registryId": ACCOUNT, "imageDigest": DIGEST, "imagePushedAt": pushed}
    if counts is not None:
        image["imageScanFindingsSummary"] = {"findingSeverityCounts": counts}
    found = verdicts(
        "patch.image-base",
        functions(function(**IMAGE)),
        answer("lambda.GetFunction", _with_image(), "f"),
        answer("ecr.DescribeImages", {"imageDetails": [image]}, "shop"),
    )
    assert found == {"f": expected}


def _with_image():
    code = {"ImageUri": f"{URI}:latest", "ResolvedImageUri": f"{URI}@{DIGEST}"}
    return {"Configuration": function(**IMAGE), "Code": code}


def test_an_image_that_was_not_exported_is_unknown():
    found = judged("patch.image-base", functions(function(**IMAGE)), answer("lambda.GetFunction", _with_image(), "f"))
    assert [item.missing for item in found] == [(f"ecr:DescribeImages of {URI}@{DIGEST}",)]


@pytest.mark.parametrize(
    ("settings", "tags", "expected"),
    [
        ({"Runtime": "provided.al2023"}, {"Owner": "payments"}, "PASS"),
        ({"Runtime": "provided.al2023"}, {"Owner": " "}, "FAIL"),
        ({"Runtime": "provided.al2023"}, {"color": "red"}, "FAIL"),
        (IMAGE, {"patch-owner": "platform"}, "PASS"),
        (IMAGE, None, "UNKNOWN"),
        ({"Runtime": "python3.13"}, {}, "N/A"),
        ({"Runtime": "cobol85"}, {}, "UNKNOWN"),
    ],
)
def test_os_only_runtime_owner(settings, tags, expected):
    found = function(**settings)
    more = [] if tags is None else [answer("lambda.GetFunction", {"Configuration": found, "Tags": tags}, "f")]
    assert verdicts("patch.os-only-runtime-owner", functions(found), *more) == {"f": expected}


@pytest.mark.parametrize(
    ("attached", "created", "expected"),
    [
        (3, "2020-01-01", "PASS"),
        (1, "2020-01-01", "WARN"),
        (1, "2026-10-01", "PASS"),
    ],
)
def test_layer_age(attached, created, expected):
    layer = arn("lambda", "layer:common")
    listed = [
        {"LayerVersionArn": f"{layer}:{n}", "Version": n, "CreatedDate": f"{created}T00:00:00Z"} for n in (3, 2, 1)
    ]
    found = verdicts(
        "patch.layer-age",
        functions(function(Layers=[{"Arn": f"{layer}:{attached}"}])),
        answer("lambda.ListLayerVersions", {"LayerVersions": listed}, "common"),
    )
    assert found == {"f layer common": expected}


def test_the_newest_version_of_a_layer_is_known_by_a_whole_list():
    layer = arn("lambda", "layer:common")
    listed, runs = (
        {"LayerVersions": [{"LayerVersionArn": f"{layer}:1", "Version": 1}]},
        {"Layers": [{"Arn": f"{layer}:1"}]},
    )
    for asked, expected in (("common", "PASS"), (layer, "PASS"), ("other", "UNKNOWN")):
        account = functions(function(**runs)), answer("lambda.ListLayerVersions", listed, asked)
        assert verdicts("patch.layer-age", *account) == {"f layer common": expected}


def test_a_layer_of_another_account_is_unknown():
    layer = arn("lambda", "layer:theirs:4", account="999988887777")
    assert verdicts("patch.layer-age", functions(function(Layers=[{"Arn": layer}]))) == {"f layer theirs": "UNKNOWN"}


def test_residual_servers():
    database = {"DBInstanceIdentifier": "old", "DBInstanceArn": arn("rds", "db:old"), "Engine": "mysql"}
    found = verdicts(
        "patch.residual-servers",
        answer("rds.DescribeDBInstances", {"DBInstances": [database | {"AutoMinorVersionUpgrade": False}]}),
        functions(function(CapacityProviderConfig={"LambdaManagedInstancesCapacityProviderConfig": {}}), function("g")),
    )
    assert found == {"old": "WARN", "f": "WARN"}
    asked = answer("rds.DescribeDBInstances", {"DBInstances": [database | {"AutoMinorVersionUpgrade": True}]})
    assert verdicts("patch.residual-servers", asked) == {"old": "PASS"}
    assert verdicts("patch.residual-servers", answer("rds.DescribeDBInstances", {"DBInstances": [database]})) == {
        "old": "UNKNOWN"
    }


def patching(*found, date=DATE):
    inventory = feed(functions(*found))
    return patching_frame(Scene(inventory, connect(inventory), date=date))


def test_who_patches_what_functions_run_on():
    image = {"Runtime": None, "PackageType": "Image"}
    old, own = {"Runtime": "python3.8"}, {"Runtime": "provided.al2023"}
    frame = patching(function("a", **old), function("b", **image), function("c"), function("d", **own), function("e"))
    told = {row["runtime"]: (row["patched_by"], row["functions"], row["names"]) for row in frame.to_dict("records")}
    assert told == {
        "python3.8": ("nobody any more", 1, ("a",)),
        "python3.13": ("AWS, operating system and language", 2, ("c", "e")),
        "provided.al2023": ("AWS the operating system, the customer the language", 1, ("d",)),
        "": ("the customer, by building the image anew", 1, ("b",)),
    }
    assert frame["runtime"].iloc[0] == "python3.8"
    assert frame.attrs["as_of"]
    assert frame.attrs["source"]


def test_without_a_date_or_a_row_in_the_table_it_is_not_known_who_patches():
    frame = patching(function("a", Runtime="python3.8"), function("b", Runtime="cobol1"), date="")
    told = {row["runtime"]: row["patched_by"] for row in frame.to_dict("records")}
    assert told == {"python3.8": "not known without an audit date", "cobol1": "not known: it is in no table"}
    assert frame["days"].isna().all()
    assert frame.attrs["age"] is None
    assert patching().attrs["reason"] == "The export shows no function."
