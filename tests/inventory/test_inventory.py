import json
import re

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditkit.cells import cell_text
from auditkit.inventory import Call, Coverage, CoverageState, Inventory, Kind, NotRead, PolicyText, Source
from auditkit.inventory.arn import Arn, arn_of, parse_arn, partition_of
from auditkit.inventory.records.apis_v2 import HttpApi
from auditkit.inventory.records.functions import EnvironmentValue, Function, FunctionVersion, VpcConfig

ACCOUNT, REGION = "111122223333", "eu-west-1"
PRESENT, EMPTY, DENIED, MISSING = CoverageState


def function(name, cls=Function, **fields):
    arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"
    return cls(
        id=arn,
        account=ACCOUNT,
        region=REGION,
        name=name,
        sources=(Source("f.json", f"/{name}"),),
        function_name=name,
        function_arn=arn,
        **fields,
    )


def test_a_table_is_for_people():
    policy = PolicyText({"Statement": [{}, {}]}, Source("p"), "own")
    value = EnvironmentValue(length=3, sha256="ab", secret=True, reason="named like a credential")
    inventory = Inventory(
        [
            function(
                "b",
                vpc_config=VpcConfig(subnet_ids=("s-1", "s-2"), vpc_id="vpc-1"),
                policy=policy,
                tags={"team": "x", "env": "y"},
                environment={"B": value, "A": value},
                timeout=30,
                reserved_concurrency=None,
            ),
            function("a"),
        ]
    )
    frame = inventory.frame("function")
    assert list(frame["name"]) == ["a", "b"]
    assert [*frame.columns[:4], *frame.columns[-2:]] == ["id", "name", "account", "region", "tags", "source"]
    first, second = frame.iloc[0], frame.iloc[1]
    assert second["vpc_config.subnet_ids"] == "s-1, s-2"
    assert (second["policy"], second["tags"], second["environment"]) == ("own: 2 statements", "team=x, env=y", "A, B")
    assert (first["policy"], first["tags"], first["environment"]) == ("not seen", "not seen", "not seen")
    assert second["source"] == "f.json#/b"
    assert second["timeout"] == 30
    assert second["reserved_concurrency"] is None or pd.isna(second["reserved_concurrency"])


def test_a_kind_without_records_is_an_empty_table_and_no_such_kind_an_error():
    assert Inventory().frame(Kind.QUEUE).empty
    with pytest.raises(ValueError, match="no such kind"):
        Inventory().frame("no such kind")


def test_an_inventory_says_what_it_holds():
    evil = NotRead(Source("<b>.json"), "<script>")
    inventory = Inventory([function("a"), function("a:1", FunctionVersion)], not_read=[evil])
    assert inventory.counts == {"function": 1, "function version": 1}
    assert repr(inventory) == ("<Inventory: 2 records of 2 kinds in 1 account, 1 not read, 0 contradictions>")
    html = inventory._repr_html_()
    assert re.search(r"<td[^>]*>function version</td><td>1</td>", html)
    assert "<script>" not in html
    assert Inventory()._repr_html_().count("<table>") == 1


def test_kinds_are_sorted_as_people_look_for_them():
    inventory = Inventory([function("a"), HttpApi(id="h", name="h", api_id="h"), function("a:1", FunctionVersion)])
    assert list(inventory.counts) == ["function", "function version", "HTTP API"]


def test_accounts_are_numbers():
    policy = function("x")
    policy.account = "aws"
    assert Inventory([policy, function("y")]).accounts == (ACCOUNT,)


def test_an_incomplete_call_counts_as_missing():
    coverage = Coverage(
        [
            Call(ACCOUNT, REGION, "lambda", "ListFunctions", state=PRESENT),
            Call(ACCOUNT, "us-east-1", "lambda", "ListFunctions", state=PRESENT, complete=False),
            Call(ACCOUNT, REGION, "lambda", "GetPolicy", "a", EMPTY),
            Call(ACCOUNT, REGION, "lambda", "GetPolicy", "b", DENIED),
        ]
    )
    assert coverage.state("lambda", "ListFunctions") is MISSING
    assert coverage.state("lambda", "ListFunctions", region=REGION) is PRESENT
    assert coverage.state("lambda", "GetPolicy") is DENIED
    assert coverage.state("lambda", "GetPolicy", resource="a") is EMPTY
    assert coverage.state("lambda", "GetPolicy", account="444455556666") is MISSING
    assert coverage.state("sqs", "ListQueues") is MISSING
    assert list(coverage.frame()["complete"]) == [True, True, True, False]


# ---------------------------------------------------------------- ARNs


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("arn:aws:s3:::bucket/key:x", ("aws", "s3", "", "", "bucket/key:x")),
        (
            "arn:aws-us-gov:lambda:us-gov-west-1:111122223333:function:f",
            ("aws-us-gov", "lambda", "us-gov-west-1", ACCOUNT, "function:f"),
        ),
        ("arn:aws:iam::aws:policy/ReadOnlyAccess", ("aws", "iam", "", "aws", "policy/ReadOnlyAccess")),
        ("arn:aws:s3", None),
        ("arn:aws:s3:::", None),
        ("arn:aws:sqs:eu-west-1:12:q", None),
        ("arn:aws:sqs:eu-west-1:111122223333:a b", None),
        ("https://example.com", None),
        (None, None),
        (7, None),
    ],
)
def test_arns_are_taken_apart(text, parts):
    assert parse_arn(text) == (Arn(*parts) if parts else None)


words = st.from_regex(r"[a-z0-9-]{1,12}", fullmatch=True)


@given(words, st.from_regex(r"[!-~]{1,30}", fullmatch=True), st.from_regex(r"[0-9]{12}", fullmatch=True), words)
def test_arns_are_put_together_again(service, resource, account, region):
    text = arn_of(service, resource, account=account, region=region)
    assert parse_arn(text) == Arn(
        partition_of(region), service, "" if region == "global" else region, account, resource
    )
    assert str(parse_arn(text)) == text


@pytest.mark.parametrize(
    ("region", "partition"),
    [
        ("eu-west-1", "aws"),
        ("", "aws"),
        ("cn-north-1", "aws-cn"),
        ("us-gov-east-1", "aws-us-gov"),
        ("us-isob-east-1", "aws-iso-b"),
    ],
)
def test_a_partition_follows_from_the_region(region, partition):
    assert partition_of(region) == partition


def test_a_policy_that_is_kept_as_text_is_the_one_that_is_kept_as_an_object():
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}] * 9}
    text = json.dumps(document).encode()
    packed, plain = PolicyText.of_text(text, Source("p"), "own"), PolicyText(document, Source("p"), "own")
    assert packed == plain
    assert hash(packed) == hash(plain)
    assert packed.document == packed.document == document
    assert packed.written == text
    assert len(packed.kept) < len(text)
    assert cell_text(packed) == cell_text(plain)
