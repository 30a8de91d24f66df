"""The more is open, the less is safe: no change of the sample that lets more in makes a finding safer."""

import json
import shutil
from functools import cache
from pathlib import Path

import pytest

import auditkit as ak
from auditkit.areas import Verdict

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "samples" / "retailer"
DATE = "2026-11-01"
ROLES = "111122223333/global/iam-get-account-authorization-details.json"
ORDER = [Verdict.NOT_APPLICABLE, Verdict.PASS, Verdict.UNKNOWN, Verdict.WARN, Verdict.FAIL]
RANKED = {"transit.hop-count"}
"""Checks of the riskiest paths alone: others may take their place."""


def findings(export):
    found = ak.Audit(ak.read(export), date=DATE).findings
    return {(one.check, one.resource, one.place): one for one in found if one.check not in RANKED}


@cache
def whole():
    return findings(SAMPLE)


def statements(text):
    return json.loads(text)["Statement"]


def policy_of(*found):
    return json.dumps({"Version": "2012-10-17", "Statement": list(found)})


def admin(tree):
    """Give the role of a function everything."""
    (role,) = (one for one in tree["RoleDetailList"] if one["RoleName"] == "orders-cancel-role")
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    role["RolePolicyList"].append({"PolicyName": "all", "PolicyDocument": json.loads(policy_of(everything))})


def assumed(tree):
    """Let anyone become a role."""
    (role,) = (one for one in tree["RoleDetailList"] if one["RoleName"] == "payments-settle-role")
    role["AssumeRolePolicyDocument"]["Statement"].append(
        {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    )


def opened(tree):
    """Let anyone do what the first statement of a resource policy is about."""
    first, *others = statements(tree["Policy"])
    anyone = {name: value for name, value in first.items() if name not in {"Condition", "Sid"}}
    tree["Policy"] = policy_of(first, *others, anyone | {"Effect": "Allow", "Principal": "*"})


def unguarded(tree):
    """Take what a control policy denies out of it."""
    content = tree["Policy"]["Content"]
    tree["Policy"]["Content"] = policy_of(*(one for one in statements(content) if one["Effect"] != "Deny"))


def unconditional(tree):
    """Take the conditions off what a policy allows."""
    tree["Policy"] = policy_of(
        *({name: value for name, value in one.items() if name != "Condition"} for one in statements(tree["Policy"]))
    )


def anonymous(tree):
    """Ask for no credentials on any route."""
    for route in tree["Items"]:
        route["AuthorizationType"] = "NONE"
        route.pop("AuthorizerId", None)


def without_a_password(tree):
    """Switch the default user of a cache on, who needs no password."""
    (user,) = (one for one in tree["Users"] if one["UserName"] == "default")
    user["AccessString"] = "on ~* +@all"


CHANGES = [
    (ROLES, admin),
    (ROLES, assumed),
    ("111122223333/eu-west-1/lambda-get-policy/catalogue-api.json", opened),
    ("111122223333/global/s3-get-bucket-policy/larkspurvane-returns-photos.json", opened),
    ("111122223333/global/organizations-describe-policy/p-lv4guard7.json", unguarded),
    ("111122223333/eu-west-1/lambda-get-policy/media-moderate.json", unconditional),
    ("111122223333/eu-west-1/apigatewayv2-get-routes/xhilbxww.json", anonymous),
    ("111122223333/eu-west-1/elasticache-describe-users.json", without_a_password),
]


@pytest.mark.parametrize(("file", "change"), CHANGES, ids=[f"{change.__name__} {file}" for file, change in CHANGES])
def test_nothing_becomes_safer_because_more_is_let_in(file, change, tmp_path):
    export = tmp_path / "export"
    shutil.copytree(SAMPLE, export)
    path = export / file
    tree = json.loads(path.read_text())
    change(tree)
    path.write_text(json.dumps(tree))
    was, now = whole(), findings(export)
    assert now != was
    worse = {(check, resource) for (check, resource, _), one in now.items() if one.verdict in ORDER[3:]}
    assert not [
        (key, old.verdict, old.severity, now.get(key) and now[key].reason)
        for key, old in was.items()
        if old.verdict in ORDER[2:]
        and (
            (key not in now and (old.verdict is not Verdict.UNKNOWN or key[:2] not in worse))
            or (key in now and _is_safer(now[key], old))
        )
    ]


def _is_safer(now, old):
    if now.verdict is not old.verdict:
        return ORDER.index(now.verdict) < ORDER.index(old.verdict)
    return (now.severity or 0) < (old.severity or 0)
