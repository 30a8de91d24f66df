"""Collections over HTTP: from a moto server, with a proxy in between that refuses, throttles and hangs up."""

import json
import logging
import re
import signal
import subprocess
import sys
import time

import boto3
import pytest
from botocore.exceptions import CredentialRetrievalError
from botocore.loaders import Loader

from auditkit.collect import Access, Collection, collect_accounts
from auditkit.collect.patience import Patience
from auditkit.errors import CollectError
from auditkit.exports import read
from auditkit.exports.calls import api_calls
from auditkit.exports.manifest import MANIFEST
from auditkit.inventory import CoverageState
from auditkit.inventory.records.functions import Function
from tests.collect.between import broken, cut, denied, denied_in_xml, expired, nonsense, served, throttled

ACCOUNT = "123456789012"
OTHER = "210987654321"
REGIONS = ("eu-west-1", "us-east-1")
LOADER = Loader(include_default_search_paths=True)
TOPICS = 8
LIST_FUNCTIONS = "eu-west-1/lambda GET /2015-03-31/functions "
CALLS = [
    call
    for call in api_calls()
    if f"{call.service}.{call.operation}"
    in {
        *("sts.GetCallerIdentity", "lambda.ListFunctions", "lambda.GetFunction", "lambda.ListAliases"),
        *("dynamodb.ListTables", "dynamodb.DescribeTable", "dynamodb.DescribeTimeToLive"),
        *("sns.ListTopics", "sns.GetTopicAttributes", "s3.ListBuckets", "s3.GetBucketVersioning"),
    }
]
UNFINISHED = {"version": "1", "table": "", "complete": False, "started": "", "accounts": [{"account": "1"}]}
WHEN = "2026-11-02T09:30:00+00:00"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


@pytest.fixture(autouse=True)
def in_no_time(monkeypatch):
    """Read each service's model once, not once per session; make no pauses; log no request."""
    monkeypatch.setattr("botocore.session.create_loader", lambda *_: LOADER)
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda *_: 0)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)


@pytest.fixture(scope="module")
def server():
    with served() as (url, faults):
        for number, region in enumerate(REGIONS):
            build(session(url), url, region, number)
        build(session(url, OTHER), url, "eu-west-1", 3)
        yield url, faults


@pytest.fixture
def aws(server):
    url, faults = server
    faults.clear()
    return url, faults


def session(url, account=""):
    if not account:
        return boto3.Session()
    sts = boto3.client("sts", endpoint_url=url, region_name="eu-west-1")
    arn = f"arn:aws:iam::{account}:role/audit"
    given = sts.assume_role(RoleArn=arn, RoleSessionName="build")["Credentials"]
    return boto3.Session(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])


def build(session, url, region, number):
    """Put functions, a table, topics and a bucket into a region."""
    clients = {
        name: session.client(name, region_name=region, endpoint_url=url)
        for name in ("dynamodb", "iam", "lambda", "s3", "sns")
    }
    name = f"orders-{number}"
    role = clients["iam"].create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    for part in range(3):
        clients["lambda"].create_function(
            FunctionName=f"{name}-{part}", Role=role, Runtime="python3.13", Handler="a.b",
            Code={"ZipFile": b"PK\x05\x06" + b"\0" * 18}, Environment={"Variables": {"PASSWORD": "Winter2023!"}},
        )  # fmt: skip
    clients["dynamodb"].create_table(
        TableName=name, BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )  # fmt: skip
    for part in range(TOPICS):
        clients["sns"].create_topic(Name=f"{name}-{part:03}")
    where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    clients["s3"].create_bucket(Bucket=f"{name}-media", **where)


def run(url, out, *, now=WHEN, accounts=(), workers=8, again=False, regions=REGIONS, progress=None):
    access = Access(endpoint_url=url, accounts=accounts, role_name="audit" if accounts else "")
    asked = Collection(access=access, regions=regions, workers=workers, again=again)
    more = {"progress": progress} if progress else {}
    return collect_accounts(
        asked, out, now=lambda: now, calls=CALLS, patience=Patience(first=0.001, longest=0.01), **more
    )


def content(out):
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*") if path.is_file()}


def states(manifest):
    return {(call.path.rpartition(f"{ACCOUNT}/")[2], call.code, call.state) for call in manifest.not_answered}


def test_a_whole_collection_is_read_back(aws, tmp_path):
    url, faults = aws
    manifest = run(url, tmp_path / "out")
    assert manifest.complete
    assert manifest.not_answered == ()
    assert "Winter2023" not in str(content(tmp_path / "out"))
    found = read(tmp_path / "out")
    assert found.not_read == ()
    assert [function.name for function in found.of(Function)] == [
        f"orders-{region}-{part}" for region in range(2) for part in range(3)
    ]
    state = found.coverage.state
    assert state("lambda", "ListFunctions", region="eu-west-1") is CoverageState.PRESENT
    assert state("lambda", "ListFunctions", region="ap-south-1") is CoverageState.MISSING  # enabled and not asked
    assert faults.count("/functions/orders-0-1/aliases") == 1


