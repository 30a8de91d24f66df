"""Canned access control lists."""

import pytest

from auditkit.exports._acls import canned_acl


@pytest.mark.parametrize(
    ("name", "groups"),
    [
        ("private", []),
        ("bucket-owner-full-control", []),
        ("public-read", ["READ AllUsers"]),
        ("public-read-write", ["READ AllUsers", "WRITE AllUsers"]),
        ("authenticated-read", ["READ AuthenticatedUsers"]),
        ("log-delivery-write", ["WRITE LogDelivery", "READ_ACP LogDelivery"]),
    ],
)
def test_what_a_name_gives(name, groups):
    own, *others = canned_acl(name)["Grants"]
    assert own["Permission"] == "FULL_CONTROL"
    assert [f"{one['Permission']} {one['Grantee']['URI'].rpartition('/')[2]}" for one in others] == groups
