"""Customer support: a chat whose answers come from an agent that reads orders and starts refunds."""

from data.samples.generator.account import ACCOUNT, HOME, Account, allow, deny, tags, trust
from data.samples.generator.entries import HttpApi

MODEL = f"arn:aws:bedrock:{HOME}::foundation-model/anthropic.claude-3-5-sonnet-20240620-v1:0"


def build(account: Account) -> None:
    """Create support."""
    account.at("2026-10-05T10:00:00")
    orders = account.arn("dynamodb", "table/orders")
    machine = account.arn("states", "stateMachine:returns-refund")
    lookup = account.function(
        "support-order-lookup",
        allow(["dynamodb:Query", "dynamodb:GetItem"], orders),
        allow("kms:Decrypt", account.ids["key:orders"]),
        environment={"ORDERS_TABLE": "orders"},
        Layers=[account.ids["layer:common"]],
        TracingConfig={"Mode": "Active"},
    )
    refund = account.function(
        "support-refund-request",
        allow("states:StartExecution", machine),
        allow("dynamodb:*", account.arn("dynamodb", "table/returns")),
        deny(["dynamodb:Delete*", "dynamodb:PutResourcePolicy"], account.arn("dynamodb", "table/returns")),
        environment={"REFUND_MACHINE": machine, "RETURNS_TABLE": "returns"},
        Layers=[account.ids["layer:common"]],
        TracingConfig={"Mode": "Active"},
    )
    agent = _agent(account, lookup, refund)
    account.wrong(
        "rest.least-privilege-store",
        refund,
        "dynamodb:* on the table of returns where it writes one item; deletes are denied",
    )
    _chat(account, agent)


def _agent(account: Account, lookup: str, refund: str) -> str:
    role = account.role(
        "support-agent",
        allow(["bedrock:InvokeModel"], MODEL),
        trusts=[
            trust(
                {"Service": "bedrock.amazonaws.com"},
                Condition={
                    "StringEquals": {"aws:SourceAccount": ACCOUNT},
                    "ArnLike": {"aws:SourceArn": account.arn("bedrock", "agent/*")},
                },
            )
        ],
        owner="support",
    )
    made = account.client("bedrock-agent").create_agent(
        agentName="support",
        foundationModel="anthropic.claude-3-5-sonnet-20240620-v1:0",
        instruction="You help customers of Larkspur & Vane with their orders and returns. Be brief and kind.",
        agentResourceRoleArn=role,
        idleSessionTTLInSeconds=600,
        tags=tags("support"),
    )["agent"]
    number, arn = made["agentId"], made["agentArn"]
    account.gaps.patch("bedrock-agent", "GetAgent", {"agentId": number}, {"agentVersion": "DRAFT"})
    account.gaps.patch("bedrock-agent", "ListAgents", {"agentId": number}, {"latestAgentVersion": "1"})
    groups = {"orders": ("ACTGRPLV01", lookup, "lookupOrder"), "refunds": ("ACTGRPLV02", refund, "requestRefund")}
    versions = ("DRAFT", "1")
    moment = "2026-10-05T10:10:00+00:00"
    for version in versions:
        summaries = []
        for name, (group, function, operation) in groups.items():
            common = {
                "actionGroupId": group,
                "actionGroupName": name,
                "actionGroupState": "ENABLED",
                "updatedAt": moment,
            }
            summaries.append(common)
            described = {
                **common,
                "agentId": number,
                "agentVersion": version,
                "createdAt": moment,
                "actionGroupExecutor": {"lambda": function},
                "functionSchema": {"functions": [_operation(operation)]},
            }
            asked = {"actionGroupId": group, "agentVersion": version}
            account.gaps.say("bedrock-agent", "GetAgentActionGroup", asked, {"agentActionGroup": described})
        listed = {"actionGroupSummaries": summaries}
        account.gaps.say("bedrock-agent", "ListAgentActionGroups", {"agentId": number, "agentVersion": version}, listed)
    for _, function, _ in groups.values():
        account.permit(function.rsplit(":", 1)[1], "bedrock.amazonaws.com", source=arn, account=ACCOUNT, sid="agent")
    common = {"agentName": "support", "agentStatus": "PREPARED", "createdAt": moment, "updatedAt": moment}
    listed = {"agentVersionSummaries": [{**common, "agentVersion": version} for version in versions]}
    account.gaps.say("bedrock-agent", "ListAgentVersions", number, listed)
    alias = {
        "agentAliasId": "LVSUPPORT1",
        "agentAliasName": "live",
        "agentAliasStatus": "PREPARED",
        "routingConfiguration": [{"agentVersion": "1"}],
        "createdAt": moment,
        "updatedAt": moment,
    }
    account.gaps.say("bedrock-agent", "ListAgentAliases", number, {"agentAliasSummaries": [alias]})
    return str(number)


def _operation(name: str) -> dict[str, object]:
    return {
        "name": name,
        "description": f"{name} for the customer who is signed in",
        "parameters": {"orderId": {"type": "string", "required": True}},
        "requireConfirmation": "DISABLED",
    }


def _chat(account: Account, agent: str) -> None:
    function = account.function(
        "support-chat",
        allow("bedrock:InvokeAgent", account.arn("bedrock", f"agent-alias/{agent}/*")),
        runtime="nodejs22.x",
        timeout=29,
        memory=512,
        environment={"AGENT_ID": agent, "AGENT_ALIAS": "LVSUPPORT1"},
        reserved=20,
        TracingConfig={"Mode": "Active"},
    )
    api = HttpApi(
        account,
        "support",
        CorsConfiguration={"AllowOrigins": ["https://www.larkspurvane.example"], "AllowMethods": ["POST"]},
        Tags=tags("support"),
    )
    jwt = api.authorizer(
        "customers",
        AuthorizerType="JWT",
        IdentitySource=["$request.header.Authorization"],
        JwtConfiguration={"Audience": [], "Issuer": f"https://cognito-idp.{HOME}.amazonaws.com/{account.ids['pool']}"},
    )
    api.route("POST /chat", function, authorization="JWT", authorizer=jwt)
    account.log_group("/aws/apigateway/support", days=30, labels=tags("support"))
    api.stage(
        AutoDeploy=True,
        DefaultRouteSettings={"ThrottlingRateLimit": 20.0, "ThrottlingBurstLimit": 40},
        AccessLogSettings={
            "DestinationArn": account.arn("logs", "log-group:/aws/apigateway/support"),
            "Format": '{"requestId":"$context.requestId"}',
        },
    )
    account.wrong(
        "perim.authorizer-quality",
        f"arn:aws:apigateway:{HOME}::/apis/{api.id}/authorizers/{jwt}",
        "no audience: a token made for any other application of the pool is taken",
    )
