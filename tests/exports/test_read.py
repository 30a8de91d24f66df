"""From folders, zips and files to inventories: layouts, coverage, bad input, several exports."""

import json
import zipfile
from urllib.parse import quote

import msgspec
import pytest

from auditkit.errors import ExportError
from auditkit.exports import read
from auditkit.inventory import UNSET, CoverageState, Kind
from auditkit.inventory.records.functions import Function, FunctionAlias
from auditkit.inventory.records.identities import Role

ACCOUNT, OTHER, REGION = "111122223333", "444455556666", "eu-west-1"
PRESENT, EMPTY, DENIED, MISSING = CoverageState


def function_arn(name, account=ACCOUNT, region=REGION):
    return f"arn:aws:lambda:{region}:{account}:function:{name}"


def functions(*names, account=ACCOUNT, region=REGION, **fields):
    return {
        "Functions": [
            {"FunctionName": name, "FunctionArn": function_arn(name, account, region), **fields} for name in names
        ]
    }


def policy(name, account=ACCOUNT):
    statement = {"Effect": "Allow", "Principal": "*", "Action": "lambda:InvokeFunction"}
    statement["Resource"] = function_arn(name, account)
    return {"Policy": json.dumps({"Version": "2012-10-17", "Statement": [statement]})}


def error(code):
    return {"Error": {"Code": code, "Message": "no"}}


def write(folder, content):
    for path, value in content.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(value if isinstance(value, bytes) else json.dumps(value).encode())
    return folder