def test_what_is_written_does_not_depend_on_what_ends_first(aws, tmp_path):
    url, _ = aws
    for workers in (1, 16):
        run(url, tmp_path / str(workers), workers=workers)
    assert content(tmp_path / "1") == content(tmp_path / "16")
    assert not [path.name for path in tmp_path.iterdir() if path.name not in {"1", "16"}]


def test_manifest_tells_who_asked_and_holds_the_digest_of_every_file(aws, tmp_path):
    url, _ = aws
    given = run(url, tmp_path)
    written = json.loads((tmp_path / MANIFEST).read_bytes())
    assert written["files"].keys() == content(tmp_path).keys() - {MANIFEST}
    assert written["accounts"][0]["identity"] == given.accounts[0].identity
    assert given.accounts[0].identity.startswith("arn:aws:")
    assert written["started"] == written["finished"] == WHEN
    (topics,) = (call for call in given.calls if (call.region, call.operation) == ("eu-west-1", "GetTopicAttributes"))
    assert (topics.answered, topics.refused, topics.failed) == (TOPICS, 0, 0)


@pytest.mark.parametrize(("fault", "times"), [(throttled, 5), (broken, 3), (cut, 5), (nonsense, 5)])
def test_what_passes_is_asked_until_it_is_answered(aws, tmp_path, fault, times):
    url, faults = aws
    run(url, tmp_path / "calm")
    faults.add(LIST_FUNCTIONS, fault, times)
    faults.add("DynamoDB_20120810.DescribeTable", fault, times)
    faults.add("Action=ListTopics&", fault, 1)
    assert run(url, tmp_path / "stormy").not_answered == ()
    assert content(tmp_path / "stormy") == content(tmp_path / "calm")


def test_what_stays_busy_fails_and_is_asked_again_by_the_next_run(aws, tmp_path):
    url, faults = aws
    faults.add("DynamoDB_20120810.ListTables", throttled)
    faults.add(LIST_FUNCTIONS, cut)
    manifest = run(url, tmp_path / "out")
    assert not manifest.complete
    assert states(manifest) == {
        ("eu-west-1/dynamodb-list-tables.json", "ThrottlingException", CoverageState.MISSING),
        ("us-east-1/dynamodb-list-tables.json", "ThrottlingException", CoverageState.MISSING),
        ("eu-west-1/lambda-list-functions.json", "ConnectionClosedError", CoverageState.MISSING),
    }
    found = read(tmp_path / "out")
    assert found.coverage.state("dynamodb", "DescribeTable", region="eu-west-1") is CoverageState.MISSING
    assert "the collection was not finished, or calls of it failed" in {note.reason for note in found.not_read}
    faults.clear()
    assert run(url, tmp_path / "out").complete
    assert faults.count("DynamoDB_20120810.ListTables") == 2
    assert faults.count("Action=GetTopicAttributes") == 0
    assert run(url, tmp_path / "calm").complete
    assert content(tmp_path / "out") == content(tmp_path / "calm")


def test_what_is_refused_is_written_as_denied_and_asked_once(aws, tmp_path):
    url, faults = aws
    faults.add("DynamoDB_20120810.ListTables", denied)
    faults.add("Action=GetTopicAttributes", denied_in_xml)
    manifest = run(url, tmp_path)
    assert manifest.complete
    assert {(call.code, call.state) for call in manifest.not_answered} == {
        ("AccessDeniedException", CoverageState.DENIED),
        ("AccessDenied", CoverageState.DENIED),
    }
    assert faults.count("DynamoDB_20120810.ListTables") == len(REGIONS)
    found = read(tmp_path)
    assert found.coverage.state("dynamodb", "ListTables", region="eu-west-1") is CoverageState.DENIED
    assert found.coverage.state("sns", "GetTopicAttributes", region="eu-west-1") is CoverageState.DENIED
    assert found.not_read == ()


def test_what_was_refused_is_asked_again_on_request(aws, tmp_path):
    url, faults = aws
    faults.add("DynamoDB_20120810.ListTables", denied)
    run(url, tmp_path)
    faults.clear()
    with pytest.raises(CollectError, match=f"holds a complete collection of {re.escape(WHEN)}"):
        run(url, tmp_path)
    manifest = run(url, tmp_path, again=True)
    assert manifest.not_answered == ()
    assert (tmp_path / ACCOUNT / "eu-west-1" / "dynamodb-describe-table" / "orders-0.json").is_file()
    assert faults.count("Action=GetTopicAttributes") == 0


