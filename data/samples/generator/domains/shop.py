"""Shop front: what visitors see, their carts and sessions."""

from data.samples.generator.account import HOME, Account, allow, tags
from data.samples.generator.entries import HttpApi, function_url
from data.samples.generator.stores import bucket, table


def build(account: Account) -> None:
    """Create the shop front."""
    account.at("2024-05-21T08:30:00")
    carts = table(account, "carts", "cartId", owner="shop", data="confidential", expires="expiresAt")
    reviews = table(account, "reviews", "productId", "reviewId", owner="shop", data="public")
    _caches(account)
    account.client("ssm").put_parameter(
        Name="/shop/session/max-age", Value="1800", Type="String", Tags=[{"Key": "owner", "Value": "shop"}]
    )
    account.at("2026-06-02T11:05:00")
    render = account.function(
        "shop-render",
        allow(["dynamodb:GetItem", "dynamodb:Query"], account.arn("dynamodb", "table/catalogue")),
        allow(["dynamodb:Query"], reviews),
        runtime="nodejs22.x",
        memory=1024,
        environment={"CATALOGUE_TABLE": "catalogue", "REVIEWS_TABLE": "reviews", "STAGE": "prod"},
        packages={"react": "18.3.1", "react-dom": "18.3.1"},
        reserved=100,
        TracingConfig={"Mode": "Active"},
    )
    live = _publish(account)
    cart = account.function(
        "shop-cart",
        allow(["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:DeleteItem"], carts),
        allow("ssm:GetParameter", account.arn("ssm", "parameter/shop/session/max-age")),
        runtime="nodejs22.x",
        network=True,
        environment={
            "CARTS_TABLE": "carts",
            "SESSION_CACHE": f"redis://{account.ids['sessions']}:6379",
            "MAX_AGE_PARAMETER": "/shop/session/max-age",
        },
        reserved=50,
    )
    hours = account.function("shop-store-hours", runtime="nodejs22.x", memory=128, timeout=3, reserved=10)
    function_url(
        account,
        "shop-store-hours",
        authorization="NONE",
        permit_all=True,
        cors={"AllowOrigins": ["*"], "AllowMethods": ["GET"]},
    )
    account.low("long.warm-state", render, "kept warm for visitors, and reaches public data only")
    account.low("perim.function-url", hours, "anonymous, and its role reaches nothing but its own log")
    account.right("dos.url-uncapped", hours, "reserved concurrency of 10 caps it")
    _api(account, live, cart)
    _web(account)


def _publish(account: Account) -> str:
    """Publish a version, keep it warm under an alias, and return the alias."""
    client = account.client("lambda")
    client.publish_version(FunctionName="shop-render")
    alias = client.create_alias(FunctionName="shop-render", Name="live", FunctionVersion="1")["AliasArn"]
    warm = {
        "FunctionArn": alias,
        "RequestedProvisionedConcurrentExecutions": 10,
        "AvailableProvisionedConcurrentExecutions": 10,
        "AllocatedProvisionedConcurrentExecutions": 10,
        "Status": "READY",
        "LastModified": "2026-06-02T11:10:00+0000",
    }
    configured = {"ProvisionedConcurrencyConfigs": [warm]}
    account.gaps.say("lambda", "ListProvisionedConcurrencyConfigs", "shop-render", configured)
    return str(alias)


def _api(account: Account, render: str, cart: str) -> None:
    api = HttpApi(
        account,
        "shop",
        CorsConfiguration={
            "AllowOrigins": ["https://www.larkspurvane.example"],
            "AllowMethods": ["GET", "PUT", "POST", "DELETE"],
            "AllowCredentials": True,
        },
        Tags=tags("shop"),
    )
    jwt = api.authorizer(
        "customers",
        AuthorizerType="JWT",
        IdentitySource=["$request.header.Authorization"],
        JwtConfiguration={
            "Audience": [account.ids["pool-client"]],
            "Issuer": f"https://cognito-idp.{HOME}.amazonaws.com/{account.ids['pool']}",
        },
    )
    api.route("GET /", render)
    account.low("perim.route-auth", api.route_id("GET /"), "anonymous on purpose: reaches public data only")
    api.route("GET /cart", cart, authorization="JWT", authorizer=jwt)
    api.route("PUT /cart", cart, authorization="JWT", authorizer=jwt)
    account.log_group("/aws/apigateway/shop", days=90, labels=tags("shop"))
    api.stage(
        AutoDeploy=True,
        DefaultRouteSettings={"ThrottlingRateLimit": 500.0, "ThrottlingBurstLimit": 1000},
        AccessLogSettings={
            "DestinationArn": account.arn("logs", "log-group:/aws/apigateway/shop"),
            "Format": '{"requestId":"$context.requestId","status":"$context.status"}',
        },
    )


