"""CloudTrail: who did what, added up; the same whatever form the log was handed over in."""

import gzip
import io
import json
import zipfile

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditkit.exports import Limits, read
from auditkit.exports.side import _tally
from auditkit.exports.side._tally import Tally
from auditkit.inventory import Source
from auditkit.inventory.evidence.observed import ActivityLog, ObservedCall, Party

ACCOUNT, REGION = "111122223333", "eu-west-1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/svc/orders"
SESSION = {
    "type": "AssumedRole",
    "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/orders/orders-create",
    "accountId": ACCOUNT,
    "sessionContext": {"sessionIssuer": {"type": "Role", "arn": ROLE}},
}
TABLE = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders"
SECRET = "hunter2-s3cr3t"


def event(number=0, **fields):
    return {
        "eventVersion": "1.11",
        "userIdentity": SESSION,
        "eventTime": f"2026-03-01T10:00:{number % 60:02d}Z",
        "eventSource": "dynamodb.amazonaws.com",
        "eventName": "PutItem",
        "awsRegion": REGION,
        "requestParameters": {"tableName": "orders", "item": SECRET},
        "errorMessage": SECRET,
        "resources": [{"accountId": ACCOUNT, "type": "AWS::DynamoDB::Table", "ARN": TABLE}],
        "managementEvent": False,
        "recipientAccountId": ACCOUNT,
        "eventCategory": "Data",
        **fields,
    }


def written(folder, files):
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def calls(folder):
    return read(folder).of(ObservedCall)


def records(*events):
    return json.dumps({"Records": list(events)})