@pytest.mark.parametrize("workers", [1, 8])
def test_after_an_interrupt_nothing_is_asked_twice(aws, tmp_path, workers):
    url, faults = aws

    def interrupt(_task, done, _known):
        if done == 20:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(url, tmp_path / "out", workers=workers, progress=interrupt)
    written = content(tmp_path / "out")
    assert not json.loads(written[MANIFEST])["complete"]
    assert all(json.loads(data) is not None for data in written.values())
    assert not (tmp_path / ".out.partial").exists()
    first = [request for request in faults.log if "Action=GetTopicAttributes" in request]
    faults.clear()
    assert run(url, tmp_path / "out", workers=workers, now="2026-11-03T00:00:00+00:00").complete
    second = [request for request in faults.log if "Action=GetTopicAttributes" in request]
    assert len(first) + len(second) == TOPICS * len(REGIONS)
    assert not set(first) & set(second)
    run(url, tmp_path / "calm")
    ours, theirs = content(tmp_path / "out"), content(tmp_path / "calm")
    assert json.loads(ours.pop(MANIFEST))["started"] == json.loads(theirs.pop(MANIFEST))["started"]
    assert ours == theirs


def test_expired_credentials_end_the_run_and_the_next_goes_on(aws, tmp_path):
    url, faults = aws
    faults.add("DynamoDB_20120810.DescribeTable", expired)
    with pytest.raises(CollectError, match=r"credentials have expired \(ExpiredTokenException\)"):
        run(url, tmp_path)
    assert not list(tmp_path.rglob("dynamodb-describe-table/*"))
    faults.clear()
    assert run(url, tmp_path).complete


def test_several_accounts_stand_side_by_side(aws, tmp_path):
    url, faults = aws
    faults.add("%3A999999999999%3Arole", denied_in_xml)
    manifest = run(url, tmp_path, accounts=(ACCOUNT, OTHER, "999999999999"), regions=("eu-west-1",))
    assert [(asked.account, asked.refused) for asked in manifest.accounts] == [
        (ACCOUNT, ""),
        (OTHER, ""),
        ("999999999999", "AccessDenied"),
    ]
    found = read(tmp_path)
    assert {function.account for function in found.of(Function)} == {ACCOUNT, OTHER}
    state = found.coverage.state
    assert state("sts", "GetCallerIdentity", account="999999999999") is CoverageState.DENIED
    assert state("lambda", "ListFunctions", account="999999999999") is CoverageState.MISSING


def test_all_enabled_regions_are_asked_where_none_is_named(aws, tmp_path):
    url, faults = aws
    faults.add("Action=DescribeRegions", denied_in_xml)
    with pytest.raises(CollectError, match="does not say which regions are enabled"):
        run(url, tmp_path / "out", regions=())
    assert json.loads((tmp_path / "out" / MANIFEST).read_bytes())["accounts"] == []
    assert run(url, tmp_path / "out").complete  # nothing had been asked, so other parameters do no harm


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"regions": ("eu-west-1", "eu-nowhere-1")}, "not enabled, or no region: eu-nowhere-1"),
        ({"regions": ("../x",)}, "cannot be asked"),
        ({"url": "localhost"}, "cannot be asked"),
        ({"url": "http://127.0.0.1:9"}, "AWS cannot be asked"),
    ],
)
def test_what_cannot_be_asked_is_said(aws, tmp_path, more, message):
    url, _ = aws
    with pytest.raises(CollectError, match=message):
        run(**{"url": url, "out": tmp_path, **more})


def test_no_credentials(monkeypatch, tmp_path):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name)
    with pytest.raises(CollectError, match="no AWS credentials found"):
        run("http://127.0.0.1:9", tmp_path)
    access = Access(profile="nobody")
    with pytest.raises(CollectError, match="nobody"):
        collect_accounts(Collection(access=access), tmp_path, now=lambda: WHEN)


def test_credentials_that_run_out_for_good_end_the_run(aws, tmp_path, monkeypatch):
    url, _ = aws

    def gone(*_, **__):
        raise CredentialRetrievalError(provider="sso", error_msg="log in again")

    def interrupt(_task, done, _known):
        if done == 10:
            monkeypatch.setattr("botocore.signers.RequestSigner.sign", gone)

    with pytest.raises(CollectError, match=r"log in again.*the same command goes on"):
        run(url, tmp_path, progress=interrupt)
    assert not json.loads((tmp_path / MANIFEST).read_bytes())["complete"]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda folder: (folder / "notes.txt").write_text("mine"), "is not empty and holds no collection"),
        (lambda folder: (folder / MANIFEST).write_text("{"), "is not empty and holds no collection"),
        (
            lambda folder: (folder / MANIFEST).write_text(json.dumps(UNFINISHED)),
            "was collected with other parameters",
        ),
    ],
)
def test_folder_of_something_else_is_left_alone(aws, tmp_path, make, message):
    url, _ = aws
    make(tmp_path)
    before = content(tmp_path)
    with pytest.raises(CollectError, match=message):
        run(url, tmp_path)
    assert content(tmp_path) == before


def test_control_c_on_the_command_line(aws, tmp_path):
    url, _ = aws
    out = tmp_path / "out"
    program = [sys.executable, "-c", "from auditkit.cli import main; main()", "collect", "--endpoint-url", url]
    command = [*program, "--region", "eu-west-1", "--workers", "2", "--out", out]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    while process.poll() is None and len(list(out.rglob("*.json"))) < 20:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 130, told
    assert "the same command goes on" in told
    assert "Traceback" not in told
    assert all(json.loads(path.read_bytes()) is not None for path in out.rglob("*.json"))
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
