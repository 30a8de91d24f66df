import boto3
from moto import mock_aws

from auditkit.inventory import UNSET
from auditkit.inventory.records.loadbalancers import Listener, ListenerRule, LoadBalancer, TargetGroup
from tests.exports.feeding import ACCOUNT, REGION, answer, exported, feed


@mock_aws
def test_a_load_balancer_made_with_boto3_is_read_whole(tmp_path):
    ec2 = boto3.client("ec2", region_name=REGION)
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=f"{REGION}{zone}")["Subnet"][
            "SubnetId"
        ]
        for n, zone in enumerate("ab")
    ]
    elb = boto3.client("elbv2", region_name=REGION)
    balancer = elb.create_load_balancer(Name="shop", Subnets=subnets, Scheme="internet-facing")["LoadBalancers"][0]
    group = elb.create_target_group(Name="orders", TargetType="lambda")["TargetGroups"][0]["TargetGroupArn"]
    listener = elb.create_listener(
        LoadBalancerArn=balancer["LoadBalancerArn"],
        Protocol="HTTP",
        Port=80,
        DefaultActions=[
            {"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}}
        ],
    )["Listeners"][0]["ListenerArn"]
    elb.create_rule(
        ListenerArn=listener,
        Priority=10,
        Actions=[{"Type": "forward", "TargetGroupArn": group}],
        Conditions=[
            {"Field": "path-pattern", "Values": ["/orders/*"]},
            {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "X-Origin-Verify", "Values": ["hunter2"]}},
        ],
    )
    inventory = exported(tmp_path, "elbv2")

    (record,) = inventory.of(LoadBalancer)
    assert (record.id, record.scheme, record.vpc_id) == (balancer["LoadBalancerArn"], "internet-facing", vpc)
    assert record.attributes["deletion_protection.enabled"] == "false"
    (heard,) = inventory.of(Listener)
    assert (heard.id, heard.name, heard.rules_seen) == (listener, "HTTP:80", True)
    default, rule = sorted(inventory.of(ListenerRule), key=lambda found: not found.is_default)
    assert (default.listener, rule.listener) == (listener, listener)
    assert default.actions[0].redirect_config.protocol == "HTTPS"
    assert rule.actions[0].target_groups == (group,)
    assert rule.conditions[1].http_header_config.http_header_name == "X-Origin-Verify"
    (found,) = inventory.of(TargetGroup)
    assert (found.target_type, found.targets) == ("lambda", ())
    assert "hunter2" not in repr(list(inventory))
    assert not inventory.not_read


def test_target_groups_of_weight_zero_get_no_requests():
    rules = {
        "Rules": [
            {
                "RuleArn": f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:listener-rule/app/shop/1/2/3",
                "Priority": "1",
                "Actions": [
                    {
                        "Type": "forward",
                        "ForwardConfig": {
                            "TargetGroups": [
                                {"TargetGroupArn": "blue", "Weight": 0},
                                {"TargetGroupArn": "green", "Weight": 1},
                            ]
                        },
                    }
                ],
            }
        ]
    }
    (rule,) = feed(answer("elbv2.DescribeRules", rules)).of(ListenerRule)
    assert rule.actions[0].target_groups == ("green",)
    assert rule.listener == f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:listener/app/shop/1/2"


def test_targets_that_were_not_asked_for_are_not_seen():
    arn = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:targetgroup/orders/1"
    groups = answer("elbv2.DescribeTargetGroups", {"TargetGroups": [{"TargetGroupArn": arn, "TargetType": "lambda"}]})
    function = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:orders"
    health = answer("elbv2.DescribeTargetHealth", {"TargetHealthDescriptions": [{"Target": {"Id": function}}]}, arn)
    assert feed(groups).of(TargetGroup)[0].targets is UNSET
    (target,) = feed(groups, health).of(TargetGroup)[0].targets
    assert (target.target.id, target.source.pointer) == (function, "/TargetHealthDescriptions/0")


def test_tags_come_from_the_tagging_service():
    arn = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:loadbalancer/app/shop/1"
    mapping = {"ResourceARN": arn, "Tags": [{"Key": "owner", "Value": "web"}]}
    inventory = feed(
        answer("elbv2.DescribeLoadBalancers", {"LoadBalancers": [{"LoadBalancerArn": arn}]}),
        answer("resourcegroupstaggingapi.GetResources", {"ResourceTagMappingList": [mapping]}),
    )
    assert inventory.of(LoadBalancer)[0].tags == {"owner": "web"}