def _caches(account: Account) -> None:
    cache = account.client("elasticache")
    subnets = [account.ids[f"subnet:{HOME}:data-a"], account.ids[f"subnet:{HOME}:data-b"]]
    cache.create_cache_subnet_group(
        CacheSubnetGroupName="larkspur-data", CacheSubnetGroupDescription="Data subnets", SubnetIds=subnets
    )
    common = {
        "Engine": "redis",
        "EngineVersion": "7.1",
        "CacheNodeType": "cache.t4g.small",
        "CacheSubnetGroupName": "larkspur-data",
        "SecurityGroupIds": [account.ids[f"group:{HOME}:caches"]],
        "NumCacheClusters": 2,
        "AutomaticFailoverEnabled": True,
    }
    # A migration to TLS that was begun and not finished: "preferred" still takes plaintext.
    cache.create_replication_group(
        ReplicationGroupId="sessions",
        ReplicationGroupDescription="Sessions of the shop",
        TransitEncryptionEnabled=True,
        TransitEncryptionMode="preferred",
        AtRestEncryptionEnabled=True,
        Tags=[{"Key": "owner", "Value": "shop"}, {"Key": "data-classification", "Value": "confidential"}],
        **common,
    )
    sessions = account.arn("elasticache", "replicationgroup:sessions")
    account.wrong("transit.db-tls", sessions, "TransitEncryptionMode preferred still takes plaintext")
    account.wrong(
        "rest.cache-auth", sessions, "neither a token nor a user group: whoever reaches the port reads sessions"
    )
    cache.create_replication_group(
        ReplicationGroupId="catalogue-cache",
        ReplicationGroupDescription="Prices and stock levels",
        TransitEncryptionEnabled=True,
        TransitEncryptionMode="required",
        AtRestEncryptionEnabled=True,
        UserGroupIds=["catalogue-readers"],
        Tags=[{"Key": "owner", "Value": "catalogue"}, {"Key": "data-classification", "Value": "internal"}],
        **common,
    )
    _readers(account)
    catalogue = account.arn("elasticache", "replicationgroup:catalogue-cache")
    account.right("transit.db-tls", catalogue, "TransitEncryptionMode required")
    account.right("rest.cache-auth", catalogue, "a user group, in which the default user is switched off")
    for group in cache.describe_replication_groups()["ReplicationGroups"]:
        account.ids[group["ReplicationGroupId"]] = group["NodeGroups"][0]["PrimaryEndpoint"]["Address"]


def _readers(account: Account) -> None:
    """Say who signs in to the cache of the catalogue: one user, and the default user that every group must have."""
    common = {"Status": "active", "Engine": "redis", "MinimumEngineVersion": "6.0"}
    users = [
        {
            "UserId": name,
            "UserName": shown,
            "AccessString": rights,
            "UserGroupIds": ["catalogue-readers"],
            "Authentication": signs_in,
            "ARN": account.arn("elasticache", f"user:{name}"),
            **common,
        }
        for name, shown, rights, signs_in in (
            ("catalogue-default", "default", "off -@all", {"Type": "no-password"}),
            ("catalogue-reader", "catalogue", "on ~* -@all +@read", {"Type": "password", "PasswordCount": 1}),
        )
    ]
    group = {
        "UserGroupId": "catalogue-readers",
        "UserIds": ["catalogue-default", "catalogue-reader"],
        "ReplicationGroups": ["catalogue-cache"],
        "ARN": account.arn("elasticache", "usergroup:catalogue-readers"),
        **common,
    }
    account.gaps.say("elasticache", "DescribeUsers", {"region": HOME}, {"Users": users})
    account.gaps.say("elasticache", "DescribeUserGroups", {"region": HOME}, {"UserGroups": [group]})


def _web(account: Account) -> None:
    """Create the bucket of the web pages, which only CloudFront reads."""
    bucket(account, "larkspurvane-web", owner="shop", data="public", versioned=True)
