"""Logs of distributions and load balancers, as templates show them."""

import json

import pytest

from auditkit.areas import Scene, judge
from auditkit.exports import read
from auditkit.graph import connect
from tests.exports.cloudformation.writing import inventory_of
from tests.exports.terraform.rendering import plan_of, state_of

TEMPLATE = """\
Resources:
  Site:
    Type: AWS::CloudFront::Distribution
    Properties:
      DistributionConfig:
        Enabled: true
        DefaultCacheBehavior: {{TargetOriginId: o, ViewerProtocolPolicy: https-only{live}}}
        Origins: [{{Id: o, DomainName: example.org, CustomOriginConfig: {{OriginProtocolPolicy: https-only}}}}]
        {logging}
  Source:
    Type: AWS::Logs::DeliverySource
    Properties:
      Name: site
      LogType: {kind}
      ResourceArn: !Sub arn:aws:cloudfront::${{AWS::AccountId}}:distribution/${{Site}}
  Kept: {{Type: AWS::Logs::LogGroup, Properties: {{LogGroupName: /site}}}}
  Where: {{Type: AWS::Logs::DeliveryDestination, Properties: {{Name: kept, DestinationResourceArn: !GetAtt Kept.Arn}}}}
  {sent}
  Live:
    Type: AWS::CloudFront::RealtimeLogConfig
    Properties: {{Name: live, SamplingRate: 10, Fields: [timestamp], EndPoints: []}}
"""
SENT = (
    "Sent: {Type: AWS::Logs::Delivery, "
    "Properties: {DeliverySourceName: !Ref Source, DeliveryDestinationArn: !GetAtt Where.Arn}}"
)


def answers(inventory):
    scene = Scene(inventory, connect(inventory), date="2026-11-01")
    return {item.kind: item for item in judge(scene, checks=["sprawl.api-logging"]) if item.kind}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"sent": SENT}, "PASS"),
        ({"sent": ""}, "UNKNOWN"),
        ({"sent": SENT, "kind": "CONNECTION_LOGS"}, "UNKNOWN"),
        ({"sent": "", "live": ", RealtimeLogConfigArn: !Ref Live"}, "UNKNOWN"),
        ({"sent": "", "logging": "Logging: {Bucket: logs.s3.amazonaws.com}"}, "PASS"),
    ],
)
def test_a_template_shows_logs_of_a_distribution(tmp_path, said, expected):
    text = TEMPLATE.format(**{"live": "", "logging": "", "kind": "ACCESS_LOGS"} | said)
    inventory = inventory_of(tmp_path, site__yaml=text)
    (found,) = answers(inventory).values()
    assert str(found.verdict) == expected
    assert not inventory.not_read


RESOURCES = {
    "aws_cloudfront_distribution.d": {
        "enabled": True,
        "origin": [{"origin_id": "o", "domain_name": "example.org"}],
        "default_cache_behavior": [{"target_origin_id": "o", "viewer_protocol_policy": "https-only"}],
        "viewer_certificate": [{"cloudfront_default_certificate": True}],
    },
    "aws_lb.door": {"name": "door", "load_balancer_type": "application", "enable_deletion_protection": True},
    "aws_cloudwatch_log_delivery_source.site": {
        "name": "site",
        "log_type": "ACCESS_LOGS",
        "resource_arn": "${aws_cloudfront_distribution.d.arn}",
    },
    "aws_cloudwatch_log_delivery_destination.kept": {
        "name": "kept",
        "delivery_destination_configuration": [{"destination_resource_arn": "arn:aws:s3:::kept"}],
    },
    "aws_cloudwatch_log_delivery.site": {
        "delivery_source_name": "${aws_cloudwatch_log_delivery_source.site.name}",
        "delivery_destination_arn": "${aws_cloudwatch_log_delivery_destination.kept.arn}",
    },
    "aws_cloudwatch_log_delivery_source.door": {
        "name": "door",
        "log_type": "ALB_ACCESS_LOGS",
        "resource_arn": "${aws_lb.door.arn}",
    },
    "aws_cloudwatch_log_delivery.door": {
        "delivery_source_name": "${aws_cloudwatch_log_delivery_source.door.name}",
        "delivery_destination_arn": "${aws_cloudwatch_log_delivery_destination.kept.arn}",
    },
    "aws_cloudfront_realtime_log_config.live": {"name": "live", "sampling_rate": 10, "fields": ["timestamp"]},
}


@pytest.mark.parametrize("form", [state_of, plan_of])
@pytest.mark.parametrize("delivered", [True, False])
def test_terraform_shows_deliveries_of_logs(tmp_path, form, delivered):
    said = {name: one for name, one in RESOURCES.items() if delivered or not name.startswith("aws_cloudwatch_log")}
    (tmp_path / "tf.json").write_text(json.dumps(form(said)))
    inventory = read(tmp_path / "tf.json")
    assert {str(one.verdict) for one in answers(inventory).values()} == {"PASS" if delivered else "UNKNOWN"}
    assert len(answers(inventory)) == 2
    assert not inventory.not_read
