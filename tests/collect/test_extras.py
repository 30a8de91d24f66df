"""What is asked beside the configuration: use, last access and code, over HTTP."""

import base64
import hashlib
import io
import json
import zipfile

import boto3
import pytest

from auditkit.collect import Access, Collection, Extra, collect_accounts
from auditkit.collect.patience import Patience
from auditkit.exports import read
from auditkit.exports.calls import api_calls
from auditkit.inventory import CoverageState
from auditkit.inventory.evidence.last_access import LastAccess
from auditkit.inventory.evidence.metrics import FunctionMetric
from tests.collect.between import answering, denied, served

ACCOUNT = "123456789012"
REGION = "eu-west-1"
CALLS = [
    call
    for call in api_calls()
    if f"{call.service}.{call.operation}"
    in {
        *("sts.GetCallerIdentity", "iam.GetAccountAuthorizationDetails"),
        *("lambda.ListFunctions", "lambda.ListVersionsByFunction"),
    }
]
ROLE = f"arn:aws:iam::{ACCOUNT}:role/orders"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
XML = "<{0}Response><{0}Result>{1}</{0}Result></{0}Response>"
UNFINISHED = XML.format(
    "GetServiceLastAccessedDetails",
    "<JobStatus>IN_PROGRESS</JobStatus><JobCreationDate>2026-11-01T00:00:00Z</JobCreationDate>",
)
FINISHED = UNFINISHED.replace("IN_PROGRESS", "COMPLETED").replace(
    "</GetServiceLastAccessedDetailsResult>",
    """<ServicesLastAccessed><member><ServiceName>Amazon S3</ServiceName><ServiceNamespace>s3</ServiceNamespace>
    <LastAuthenticated>2026-10-31T12:00:00Z</LastAuthenticated></member></ServicesLastAccessed>
    <JobCompletionDate>2026-11-01T00:00:01Z</JobCompletionDate></GetServiceLastAccessedDetailsResult>""",
)
STARTED = XML.format("GenerateServiceLastAccessedDetails", f"<JobId>{'j' * 36}</JobId>")


def package():
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(zipfile.ZipInfo("package-lock.json"), '{"lockfileVersion": 3, "packages": {}}')
    return content.getvalue()


PACKAGE = package()
DIGEST = base64.b64encode(hashlib.sha256(PACKAGE).digest()).decode()


@pytest.fixture
def aws(monkeypatch):
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda *_: 0)
    with served() as (url, faults):
        clients = {name: boto3.client(name, region_name=REGION, endpoint_url=url) for name in ("iam", "lambda")}
        clients["iam"].create_role(RoleName="orders", AssumeRolePolicyDocument=json.dumps(TRUST))
        for name in ("orders", "orders-mail"):
            clients["lambda"].create_function(
                FunctionName=name, Role=ROLE, Runtime="nodejs22.x", Handler="a.b", Code={"ZipFile": PACKAGE}
            )
        yield url, faults


def run(url, out, *extras, days=1):
    asked = Collection(access=Access(endpoint_url=url), regions=(REGION,), extras=extras, days=days)
    return collect_accounts(
        asked, out, now=lambda: "2026-11-02T09:30:00+00:00", calls=CALLS, patience=Patience(first=0.001, longest=0.01)
    )


def test_use_is_asked_for_the_days_before(aws, tmp_path):
    url, faults = aws
    assert run(url, tmp_path, Extra.USAGE, days=2).not_answered == ()
    graphs = sorted(path.name for path in tmp_path.rglob("xray-get-service-graph/*"))
    assert graphs[0] == "20261031T0930.json"
    assert len(graphs) == 2 * 4
    assert faults.count("POST /ServiceGraph") == 2 * 4
    found = read(tmp_path)
    assert found.not_read == ()
    assert {(metric.name, metric.total) for metric in found.of(FunctionMetric)} == {
        (f"{name} {count}", 0.0)
        for name in ("orders", "orders-mail")
        for count in ("Invocations", "Errors", "Throttles")
    }


def test_last_access_is_waited_for_and_belongs_to_its_principal(aws, tmp_path):
    url, faults = aws
    faults.add("Action=GenerateServiceLastAccessedDetails", answering(STARTED))
    faults.add("Action=GetServiceLastAccessedDetails", answering(UNFINISHED), 2)
    faults.add("Action=GetServiceLastAccessedDetails", answering(FINISHED))
    assert run(url, tmp_path, Extra.LAST_ACCESSED).not_answered == ()
    (access,) = read(tmp_path).of(LastAccess)
    assert access.principal == ROLE
    assert [service.service for service in access.services] == ["s3"]


def test_job_that_never_ends_is_a_failure_and_no_answer(aws, tmp_path):
    url, faults = aws
    faults.add("Action=GenerateServiceLastAccessedDetails", answering(STARTED))
    faults.add("Action=GetServiceLastAccessedDetails", answering(UNFINISHED))
    manifest = run(url, tmp_path, Extra.LAST_ACCESSED)
    assert not manifest.complete
    assert [(call.code, call.state) for call in manifest.not_answered] == [("JobNotFinished", CoverageState.MISSING)]


def code_of(url, faults, name, content=PACKAGE):
    """Let Lambda give an address on this machine for the code of a function, which moto does not."""
    told = {"Configuration": {"FunctionName": name}, "Code": {"Location": f"{url}/{name}.zip?X-Amz-Signature=abc"}}
    faults.add(f"GET /2015-03-31/functions/{name}?", answering(told))
    faults.add(f"GET /{name}.zip", answering(content))


def test_code_is_fetched_once_and_its_address_kept_nowhere(aws, tmp_path):
    url, faults = aws
    code_of(url, faults, "orders")
    faults.add("GET /2015-03-31/functions/orders-mail?", denied)
    manifest = run(url, tmp_path, Extra.CODE)
    assert manifest.complete
    written = tmp_path / ACCOUNT / REGION / "lambda-code"
    assert [path.name for path in written.iterdir()] == ["orders.zip"]
    assert (written / "orders.zip").read_bytes() == PACKAGE
    ((path, code),) = [(call.path, call.code) for call in manifest.not_answered]
    assert (path, code) == (f"{ACCOUNT}/{REGION}/lambda-code/orders-mail.zip", "AccessDeniedException")
    assert "Signature" not in "".join(path.read_text() for path in tmp_path.rglob("*.json"))
    assert read(tmp_path).not_read == ()


def test_code_that_is_not_what_lambda_runs_is_not_written(aws, tmp_path):
    url, faults = aws
    code_of(url, faults, "orders", content=b"PK\3\4 something else")
    code_of(url, faults, "orders-mail")
    manifest = run(url, tmp_path, Extra.CODE)
    assert not manifest.complete
    assert [path.name for path in tmp_path.rglob("*.zip")] == ["orders-mail.zip"]
    assert [call.code for call in manifest.not_answered] == ["NotFetched"]
    faults.clear()
    code_of(url, faults, "orders")
    assert run(url, tmp_path, Extra.CODE).complete
    assert faults.count("GET /orders-mail.zip") == 0