NESTED = {
    f"{ACCOUNT}/{REGION}/lambda-list-functions.json": functions("orders", "payments", "stock", "mail"),
    **{
        f"{ACCOUNT}/{REGION}/lambda-list-{what}/{name}.json": {key: []}
        for what, key in (("aliases", "Aliases"), ("versions-by-function", "Versions"))
        for name in ("orders", "payments", "stock", "mail")
    },
    f"{ACCOUNT}/{REGION}/lambda-get-policy/orders.json": policy("orders"),
    f"{ACCOUNT}/{REGION}/lambda-get-policy/payments.json": error("ResourceNotFoundException"),
    f"{ACCOUNT}/{REGION}/lambda-get-policy/stock.json": error("AccessDeniedException"),
    f"{ACCOUNT}/{REGION}/sqs-list-queues.json": {"QueueUrls": [f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/jobs"]},
    f"{ACCOUNT}/{REGION}/sns-list-topics.json": {"Topics": []},
    f"{ACCOUNT}/global/iam-get-account-authorization-details.json": {
        "RoleDetailList": [
            {
                "RoleName": "orders",
                "Arn": f"arn:aws:iam::{ACCOUNT}:role/orders",
                "AssumeRolePolicyDocument": {"Statement": []},
                "RolePolicyList": [],
                "AttachedManagedPolicies": [],
            }
        ],
        "UserDetailList": [],
        "GroupDetailList": [],
        "Policies": [],
    },
}


def records(inventory):
    """Return the records without the places they were read at."""
    return [json.loads(msgspec.json.encode(record), object_hook=without_places) for record in inventory]


def without_places(value):
    return {key: item for key, item in value.items() if key not in {"__sources", "source"}}


def states(inventory, operation, service="lambda"):
    return {
        (call.region, call.resource): (call.state, call.complete)
        for call in inventory.coverage
        if (call.service, call.operation) == (service, operation)
    }


# ---------------------------------------------------------------- layouts


def test_a_nested_folder_is_read_with_its_sources(tmp_path):
    inventory = read(write(tmp_path, NESTED))
    by_name = {function.name: function for function in inventory.of(Function)}
    assert set(by_name) == {"orders", "payments", "stock", "mail"}
    assert by_name["orders"].policy.document["Statement"][0]["Principal"] == "*"
    assert str(by_name["orders"].policy.source) == f"{ACCOUNT}/{REGION}/lambda-get-policy/orders.json#/Policy"
    assert str(by_name["stock"].source) == f"{ACCOUNT}/{REGION}/lambda-list-functions.json#/Functions/2"
    assert by_name["payments"].policy is None, "seen, and there is none"
    assert by_name["stock"].policy is UNSET, "denied"
    assert by_name["mail"].policy is UNSET, "missing"
    assert inventory.not_read == ()
    assert set(inventory.digests) == set(NESTED)
    assert inventory.accounts == (ACCOUNT,)


def test_a_zip_gives_the_same_as_its_folder(tmp_path):
    folder = write(tmp_path / "export", NESTED)
    with zipfile.ZipFile(tmp_path / "export.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for path in NESTED:
            archive.write(folder / path, path)
    first, second = read(folder), read(tmp_path / "export.zip")
    assert records(first) == records(second)
    assert list(first.coverage) == list(second.coverage)
    assert first.digests == second.digests


def test_a_flat_folder_takes_account_and_region_from_the_content(tmp_path):
    flat = {path.split("/", 2)[2]: value for path, value in NESTED.items()}
    nested, found = read(write(tmp_path / "nested", NESTED)), read(write(tmp_path / "flat", flat))
    assert records(found) == records(nested)

    def calls(inventory):
        return [msgspec.structs.replace(call, source=None) for call in inventory.coverage]

    assert calls(found) == calls(nested)


def test_other_spellings_are_read(tmp_path):
    other = {
        f"{ACCOUNT}/{REGION}/aws_lambda_list_functions.json": functions("orders"),
        f"{ACCOUNT}/{REGION}/LambdaGetPolicy/orders.json": policy("orders"),
        f"{ACCOUNT}/{REGION}/s3api-list-buckets.json": {"Buckets": [{"Name": "uploads-1", "CreationDate": "x"}]},
    }
    inventory = read(write(tmp_path, other))
    assert inventory.of(Function)[0].policy is not UNSET
    assert inventory.get("arn:aws:s3:::uploads-1") is not None
    assert states(inventory, "ListBuckets", "s3") == {("global", ""): (PRESENT, True)}


def test_content_is_recognised_where_the_name_says_nothing(tmp_path):
    inventory = read(write(tmp_path, {"a.json": functions("orders"), "b.json": {"RoleDetailList": []}}))
    assert [function.name for function in inventory.of(Function)] == ["orders"]
    assert inventory.coverage.state("lambda", "ListFunctions") is PRESENT


def test_a_call_whose_argument_only_an_arn_tells_reaches_its_record(tmp_path):
    content = {
        f"{ACCOUNT}/{REGION}/lambda-list-functions.json": functions("orders"),
        f"{ACCOUNT}/{REGION}/lambda-get-policy/{quote(function_arn('orders'), safe='')}.json": policy("orders"),
    }
    inventory = read(write(tmp_path, content))
    assert inventory.of(Function)[0].policy is not UNSET
    assert [resource for _, resource in states(inventory, "GetPolicy") if resource] == [function_arn("orders")]


def test_a_policy_of_an_alias_belongs_to_the_alias(tmp_path):
    alias = {"Aliases": [{"AliasArn": function_arn("orders") + ":live", "Name": "live", "FunctionVersion": "1"}]}
    content = {
        f"{ACCOUNT}/{REGION}/lambda-list-functions.json": functions("orders"),
        f"{ACCOUNT}/{REGION}/lambda-list-aliases/orders.json": alias,
        f"{ACCOUNT}/{REGION}/lambda-get-policy/orders%3Alive.json": policy("orders:live"),
    }
    inventory = read(write(tmp_path, content))
    assert inventory.of(Function)[0].policy is UNSET
    assert inventory.of(FunctionAlias)[0].policy is not UNSET


@pytest.mark.parametrize("form", ["pages", "lines", "items", "files"])
def test_pages_are_put_together(tmp_path, form):
    first, second = functions("a", "b"), functions("c")
    first["NextMarker"] = "x"
    place = f"{ACCOUNT}/{REGION}/lambda-list-functions.json"
    content = {
        "pages": {place: [first, second]},
        "lines": {place: b"\n".join(json.dumps(page).encode() for page in (first, second))},
        "items": {place: [*first["Functions"], *second["Functions"]]},
        "files": {place: first, place.replace(".json", "-2.json"): second},
    }[form]
    inventory = read(write(tmp_path, content))
    assert [function.name for function in inventory.of(Function)] == ["a", "b", "c"]
    assert inventory.coverage.state("lambda", "ListFunctions") is PRESENT
    source = {"pages": "/1/Functions/0", "lines": "/1/Functions/0", "items": "/2", "files": "/Functions/0"}[form]
    assert inventory.of(Function)[2].source.pointer == source


# ---------------------------------------------------------------- coverage


def test_every_call_is_covered_for_every_resource_it_should_have_been_made_for(tmp_path):
    inventory = read(write(tmp_path, NESTED))
    assert states(inventory, "GetPolicy") == {
        (REGION, "orders"): (PRESENT, True),
        (REGION, "payments"): (EMPTY, True),
        (REGION, "stock"): (DENIED, True),
        (REGION, "mail"): (MISSING, True),
    }
    assert states(inventory, "ListTopics", "sns") == {(REGION, ""): (EMPTY, True)}
    assert states(inventory, "GetTopicAttributes", "sns") == {(REGION, ""): (EMPTY, True)}
    assert states(inventory, "ListStreams", "kinesis") == {(REGION, ""): (MISSING, True)}
    assert states(inventory, "DescribeStreamSummary", "kinesis") == {(REGION, ""): (MISSING, True)}
    assert inventory.coverage.state("lambda", "GetPolicy") is MISSING
    assert inventory.coverage.state("lambda", "GetPolicy", resource="payments") is EMPTY
    assert inventory.coverage.state("iam", "GetAccountAuthorizationDetails", account=ACCOUNT) is PRESENT


@pytest.mark.parametrize("name", ["orders,live", "orders%3Alive"])
def test_policies_of_versions_and_aliases_are_expected_beside_that_of_the_function(tmp_path, name):
    place = f"{ACCOUNT}/{REGION}/lambda"
    arns = [function_arn("orders") + f":{version}" for version in ("$LATEST", "3")]
    versions = [{"FunctionName": "orders", "FunctionArn": arn, "Version": arn.rpartition(":")[2]} for arn in arns]
    alias = {"AliasArn": function_arn("orders") + ":live", "Name": "live", "FunctionVersion": "3"}
    content = {
        f"{place}-list-functions.json": functions("orders"),
        f"{place}-list-versions-by-function/orders.json": {"Versions": versions},
        f"{place}-list-aliases/orders.json": {"Aliases": [alias]},
        f"{place}-get-policy/orders.json": error("ResourceNotFoundException"),
    }
    found = states(read(write(tmp_path, content)), "GetPolicy")
    assert found == {
        (REGION, "orders"): (EMPTY, True),
        (REGION, "orders,3"): (MISSING, True),
        (REGION, "orders,live"): (MISSING, True),
    }
    content[f"{place}-get-policy/{name}.json"] = policy("orders:live")
    inventory = read(write(tmp_path, content))
    assert {resource for (_, resource), (state, _) in states(inventory, "GetPolicy").items() if state is MISSING} == {
        "orders,3"
    }
    assert inventory.of(FunctionAlias)[0].policy is not UNSET
    assert inventory.of(Function)[0].policy is None


def test_a_refused_listing_leaves_its_dependents_missing(tmp_path):
    content = {
        f"{ACCOUNT}/{REGION}/lambda-list-functions.json": error("AccessDeniedException"),
        f"{ACCOUNT}/{REGION}/sqs-list-queues.json": error("ThrottlingException"),
    }
    inventory = read(write(tmp_path, content))
    assert states(inventory, "ListFunctions") == {(REGION, ""): (DENIED, True)}
    assert states(inventory, "GetPolicy") == {(REGION, ""): (MISSING, True)}
    assert states(inventory, "ListQueues", "sqs") == {(REGION, ""): (MISSING, True)}
    details = {call.detail for call in inventory.coverage if call.operation in {"GetPolicy", "ListQueues"}}
    assert "ThrottlingException" in details
    assert any(detail.startswith("lambda.ListFunctions was denied; lambda.ListVersions") for detail in details)


def test_a_page_that_is_missing_makes_the_call_incomplete(tmp_path):
    page = functions("orders") | {"NextMarker": "x"}
    content = {
        f"{ACCOUNT}/{REGION}/lambda-list-functions.json": page,
        f"{ACCOUNT}/{REGION}/lambda-get-policy/orders.json": policy("orders"),
    }
    inventory = read(write(tmp_path, content))
    assert states(inventory, "ListFunctions") == {(REGION, ""): (PRESENT, False)}
    assert inventory.coverage.state("lambda", "ListFunctions") is MISSING
    assert inventory.coverage.state("lambda", "GetPolicy") is MISSING, "others may exist"
    assert inventory.coverage.state("lambda", "GetPolicy", resource="orders") is PRESENT
    assert [item.reason for item in inventory.not_read] == ["a next page is named and missing"]


def test_regions_are_covered_one_by_one(tmp_path):
    content = dict(NESTED)
    content[f"{ACCOUNT}/us-east-1/lambda-list-functions.json"] = {"Functions": []}
    inventory = read(write(tmp_path, content))
    assert states(inventory, "ListFunctions") == {(REGION, ""): (PRESENT, True), ("us-east-1", ""): (EMPTY, True)}
    assert inventory.coverage.state("sqs", "ListQueues", region="us-east-1") is MISSING
    assert inventory.coverage.state("sqs", "ListQueues", region=REGION) is PRESENT


def test_a_region_that_something_refers_to_is_missing(tmp_path):
    item = {"DeadLetterConfig": {"TargetArn": f"arn:aws:sqs:us-west-2:{ACCOUNT}:dead"}}
    item["Layers"] = [{"Arn": f"arn:aws:lambda:ap-south-1:{OTHER}:layer:theirs:1"}]
    content = {f"{ACCOUNT}/{REGION}/lambda-list-functions.json": functions("orders", **item)}
    inventory = read(write(tmp_path, content))
    assert {call.region for call in inventory.coverage} == {REGION, "us-west-2", "global"}
    assert states(inventory, "ListQueues", "sqs")["us-west-2", ""] == (MISSING, True)
    assert {call.account for call in inventory.coverage} == {ACCOUNT}


def test_an_account_with_nothing_in_it_is_an_inventory_all_the_same(tmp_path):
    content = {
        f"{ACCOUNT}/{REGION}/lambda-list-functions.json": {"Functions": []},
        f"{ACCOUNT}/{REGION}/sqs-list-queues.json": {},
    }
    inventory = read(write(tmp_path, content))
    assert len(inventory) == 0
    assert inventory.coverage.state("lambda", "ListFunctions") is EMPTY
    assert inventory.coverage.state("lambda", "GetPolicy") is EMPTY
    assert inventory.coverage.state("sqs", "ListQueues") is EMPTY


# ---------------------------------------------------------------- what it must withstand


def reasons(inventory):
    return {str(item.source): item.reason for item in inventory.not_read}


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not JSON: empty"),
        (b'{"Functions": [', "not JSON: truncated at line 1 column 16 (byte 15)"),
        (b'{"Functions": []} x', "not JSON: Expecting value at line 1 column 19"),
        (b"{" * 100_000, "not JSON: nested deeper than 200 levels"),
        (b'{"Functions": [], "Functions": []}', "not JSON: an object names the key 'Functions' twice"),
        (b'"text"', "not JSON: neither an object nor a list"),
        (b"[1, 2]", None),
        (b'{"Functions": NaN}', "not JSON: invalid character at line 1 column 15 (byte 14)"),
        (b"\xff\xfe\x00", "not JSON: not valid UTF-16-LE at byte 0"),
        (b"TABLES ARE NOT JSON", "not JSON: invalid character at line 1 column 1 (byte 0)"),
        (b'{"Functions": "none"}', "wrong shape: expected a list, got text"),
    ],
)
def test_a_broken_file_is_noted_and_the_rest_is_read(tmp_path, data, reason):
    place = f"{ACCOUNT}/{REGION}/lambda-list-functions.json"
    inventory = read(write(tmp_path, {**NESTED, place: data}))
    noted = {source.partition("#")[0]: why for source, why in reasons(inventory).items()}
    assert place in noted
    assert reason is None or noted[place] == reason
    assert len(inventory.of(Role)) == 1
    if not data.startswith((b'{"Functions": "none"}', b"[")):
        assert inventory.coverage.state("lambda", "ListFunctions") is MISSING


def test_powershells_encoding_is_read(tmp_path):
    text = json.dumps(functions("orders"))
    content = {f"{ACCOUNT}/{REGION}/lambda-list-functions.json": b"\xff\xfe" + text.encode("utf-16-le")}
    assert [record.name for record in read(write(tmp_path, content)).of(Function)] == ["orders"]


@pytest.mark.parametrize(
    ("code", "state"),
    [("AccessDeniedException", DENIED), ("ResourceNotFoundException", EMPTY), ("Throttling", MISSING)],
)
def test_the_message_of_a_refused_command_is_understood(tmp_path, code, state):
    text = f"\nAn error occurred ({code}) when calling the GetPolicy operation: no\n".encode()
    content = {
        f"{ACCOUNT}/{REGION}/lambda-list-functions.json": functions("orders"),
        f"{ACCOUNT}/{REGION}/lambda-get-policy/orders.json": text,
    }
    inventory = read(write(tmp_path, content))
    assert states(inventory, "GetPolicy")[REGION, "orders"] == (state, True)
    assert inventory.of(Function)[0].policy is (None if state is EMPTY else UNSET)


def test_a_policy_that_is_no_json_is_noted_with_its_place(tmp_path):
    place = f"{ACCOUNT}/{REGION}/lambda-get-policy/orders.json"
    inventory = read(write(tmp_path, {**NESTED, place: {"Policy": "{not json"}}))
    assert list(reasons(inventory)) == [f"{place}#/Policy"]
    assert reasons(inventory)[f"{place}#/Policy"].startswith("policy document is not JSON: ")
    orders = inventory.get(function_arn("orders"))
    assert orders.policy is UNSET


def test_two_files_that_disagree_are_told_with_both_sources(tmp_path):
    place = f"{ACCOUNT}/{REGION}/lambda-get-function/orders.json"
    item = functions("orders", Runtime="python3.12", Timeout=3)["Functions"][0]
    content = {**NESTED, place: {"Configuration": item}}
    content[f"{ACCOUNT}/{REGION}/lambda-list-functions.json"] = functions("orders", Runtime="python3.8")
    (found,) = read(write(tmp_path, content)).contradictions
    assert (found.field, found.kept, found.dropped) == ("runtime", "python3.12", "python3.8")
    assert (found.kept_source.file, found.dropped_source.pointer) == (place, "/Functions/0")


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ({}, "no file in it can be read"),
        ({"README.md": b"# notes", "x.json": {"a": 1}}, "found README.md, x.json"),
        ({"\x1b[31m.json": b"{}"}, r"found \x1b[31m.json"),
        ({f"{number}.json": b"{}" for number in range(9)}, "found 0.json, 1.json, 2.json, 3.json, 4.json and 4 more"),
    ],
)
def test_a_folder_with_no_known_file_is_one_clear_error(tmp_path, content, found):
    with pytest.raises(ExportError) as caught:
        read(write(tmp_path, content))
    assert str(tmp_path) in str(caught.value)
    assert "looked for API JSON" in str(caught.value)
    assert found in str(caught.value)


