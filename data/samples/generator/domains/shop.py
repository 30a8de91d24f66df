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
        reserved=200,
        TracingConfig={"Mode": "Active"},
    )
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
        reserved=100,
    )
    account.function("shop-store-hours", runtime="nodejs22.x", memory=128, timeout=3, reserved=10)
    function_url(
        account,
        "shop-store-hours",
        authorization="NONE",
        permit_all=True,
        cors={"AllowOrigins": ["*"], "AllowMethods": ["GET"]},
    )
    _api(account, render, cart)
    _web(account)


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
    found = cache.describe_replication_groups(ReplicationGroupId="sessions")["ReplicationGroups"][0]
    account.ids["sessions"] = found["NodeGroups"][0]["PrimaryEndpoint"]["Address"]
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


def _web(account: Account) -> None:
    """Create the bucket of the web pages, which only CloudFront reads."""
    bucket(account, "larkspurvane-web", owner="shop", data="public", versioned=True)
