"""Grants on keys count beside the key policy."""

import pytest

from auditkit import can, cross_account, who_can
from tests.exports.feeding import ACCOUNT, REGION, answer, feed
from tests.graph.test_identities import NO_ORGANIZATION, ROLE, allow, details, document, role

KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/k-1"
FOREIGN = "arn:aws:iam::999988887777:role/partner"


def inventory(*grants, statements=(), policy=None):
    own = policy or [{"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "kms:*", "Resource": "*"}]
    return feed(
        details(role(ROLE, *statements)),
        answer("kms.ListKeys", {"Keys": [{"KeyId": "k-1", "KeyArn": KEY}]}),
        answer("kms.GetKeyPolicy", {"Policy": document(*own)}, "k-1"),
        answer("kms.ListGrants", {"Grants": list(grants)}, "k-1"),
        NO_ORGANIZATION,
    )


def grant(to=ROLE, operations=("Decrypt",), **constraints):
    made = {"GrantId": "g-1", "GranteePrincipal": to, "Operations": list(operations), "KeyId": "k-1"}
    return made | ({"Constraints": constraints} if constraints else {})


def outcome(found, action="kms:Decrypt"):
    return can(found, ROLE, action, KEY)["outcome"].iloc[0]


@pytest.mark.parametrize(
    ("grants", "expected"),
    [
        ([], "IMPLICIT_DENY"),
        ([grant()], "ALLOW"),
        ([grant(operations=["Encrypt"])], "IMPLICIT_DENY"),
        ([grant(to=FOREIGN)], "IMPLICIT_DENY"),
        ([grant(to="dynamodb.eu-west-1.amazonaws.com")], "IMPLICIT_DENY"),
        ([grant(EncryptionContextSubset={"stage": "prod"})], "CONDITIONAL"),
        ([grant(operations=[])], "IMPLICIT_DENY"),
    ],
)
def test_a_grant_lets_its_grantee_use_the_key(grants, expected):
    assert outcome(inventory(*grants)) == expected


def test_a_deny_wins_over_a_grant():
    refuse = allow("kms:Decrypt", effect="Deny")
    assert outcome(inventory(grant(), statements=[refuse])) == "EXPLICIT_DENY"


def test_a_grant_is_told_with_its_own_place():
    found = inventory(grant(), grant(to=FOREIGN))
    rows = who_can(found, "kms:Decrypt", KEY).set_index("principal")["source"]
    place = f"{ACCOUNT}/{REGION}/kms.ListGrants/k-1.json#/Grants/"
    assert {name: source.split("; ")[-1] for name, source in rows.items()} == {ROLE: f"{place}0", FOREIGN: f"{place}1"}
    assert set(cross_account(found)["principal"]) == {FOREIGN}