def zipped(**files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


THREE = [event(3), event(1), event(2)]
LOOKUP = {"Events": [{"EventId": "1", "EventName": "PutItem", "CloudTrailEvent": json.dumps(one)} for one in THREE]}
LAKE = {
    "QueryStatus": "FINISHED",
    "QueryResultRows": [
        [
            {"eventTime": f"2026-03-01 10:00:0{number}.000"},
            {"eventSource": "dynamodb.amazonaws.com"},
            {"eventName": "PutItem"},
            {"awsRegion": REGION},
            {"recipientAccountId": ACCOUNT},
            {"userIdentity": f"{{type=AssumedRole, arn={SESSION['arn']}, accountid={ACCOUNT}}}"},
        ]
        for number in (3, 1, 2)
    ],
}
LOG = f"AWSLogs/{ACCOUNT}/CloudTrail/{REGION}/2026/03/01/{ACCOUNT}_CloudTrail_{REGION}_20260301T1000Z_a.json.gz"


@pytest.mark.parametrize(
    "files",
    [
        {LOG: gzip.compress(records(*THREE).encode())},
        {"log.json": records(*THREE)},
        {"log.json": json.dumps({"Records": THREE}, indent=2)},
        {"log.json": json.dumps(THREE)},
        {"log.jsonl": "\n".join(map(json.dumps, THREE))},
        {"a.json": records(*THREE[:1]), "b.json.gz": gzip.compress(records(*THREE[1:]).encode())},
        {"a.json": records(*THREE), "again/copy.json": records(*THREE)},
        {"events.json": json.dumps(LOOKUP)},
        {f"{ACCOUNT}/{REGION}/cloudtrail-lookup-events.json": json.dumps([LOOKUP])},
        {"lake.json": json.dumps({"QueryResultRows": [[{"eventJson": json.dumps(one)}] for one in THREE]})},
    ],
    ids=["delivered", "plain", "pretty", "array", "lines", "two files", "twice", "lookup", "pages", "lake"],
)
def test_one_line_for_calls_of_one_kind_in_whatever_form(tmp_path, files):
    inventory = read(written(tmp_path, files))
    (call,) = inventory.of(ObservedCall)
    assert (call.count, call.first, call.last) == (3, "2026-03-01T10:00:01Z", "2026-03-01T10:00:03Z")
    assert (call.action, call.error, call.account, call.region) == ("dynamodb:PutItem", "", ACCOUNT, REGION)
    assert call.caller == Party(arn=ROLE, session="orders-create")
    assert call.target == Party(arn=TABLE)
    assert call.source.file in files
    (log,) = inventory.of(ActivityLog)
    assert (log.events, log.data_services) == ({"Data": 3}, ("dynamodb.amazonaws.com",))
    assert not inventory.not_read
    assert set(inventory.digests) == set(files)
    assert SECRET not in repr(list(inventory))


def test_a_query_of_the_lake_tells_as_much_as_its_columns(tmp_path):
    (call,) = calls(written(tmp_path, {"cloudtrail-get-query-results.json": json.dumps(LAKE)}))
    assert call.caller == Party(arn=f"arn:aws:iam::{ACCOUNT}:role/orders", session="orders-create")
    assert (call.count, call.first, call.last) == (3, "2026-03-01T10:00:01Z", "2026-03-01T10:00:03Z")
    assert not call.target.known


def table(*rows):
    names = [name for cell in LAKE["QueryResultRows"][0] for name in cell]
    lines = [names, *([value for cell in row for value in cell.values()] for row in rows)]
    return "".join(",".join(f'"{cell}"' for cell in line) + "\r\n" for line in lines)


@pytest.mark.parametrize("pack", [str.encode, lambda text: gzip.compress(text.encode())], ids=["plain", "packed"])
def test_a_query_that_was_saved_as_a_table(tmp_path, pack):
    inventory = read(
        written(tmp_path, {"result_1.csv.gz": pack(table(*LAKE["QueryResultRows"], [{"eventTime": "x"}]))})
    )
    (call,) = inventory.of(ObservedCall)
    assert (call.action, call.count, call.last) == ("dynamodb:PutItem", 3, "2026-03-01T10:00:03Z")
    assert call.caller == Party(arn=f"arn:aws:iam::{ACCOUNT}:role/orders", session="orders-create")
    assert [note.reason for note in inventory.not_read] == ["1 rows do not tell a call"]


def test_a_log_inside_a_zip_is_read(tmp_path):
    path = tmp_path / "export.zip"
    path.write_bytes(zipped(**{LOG: gzip.compress(records(*THREE).encode()), "inner.zip": zipped(a="b")}))
    inventory = read(path)
    assert [call.count for call in inventory.of(ObservedCall)] == [3]
    assert [note.source.file for note in inventory.not_read] == ["inner.zip"]


ARN = f"arn:aws:{{}}:{REGION}:{ACCOUNT}:{{}}"


@pytest.mark.parametrize(
    ("fields", "action", "caller", "target"),
    [
        (
            {
                "eventSource": "s3.amazonaws.com",
                "eventName": "GetObject",
                "resources": [
                    {"type": "AWS::S3::Object", "ARN": "arn:aws:s3:::media/private/key.png"},
                    {"type": "AWS::S3::Bucket", "ARN": "arn:aws:s3:::media"},
                ],
            },
            "s3:GetObject",
            Party(arn=ROLE, session="orders-create"),
            Party(arn="arn:aws:s3:::media"),
        ),
        (
            {
                "eventSource": "lambda.amazonaws.com",
                "eventName": "Invoke",
                "userIdentity": {"type": "AWSService", "invokedBy": "sns.amazonaws.com"},
                "resources": [{"type": "AWS::Lambda::Function", "ARN": ARN.format("lambda", "function:a:live")}],
            },
            "lambda:InvokeFunction",
            Party(service="sns.amazonaws.com"),
            Party(arn=ARN.format("lambda", "function:a:live")),
        ),
        (
            {
                "eventSource": "lambda.amazonaws.com",
                "eventName": "UpdateFunctionCode20150331v2",
                "userIdentity": {"type": "IAMUser", "arn": f"arn:aws:iam::{ACCOUNT}:user/eve", "accountId": ACCOUNT},
                "resources": None,
                "requestParameters": {"functionName": "a"},
            },
            "lambda:UpdateFunctionCode",
            Party(arn=f"arn:aws:iam::{ACCOUNT}:user/eve"),
            Party(arn=ARN.format("lambda", "function:a")),
        ),
        (
            {
                "eventSource": "secretsmanager.amazonaws.com",
                "eventName": "GetSecretValue",
                "userIdentity": {"type": "AWSAccount", "accountId": "444455556666", "principalId": "AIDA:x"},
                "resources": None,
                "requestParameters": {"secretId": "db/main"},
            },
            "secretsmanager:GetSecretValue",
            Party(arn="arn:aws:iam::444455556666:root"),
            Party(arn=ARN.format("secretsmanager", "secret:db/main")),
        ),
        (
            {
                "eventSource": "sqs.amazonaws.com",
                "eventName": "SendMessage",
                "resources": [],
                "requestParameters": {"queueUrl": f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/paid"},
            },
            "sqs:SendMessage",
            Party(arn=ROLE, session="orders-create"),
            Party(arn=f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/paid"),
        ),
        (
            {
                "eventSource": "sqs.amazonaws.com",
                "eventName": "SendMessage",
                "resources": [{"ARN": f"no ARN but {SECRET}"}],
                "userIdentity": {"arn": f"no ARN but {SECRET}", "accountId": "x"},
            },
            "sqs:SendMessage",
            Party(),
            Party(),
        ),
        (
            {
                "eventSource": "sqs.amazonaws.com",
                "eventName": "SendMessage",
                "resources": [],
                "requestParameters": {"queueUrl": f"https://x:{SECRET}@sqs.example/1?key={SECRET}"},
            },
            "sqs:SendMessage",
            Party(arn=ROLE, session="orders-create"),
            Party(),
        ),
        (
            {"userIdentity": None, "resources": None, "requestParameters": None},
            "dynamodb:PutItem",
            Party(),
            Party(),
        ),
    ],
    ids=[
        "bucket of an object",
        "service",
        "user",
        "other account",
        "queue by address",
        "no ARNs",
        "another address",
        "nothing said",
    ],
)
def test_ends_of_a_call(tmp_path, fields, action, caller, target):
    (call,) = calls(written(tmp_path, {"log.json": records(event(**fields))}))
    assert (call.action, call.caller, call.target) == (action, caller, target)


def test_what_was_refused_stands_apart(tmp_path):
    found = calls(written(tmp_path, {"log.json": records(event(), event(errorCode="AccessDenied"))}))
    assert sorted(call.error for call in found) == ["", "AccessDenied"]


def test_insights_and_digests_are_no_calls(tmp_path):
    folder = written(
        tmp_path,
        {
            "log.json": records(event(eventCategory="Insight"), event()),
            f"AWSLogs/{ACCOUNT}/CloudTrail-Digest/x.json.gz": gzip.compress(b'{"digestS3Bucket": "x"}'),
        },
    )
    inventory = read(folder)
    assert [call.count for call in inventory.of(ObservedCall)] == [1]
    assert [note.reason.partition(";")[0] for note in inventory.not_read] == [
        "a digest of CloudTrail for its own log files"
    ]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (records(event(), {"eventTime": 1}, event(1)), "wrong shape"),
        (records(event(), event(1)) + "x", ""),
        (records(event(), event(1), event(2))[:-100], "the rest of this log was not read: truncated"),
        (
            gzip.compress(records(event(), event(1), event(2)).encode())[:-20],
            "the rest of this log was not read: cannot be unpack",
        ),
    ],
    ids=["bad event", "more behind it", "cut off", "cut off when packed"],
)
def test_a_broken_log_gives_what_can_be_read(tmp_path, content, reason):
    inventory = read(written(tmp_path, {"CloudTrail/log.json.gz": content, "other.json": records(event(5))}))
    assert sum(call.count for call in inventory.of(ObservedCall)) == 3
    assert [note.reason[: len(reason)] for note in inventory.not_read] == ([reason] if reason else [])


def test_a_bomb_is_not_unpacked(tmp_path):
    bomb = gzip.compress(records(event()).encode()[:-2] + b" " * (8 << 20) + b"]}")
    inventory = read(written(tmp_path, {"CloudTrail/log.json.gz": bomb}), limits=Limits(ratio=50))
    assert "expands more than 50 times" in inventory.not_read[0].reason


def test_above_a_number_of_kinds_sessions_are_added_up(monkeypatch):
    monkeypatch.setattr(_tally, "MOST_KEYS", 10)
    tally = Tally()
    events = [
        msgspec.convert(
            event(userIdentity={**SESSION, "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/orders/{number}"}),
            _tally.TrailEvent,
        )
        for number in range(1_000)
    ]
    tally.take(events, Source("log.json"), 0)
    assert tally.crowded
    assert len(tally.seen) == 11
    assert sum(seen.count for seen in tally.seen.values()) == 1_000


@pytest.mark.parametrize(
    "content",
    [
        {"Records": [{"eventVersion": "2.1", "eventSource": "aws:s3", "eventName": "ObjectCreated:Put"}]},
        {"Records": [{"eventID": "1", "eventVersion": "1.0", "eventSource": "aws:dynamodb"}]},
        {"Events": [{"SourceIdentifier": "db", "Message": "restarted"}]},
    ],
    ids=["S3", "DynamoDB", "events of another service"],
)
def test_events_of_other_kinds_are_no_log(tmp_path, content):
    inventory = read(written(tmp_path, {"event.json": json.dumps(content), "log.json": records(event())}))
    assert [call.count for call in inventory.of(ObservedCall)] == [1]
    assert [note.source.file for note in inventory.not_read] == ["event.json"]


def test_a_log_of_other_accounts_makes_them_no_accounts_of_ours(tmp_path):
    inventory = read(written(tmp_path, {"log.json": records(event(), event(recipientAccountId="444455556666"))}))
    assert inventory.accounts == ()
    assert len(inventory.of(ObservedCall)) == 2


fields = st.sampled_from([*event(), "sessionContext", "invokedBy"])
anything = st.recursive(
    st.none()
    | st.booleans()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.sampled_from([TABLE, ROLE, SESSION["arn"]]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(fields, inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=50)
@given(
    st.lists(st.dictionaries(fields, anything, max_size=3), max_size=4), st.sampled_from(["Records", "rows", "look"])
)
def test_no_event_breaks_the_reader(tmp_path_factory, changes, form):
    events = [event(number, **change) for number, change in enumerate(changes)]
    forms = {
        "Records": {"Records": [event(), *events]},
        "look": {"Events": [{"CloudTrailEvent": json.dumps(one)} for one in (event(), *events)]},
        "rows": {"QueryResultRows": [[{name: value} for name, value in one.items()] for one in events] or [[]]},
    }
    folder = tmp_path_factory.mktemp("log")
    inventory = read(written(folder, {"log.json": json.dumps(forms[form])}))
    assert sum(call.count for call in inventory.of(ObservedCall)) + len(inventory.not_read) >= len(changes)
