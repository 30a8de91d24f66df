"""A load balancer whose security group names prefix lists, in templates."""

import json

import pytest

from auditkit.areas import Scene, judge
from auditkit.exports import read
from auditkit.graph import connect
from tests.exports.cloudformation.writing import inventory_of
from tests.exports.terraform.rendering import state_of

TEMPLATE = """\
Parameters:
  Edge: {{Type: String}}
Resources:
  List:
    Type: AWS::EC2::PrefixList
    Properties: {{PrefixListName: ours, AddressFamily: IPv4, MaxEntries: 1, Entries: [{{Cidr: {cidr}}}]}}
  Wall:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: door
      SecurityGroupIngress: [{{IpProtocol: tcp, FromPort: 443, ToPort: 443, SourcePrefixListId: {named}}}]
  Door:
    Type: AWS::ElasticLoadBalancingV2::LoadBalancer
    Properties: {{Name: door, Scheme: internet-facing, SecurityGroups: [!GetAtt Wall.GroupId]}}
  Code:
    Type: AWS::Lambda::Function
    Properties: {{Handler: a.b, Runtime: python3.13, Role: 'arn:aws:iam::111122223333:role/x', Code: {{ZipFile: x}}}}
  Group:
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
    Properties: {{TargetType: lambda, Targets: [{{Id: !GetAtt Code.Arn}}]}}
  Listener:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties:
      LoadBalancerArn: !Ref Door
      Port: 443
      Protocol: HTTPS
      DefaultActions: [{{Type: forward, TargetGroupArn: !Ref Group}}]
"""


def judged(inventory):
    scene = Scene(inventory, connect(inventory), date="2026-11-01")
    (found,) = [one for one in judge(scene, checks=["perim.route-auth"]) if one.kind == "listener"]
    return found


@pytest.mark.parametrize(
    ("cidr", "named", "expected"),
    [
        ("0.0.0.0/0", "!GetAtt List.PrefixListId", "FAIL"),
        ("203.0.113.0/24", "!GetAtt List.PrefixListId", "PASS"),
        ("203.0.113.0/24", "pl-0123456789abcdef0", "UNKNOWN"),
        ("203.0.113.0/24", "!Ref Edge", "UNKNOWN"),
    ],
)
def test_prefix_lists_of_a_template(tmp_path, cidr, named, expected):
    inventory = inventory_of(tmp_path, door__yaml=TEMPLATE.format(cidr=cidr, named=named))
    assert str(judged(inventory).verdict) == expected
    assert not inventory.not_read


def terraform(**lists):
    rule = {"protocol": "tcp", "from_port": 443, "to_port": 443, "prefix_list_ids": ["pl-1"]}
    forward = {"type": "forward", "target_group_arn": "${aws_lb_target_group.g.arn}"}
    return lists | {
        "aws_security_group.s": {"name": "s", "ingress": [rule]},
        "aws_lb.door": {"name": "door", "internal": False, "security_groups": ["${aws_security_group.s.id}"]},
        "aws_lb_target_group.g": {"name": "g", "target_type": "lambda"},
        "aws_lb_listener.l": {
            "load_balancer_arn": "${aws_lb.door.arn}",
            "port": 443,
            "protocol": "HTTPS",
            "default_action": [forward],
        },
    }


@pytest.mark.parametrize(
    ("address", "said", "expected"),
    [
        (
            "data.aws_ec2_managed_prefix_list.edge",
            {"name": "com.amazonaws.global.cloudfront.origin-facing", "owner_id": "AWS"},
            "FAIL",
        ),
        ("aws_ec2_managed_prefix_list.ours", {"name": "ours", "entry": [{"cidr": "0.0.0.0/0"}]}, "FAIL"),
        ("aws_ec2_managed_prefix_list.ours", {"name": "ours", "entry": [{"cidr": "203.0.113.0/24"}]}, "PASS"),
        ("data.aws_ec2_managed_prefix_list.s3", {"name": "com.amazonaws.eu-west-1.s3", "owner_id": "AWS"}, "PASS"),
        ("aws_sqs_queue.other", {"name": "q"}, "UNKNOWN"),
    ],
)
def test_prefix_lists_of_terraform(tmp_path, address, said, expected):
    resources = terraform(**{address: said | {"id": "pl-1"}})
    (tmp_path / "tf.json").write_text(json.dumps(state_of(resources)))
    inventory = read(tmp_path / "tf.json")
    assert str(judged(inventory).verdict) == expected
