"""Web ACLs, parameter groups and tags in Terraform."""

import json

from auditkit.exports import read
from auditkit.inventory.records.apis import RestApi
from auditkit.inventory.records.caches import ReplicationGroup
from auditkit.inventory.records.databases import DBParameterGroup
from auditkit.inventory.records.guards import WebAcl, WebAclUse
from tests.exports.terraform.rendering import plan_of, state_of

STAGE = "arn:aws:apigateway:eu-west-1::/restapis/${aws_api_gateway_rest_api.a.id}/stages/prod"
RESOURCES = {
    "aws_wafv2_web_acl.wall": {
        "name": "wall",
        "scope": "REGIONAL",
        "rule": [
            {
                "name": "rate",
                "priority": 0,
                "action": [{"block": [{}]}],
                "statement": [{"rate_based_statement": [{"limit": 2000, "aggregate_key_type": "IP"}]}],
            }
        ],
    },
    "aws_api_gateway_rest_api.a": {"name": "shop"},
    "aws_api_gateway_stage.s": {
        "rest_api_id": "${aws_api_gateway_rest_api.a.id}",
        "stage_name": "prod",
        "deployment_id": "d",
    },
    "aws_wafv2_web_acl_association.stage": {"resource_arn": STAGE, "web_acl_arn": "${aws_wafv2_web_acl.wall.arn}"},
    "aws_lb.door": {"name": "door", "load_balancer_type": "application"},
    "aws_wafv2_web_acl_association.door": {
        "resource_arn": "${aws_lb.door.arn}",
        "web_acl_arn": "${aws_wafv2_web_acl.wall.arn}",
    },
    "aws_db_parameter_group.g": {"name": "g", "parameter": [{"name": "rds.force_ssl", "value": "1"}]},
    "aws_elasticache_replication_group.c": {
        "replication_group_id": "c",
        "tags": {"data-classification": "confidential"},
    },
}


def inventory_of(folder, document):
    (folder / "tf.json").write_text(json.dumps(document))
    return read(folder / "tf.json")


def test_what_guards_is_read_of_a_state(tmp_path):
    inventory = inventory_of(tmp_path, state_of(RESOURCES))
    (acl,), (api,), (group,) = inventory.of(WebAcl), inventory.of(RestApi), inventory.of(DBParameterGroup)
    assert acl.rules[0].rate_based
    assert [stage.web_acl_arn for stage in api.stages] == [acl.id]
    assert [(use.resource.rpartition("/")[0][-8:], use.acl) for use in inventory.of(WebAclUse)] == [
        ("app/door", acl.id)
    ]
    assert [(one.parameter_name, one.parameter_value) for one in group.parameters] == [("rds.force_ssl", "1")]
    assert not group.complete
    assert not inventory.not_read


def test_what_guards_is_read_of_a_plan(tmp_path):
    inventory = inventory_of(tmp_path, plan_of(RESOURCES))
    assert [acl.name for acl in inventory.of(WebAcl)] == ["wall"]
    assert [group.name for group in inventory.of(DBParameterGroup)] == ["g"]


def test_tags_are_read_where_the_api_has_them_apart(tmp_path):
    (cache,) = inventory_of(tmp_path, state_of(RESOURCES)).of(ReplicationGroup)
    assert cache.tags == {"data-classification": "confidential"}
