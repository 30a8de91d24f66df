"""The less is seen, the less is safe: no answer of the sample turns into a PASS or N/A where a call is taken away."""

import shutil
from functools import cache
from pathlib import Path

import pytest

import auditkit as ak
from auditkit.areas import Verdict

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "samples" / "retailer"
DATE = "2026-11-01"
TAKEN = [  # one of each kind of thing that is then not seen: ways in, links, permissions, stores, tags, limits
    "apigateway-get-authorizers",
    "apigateway-get-resources",
    "apigatewayv2-get-apis",
    "apigatewayv2-get-routes",
    "bedrock-agent-get-agent-action-group",
    "backup-list-protected-resources",
    "cloudtrail-describe-trails",
    "dynamodb-describe-table",
    "elasticache-describe-users",
    "elbv2-describe-listeners",
    "events-list-targets-by-rule",
    "iam-get-account-authorization-details",
    "firehose-describe-delivery-stream",
    "lambda-get-function",
    "lambda-list-aliases",
    "lambda-list-event-source-mappings",
    "lambda-list-function-url-configs",
    "logs-describe-subscription-filters",
    "memorydb-describe-clusters",
    "opensearch-describe-domain",
    "organizations-list-targets-for-policy",
    "s3-get-bucket-notification-configuration",
    "s3-list-buckets",
    "secretsmanager-list-secrets",
    "sns-list-subscriptions",
]


def answers(export):
    found = ak.Audit(ak.read(export), date=DATE).findings
    return {(one.check, one.resource, one.place): (one.verdict, one.reason) for one in found}


@cache
def whole():
    return answers(SAMPLE)


@pytest.mark.parametrize("call", TAKEN)
def test_nothing_becomes_safe_because_a_call_was_not_made(call, tmp_path):
    def left_out(_folder, names):
        return [name for name in names if name in {call, f"{call}.json"}]

    shutil.copytree(SAMPLE, tmp_path / "export", ignore=left_out)
    less = answers(tmp_path / "export")
    was = whole()
    assert less != was
    bad = {Verdict.FAIL, Verdict.WARN, Verdict.UNKNOWN}
    good = {Verdict.PASS, Verdict.NOT_APPLICABLE}
    assert not [key for key, (verdict, _) in less.items() if verdict in good and was.get(key, [None])[0] in bad]
    open_ = {check for (check, _, _), (verdict, _) in less.items() if verdict is Verdict.UNKNOWN}
    gone = {key[0] for key, (verdict, _) in was.items() if verdict is Verdict.FAIL and key not in less}
    assert gone <= open_