def test_what_is_of_no_known_format_is_noted(tmp_path):
    inventory = read(write(tmp_path, {**NESTED, "README.md": b"# notes", "tags.json": {"Tags": []}}))
    assert set(reasons(inventory)) == {"README.md#", "tags.json#"}
    assert "its name does not say which call it answers" in reasons(inventory)["tags.json#"]


def test_names_are_kept_as_they_are_and_never_interpreted(tmp_path):
    evil = "<script>alert(1)</script>\x1b[31m=cmd()"
    inventory = read(write(tmp_path, {"lambda-list-functions.json": functions(evil)}))
    assert [record.name for record in inventory.of(Function)] == [evil]
    assert "<script>" not in inventory._repr_html_()


def test_nothing_of_a_secret_is_left(tmp_path):
    variables = {
        "DB_PASSWORD": "hunter22-s3cret",
        "URL": "https://app:hunter22-s3cret@api.example.com/path-s3cret?token=s3cret",
        "TABLE": "orders",
        "PORT": 5432,
        "COLLECTED": {"length": 4, "sha256": "AB" * 32, "scheme": "https", "host": "x.example.com", "secret": False},
        "BROKEN": ["s3cret"],
    }
    item = {"Environment": {"Variables": variables}, "Code": {"Location": "https://s3/?X-Amz-Signature=s3cret"}}
    place = "lambda-list-functions.json"
    inventory = read(write(tmp_path, {place: functions("orders", **item)}))
    text = repr(records(inventory)) + repr(inventory.not_read) + inventory.frame(Kind.FUNCTION).to_string()
    assert "s3cret" not in text
    kept = inventory.of(Function)[0].environment
    assert set(kept) == set(variables) - {"BROKEN"}
    assert (kept["URL"].scheme, kept["URL"].host, kept["URL"].secret) == ("https", "api.example.com", True)
    assert (kept["DB_PASSWORD"].secret, kept["DB_PASSWORD"].sha256) == (True, "")
    assert (kept["COLLECTED"].sha256, kept["COLLECTED"].host) == ("ab" * 8, "x.example.com")
    assert list(reasons(inventory)) == [f"{place}#/Functions/0/Environment/Variables/BROKEN"]


