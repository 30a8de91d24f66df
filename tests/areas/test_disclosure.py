"""What a disclosure touches: functions, versions, aliases, layers, entries and stores, and what is not known."""

import json

import pytest

from auditkit.areas import Disclosure, Scene
from auditkit.errors import ExportError
from auditkit.graph import connect
from auditkit.inventory import Inventory
from auditkit.inventory.evidence.packages import Found
from tests.areas.scenes import DATE, answer, arn, feed, function, functions, gaad, role
from tests.areas.test_deps import NO_ORGANIZATION, F, code, layered, live, scanned, url

BUCKET = [
    answer("s3.ListBuckets", {"Buckets": [{"Name": "cards"}]}, region="global"),
    answer("s3.GetBucketTagging", {"TagSet": [{"Key": "data-class", "Value": "restricted"}]}, "cards", region="global"),
    answer("s3.GetBucketPolicy", {}, "cards", region="global"),
]
READS = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::cards/*"}


def asked(*responses, records=()):
    fed = feed(*responses)
    inventory = Inventory([*fed, *records], coverage=fed.coverage)
    return Disclosure(Scene(inventory, connect(inventory), date=DATE))


def test_a_row_tells_what_is_touched():
    account = [functions(function()), gaad(role("f", READS)), NO_ORGANIZATION, *BUCKET, *url()]
    (row,) = asked(*account, records=[code("pkg:pypi/one@1.0")]).who_uses("one").to_dict("records")
    assert row["function"] == F
    assert (row["package"], row["version"], row["found"]) == ("pkg:pypi/one", "1.0", "installed")
    assert (row["stores"], row["sensitivity"], row["cost"]) == ("cards", "restricted", 0.0)
    assert row["entries"]
    assert row["source"] == "f.zip#/0"


@pytest.mark.parametrize(
    ("question", "rows"),
    [
        ("one", 1),
        ("ONE", 1),
        ("pkg:pypi/one", 1),
        ("one@1.0", 1),
        ("one@1.0.0", 1),
        ("pkg:pypi/one@1.0", 1),
        ("one@2.0", 0),
        ("pkg:npm/one", 0),
        ("@s/two@2.0.0", 1),
        ("org.example:three", 1),
        ("three", 0),
        ("nobody", 0),
    ],
)
def test_packages_are_asked_for_by_name_or_address(question, rows):
    purls = ["pkg:pypi/one@1.0", "pkg:npm/%40s/two@2.0.0", "pkg:maven/org.example/three@3"]
    assert len(asked(functions(function()), records=[code(*purls)]).who_uses(question)) == rows


@pytest.mark.parametrize("question", ["", "@", "pkg:nothing"])
def test_what_is_no_name_is_an_error(question):
    with pytest.raises(ExportError):
        asked(functions(function())).who_uses(question)


def test_a_version_that_is_not_known_is_listed_and_not_certain():
    records = [code("pkg:pypi/one", found=Found.DECLARED)]
    (row,) = asked(functions(function()), records=records).who_uses("one@2.0").to_dict("records")
    assert (row["version"], row["certain"]) == ("", False)


def test_layers_versions_and_aliases():
    layer = layered()["Layers"][0]["Arn"]
    account = [functions(function(CodeSha256="new"), function("g")), *live(**layered())]
    records = [code("pkg:pypi/one@1.0", used_by=layer)]
    (row,) = asked(*account, records=records).who_uses("one").to_dict("records")
    assert (row["function"], row["runs"], row["in_use"]) == (F, "version 3", True)
    assert (row["aliases"], row["layer"]) == ("live", layer)


def test_a_layer_may_be_asked_for():
    layer = layered()["Layers"][0]["Arn"]
    account = asked(functions(function(**layered()), function("g", **layered(2)), function("h")))
    assert list(account.who_uses(layer)["name"]) == ["f"]
    assert list(account.who_uses(layer.removesuffix(":1"))["name"]) == ["f", "g"]
    assert list(account.layers()["names"]) == ["f", "g"]
    assert not account.who_uses(layer).attrs["without_list"]
    assert account.without_list == ("f", "g", "h")


def test_packages_are_listed_by_how_many_run_them():
    records = [code("pkg:pypi/one@1.0", "pkg:pypi/two@1"), code("pkg:pypi/two@1", used_by=arn("lambda", "function:g"))]
    found = asked(functions(function(), function("g")), records=records).packages()
    assert list(zip(found["package"], found["functions"], found["names"], strict=True)) == [
        ("pkg:pypi/two", 2, "f, g"),
        ("pkg:pypi/one", 1, "f"),
    ]


def test_a_version_of_the_same_code_needs_no_list_of_its_own():
    account = [functions(function(CodeSha256="old")), *live()]
    found = asked(*account, records=[code("pkg:pypi/one@1.0")]).who_uses("one")
    assert list(found["runs"]) == ["$LATEST", "version 3"]


def test_what_a_scanner_names_counts_where_there_is_no_list():
    found = asked(functions(function()), records=[scanned()]).who_uses("one")
    assert list(found["function"]) == [F]


def test_how_many_are_not_known_is_said():
    records = [code("pkg:pypi/one@1.0")]
    found = asked(functions(function(), function("g")), records=records).who_uses("nobody")
    assert found.empty
    assert (found.attrs["asked"], found.attrs["without_list"]) == (2, ("g",))
    assert "1 of 2" in found.attrs["reason"]


def test_what_comes_over_a_queue_has_the_entry_before_it():
    queue = arn("sqs", "q")
    policy = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage"}],
    }
    policy["Statement"][0]["Resource"] = queue
    mapping = {"UUID": "u", "FunctionArn": F, "EventSourceArn": queue, "State": "Enabled"}
    account = [
        functions(function()),
        answer("lambda.ListEventSourceMappings", {"EventSourceMappings": [mapping]}),
        answer("sqs.ListQueues", {"QueueUrls": ["https://sqs.eu-west-1.amazonaws.com/123456789012/q"]}),
        answer(
            "sqs.GetQueueAttributes",
            {"Attributes": {"QueueArn": queue, "Policy": json.dumps(policy)}},
            "https://sqs.eu-west-1.amazonaws.com/123456789012/q",
        ),
    ]
    (row,) = asked(*account, records=[code("pkg:pypi/one@1.0")]).who_uses("one").to_dict("records")
    assert row["entries"] == "q"
