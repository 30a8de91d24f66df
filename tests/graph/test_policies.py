"""The policies of an inventory, as the policy engine gets them."""

import json

import auditkit
from auditkit.graph.policies import Policies
from tests.areas.scenes import role


def test_statements_that_are_written_alike_in_a_file_are_one_object(tmp_path):
    allow = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::orders/*"}
    other = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}
    roles = {"RoleDetailList": [role("f", allow), role("g", other, allow)], "UserDetailList": [], "GroupDetailList": []}
    (tmp_path / "details.json").write_text(json.dumps({**roles, "Policies": []}))
    principals = Policies(auditkit.read(tmp_path)).principals
    first, second = (one.identity[0].content.written for one in principals)
    assert first[0] is second[1]
    assert first[0] is not second[0]