def test_variables_that_lambda_could_not_decrypt_are_not_seen(tmp_path):
    item = {"Environment": {"Error": {"ErrorCode": "AccessDeniedException", "Message": "kms"}}}
    inventory = read(write(tmp_path, {"lambda-list-functions.json": functions("orders", **item)}))
    assert inventory.of(Function)[0].environment is UNSET
    assert len(inventory.not_read) == 1


# ---------------------------------------------------------------- several exports


def test_two_exports_of_one_account_merge(tmp_path):
    first = write(tmp_path / "api", {key: value for key, value in NESTED.items() if "/global/" not in key})
    second = write(tmp_path / "gaad", {"details.json": next(value for key, value in NESTED.items() if "iam" in key)})
    one, two = read(first, second), read(second, first)
    assert records(one) == records(two) == records(read(write(tmp_path / "all", NESTED)))
    assert list(one.coverage) == list(two.coverage)
    assert one.get(f"arn:aws:iam::{ACCOUNT}:role/orders").source.file == "gaad:details.json"
    assert set(one.digests) == {f"api:{path}" for path in NESTED if "/global/" not in path} | {"gaad:details.json"}


def test_two_accounts_stand_side_by_side(tmp_path):
    for account in (ACCOUNT, OTHER):
        write(tmp_path / account, {"lambda-list-functions.json": functions("orders", account=account)})
    inventory = read(tmp_path / ACCOUNT, tmp_path / OTHER)
    assert inventory.accounts == (ACCOUNT, OTHER)
    assert {call.account for call in inventory.coverage} == {ACCOUNT, OTHER}
    assert len(inventory.of(Function)) == 2


def test_exports_of_the_same_name_have_labels_of_their_own(tmp_path):
    for place in ("a", "b"):
        write(tmp_path / place / "export", {"lambda-list-functions.json": functions("orders")})
    inventory = read(tmp_path / "a" / "export", tmp_path / "b" / "export")
    assert set(inventory.digests) == {f"{label}:lambda-list-functions.json" for label in ("export", "export(2)")}
    assert len(inventory.of(Function)[0].sources) == 2
    assert inventory.contradictions == ()


def test_progress_is_told_per_file(tmp_path):
    told = []
    read(write(tmp_path, NESTED), progress=lambda what, done, total: told.append((what, done, total)))
    assert told == [("reading", number, len(NESTED)) for number in range(1, len(NESTED) + 1)]


def test_reading_twice_gives_the_same(tmp_path):
    write(tmp_path, NESTED)
    assert records(read(tmp_path)) == records(read(tmp_path))
