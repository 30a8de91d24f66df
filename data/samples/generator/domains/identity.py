"""Who the customers are: user pool with its triggers, and the identity pool of the mobile app."""

from data.samples.generator.account import ACCOUNT, HOME, Account, allow, tags, trust

POOL = "larkspur-customers"


def build(account: Account) -> None:
    """Create the pools, their functions and the app's roles."""
    account.at("2023-02-06T10:00:00")
    names = ("identity-pre-sign-up", "identity-post-confirmation")
    pre, post = (account.arn("lambda", f"function:{name}") for name in names)
    made = account.client("cognito-idp").create_user_pool(
        PoolName=POOL,
        Policies={"PasswordPolicy": {"MinimumLength": 12, "RequireNumbers": True}},
        AutoVerifiedAttributes=["email"],
        UsernameAttributes=["email"],
        MfaConfiguration="OPTIONAL",
        AdminCreateUserConfig={"AllowAdminCreateUserOnly": False},
        UserPoolTags=tags("identity", "restricted"),
        LambdaConfig={"PreSignUp": pre, "PostConfirmation": post},
    )["UserPool"]
    pool = made["Id"]
    pool_arn = account.arn("cognito-idp", f"userpool/{pool}")
    client = account.client("cognito-idp").create_user_pool_client(
        UserPoolId=pool, ClientName="web", GenerateSecret=False, ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH"]
    )["UserPoolClient"]["ClientId"]
    account.ids |= {"pool": pool, "pool-arn": pool_arn, "pool-client": client}
    account.at("2025-06-17T13:20:00")
    account.function(names[0], runtime="nodejs22.x", memory=128, timeout=5, owner="identity")
    account.function(
        names[1],
        allow(["dynamodb:PutItem"], account.arn("dynamodb", "table/loyalty-members")),
        allow("events:PutEvents", account.arn("events", "event-bus/commerce")),
        runtime="nodejs22.x",
        owner="identity",
        environment={"MEMBERS_TABLE": "loyalty-members", "EVENT_BUS": "commerce"},
    )
    for name in names:
        account.permit(name, "cognito-idp.amazonaws.com", source=pool_arn, account=ACCOUNT)
    _identity_pool(account, pool, client)
    _staff(account)


def _staff(account: Account) -> None:
    """Create the pool of employees, whom only an administrator can add."""
    cognito = account.client("cognito-idp")
    made = cognito.create_user_pool(
        PoolName="larkspur-staff",
        MfaConfiguration="ON",
        AdminCreateUserConfig={"AllowAdminCreateUserOnly": True},
        UserPoolTags=tags("identity", "confidential"),
    )["UserPool"]["Id"]
    account.ids["staff-pool-arn"] = account.arn("cognito-idp", f"userpool/{made}")
    account.ids["staff-pool-client"] = cognito.create_user_pool_client(
        UserPoolId=made, ClientName="portals", GenerateSecret=True
    )["UserPoolClient"]["ClientId"]


def _identity_pool(account: Account, pool: str, client: str) -> None:
    identity = account.client("cognito-identity")
    found = identity.create_identity_pool(
        IdentityPoolName="larkspur-mobile",
        AllowUnauthenticatedIdentities=True,
        CognitoIdentityProviders=[
            {
                "ProviderName": f"cognito-idp.{HOME}.amazonaws.com/{pool}",
                "ClientId": client,
                "ServerSideTokenCheck": True,
            }
        ],
        IdentityPoolTags=tags("identity"),
    )["IdentityPoolId"]
    account.ids["identity-pool"] = found
    pool_id = {"IdentityPoolId": found}
    account.gaps.patch("cognito-identity", "DescribeIdentityPool", pool_id, {"AllowClassicFlow": True})
    for state, statements in (
        (
            "unauthenticated",
            [
                allow("kinesis:PutRecord", account.arn("kinesis", "stream/clickstream")),
                allow(["dynamodb:Query", "dynamodb:GetItem"], account.arn("dynamodb", "table/loyalty-members")),
            ],
        ),
        (
            "authenticated",
            [
                allow(
                    ["s3:PutObject", "s3:GetObject"],
                    "arn:aws:s3:::larkspurvane-media-upload/${cognito-identity.amazonaws.com:sub}/*",
                )
            ],
        ),
    ):
        trusted = trust(
            {"Federated": "cognito-identity.amazonaws.com"},
            "sts:AssumeRoleWithWebIdentity",
            Condition={
                "StringEquals": {"cognito-identity.amazonaws.com:aud": found},
                "ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": state},
            },
        )
        arn = account.role(f"mobile-{state}", *statements, trusts=[trusted], owner="identity")
        account.ids[f"mobile-{state}"] = arn
    roles = {state: account.ids[f"mobile-{state}"] for state in ("authenticated", "unauthenticated")}
    response = pool_id | {"Roles": roles}
    account.gaps.say("cognito-identity", "GetIdentityPoolRoles", found, response)
    account.wrong(
        "perim.guest-identity",
        account.arn("cognito-identity", f"identitypool/{found}"),
        "guests of the app read the members' table; the classic flow is on",
    )
