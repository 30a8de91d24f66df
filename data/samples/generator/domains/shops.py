"""The stores in town: tills that report over IoT, and the portal of their staff."""

from data.samples.generator.account import Account, allow
from data.samples.generator.stores import queue, table


def build(account: Account) -> None:
    """Create what the stores use."""
    account.at("2024-03-25T07:30:00")
    heartbeats = table(account, "till-heartbeats", "tillId", owner="stores", data="internal", expires="expiresAt")
    failed = queue(account, "till-events-failed", owner="stores", data="internal")
    function = account.function(
        "stores-heartbeat",
        allow("dynamodb:PutItem", heartbeats),
        environment={"HEARTBEATS_TABLE": "till-heartbeats"},
        Layers=[account.ids["layer:common"]],
        DeadLetterConfig={"TargetArn": failed},
    )
    account.permit("stores-heartbeat", "iot.amazonaws.com", sid="iot-any")
    account.wrong(
        "perim.invoke-policy", function, "IoT may invoke for any account: neither SourceArn nor SourceAccount"
    )
    iot = account.client("iot")
    iot.create_topic_rule(
        ruleName="till_heartbeat",
        topicRulePayload={
            "sql": "SELECT *, topic(2) AS tillId FROM 'tills/+/heartbeat'",
            "awsIotSqlVersion": "2016-03-23",
            "ruleDisabled": False,
            "actions": [{"lambda": {"functionArn": function}}],
        },
    )
    _portal(account)


def _portal(account: Account) -> None:
    """Create the staff's portal: HTTP is sent to HTTPS, where people sign in."""
    account.at("2026-09-14T08:50:00")
    elb = account.client("elbv2")
    portal = account.function(
        "stores-portal",
        allow(["dynamodb:Query", "dynamodb:GetItem"], account.arn("dynamodb", "table/till-heartbeats")),
        allow(["dynamodb:Query", "dynamodb:GetItem"], account.arn("dynamodb", "table/stock")),
        runtime="nodejs22.x",
        environment={"HEARTBEATS_TABLE": "till-heartbeats", "STOCK_TABLE": "stock"},
        reserved=20,
    )
    group = elb.create_target_group(Name="stores-portal", TargetType="lambda")["TargetGroups"][0]["TargetGroupArn"]
    account.permit("stores-portal", "elasticloadbalancing.amazonaws.com", source=group)
    elb.register_targets(TargetGroupArn=group, Targets=[{"Id": portal}])
    balancer = account.ids["balancer:stores-portal"]
    redirect = {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}
    plain = elb.create_listener(
        LoadBalancerArn=balancer,
        Protocol="HTTP",
        Port=80,
        DefaultActions=[{"Type": "redirect", "RedirectConfig": redirect}],
    )["Listeners"][0]["ListenerArn"]
    account.right("transit.edge-tls", plain, "HTTP is answered with a redirect to HTTPS only")
    signed = elb.create_listener(
        LoadBalancerArn=balancer,
        Protocol="HTTPS",
        Port=443,
        SslPolicy="ELBSecurityPolicy-TLS13-1-2-2021-06",
        Certificates=[{"CertificateArn": account.certificate("stores.larkspurvane.example")}],
        DefaultActions=[
            {
                "Type": "authenticate-cognito",
                "Order": 1,
                "AuthenticateCognitoConfig": {
                    "UserPoolArn": account.ids["staff-pool-arn"],
                    "UserPoolClientId": account.ids["staff-pool-client"],
                    "UserPoolDomain": "larkspur-staff",
                    "OnUnauthenticatedRequest": "authenticate",
                },
            },
            {"Type": "forward", "TargetGroupArn": group, "Order": 2},
        ],
    )["Listeners"][0]["ListenerArn"]
    account.right("perim.route-auth", signed, "signs people in before it forwards")
