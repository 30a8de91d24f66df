"""Catalogue and search: products that suppliers send, an index of them, and the public queries."""

import json

from data.samples.generator.account import ACCOUNT, HOME, LOGISTICS, Account, allow, document, tags
from data.samples.generator.entries import HttpApi
from data.samples.generator.stores import bucket, notify, poll, queue, subscribe, table, topic

DROP = "larkspurvane-supplier-drop"


def build(account: Account) -> None:
    """Create the catalogue."""
    account.at("2023-05-02T08:00:00")
    products = table(account, "catalogue", "sku", owner="catalogue", data="public", stream="NEW_IMAGE")
    domain = _search(account)
    _import(account, products)
    _prices(account, products)
    account.at("2026-04-28T15:30:00")
    stream = account.ids["stream:catalogue"]
    failed = queue(account, "catalogue-index-failed", owner="catalogue", data="public")
    account.function(
        "catalogue-index",
        allow(
            ["dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:DescribeStream", "dynamodb:ListStreams"],
            stream,
        ),
        allow("es:ESHttpPut", f"{domain}/products/*"),
        allow("sqs:SendMessage", failed),
        runtime="provided.al2023",
        packages={"github.com/aws/aws-lambda-go": "1.49.0", "golang.org/x/net": "0.10.0"},
        memory=512,
        timeout=30,
        environment={"SEARCH_HOST": account.ids["search"], "INDEX": "products"},
    )
    poll(
        account,
        "catalogue-index",
        stream,
        StartingPosition="TRIM_HORIZON",
        MaximumRetryAttempts=10,
        DestinationConfig={"OnFailure": {"Destination": failed}},
    )
    account.right(
        "patch.os-only-runtime-owner",
        account.arn("lambda", "function:catalogue-index"),
        "custom runtime, and the tag owner names who patches it",
    )
    _api(account, products, domain)


def _search(account: Account) -> str:
    client = account.client("opensearch")
    made = client.create_domain(
        DomainName="catalogue",
        EngineVersion="OpenSearch_2.17",
        ClusterConfig={"InstanceType": "t3.medium.search", "InstanceCount": 2},
        EncryptionAtRestOptions={"Enabled": True},
        NodeToNodeEncryptionOptions={"Enabled": True},
        DomainEndpointOptions={"EnforceHTTPS": True, "TLSSecurityPolicy": "Policy-Min-TLS-1-2-PFS-2023-10"},
        AccessPolicies=document(
            {
                "Effect": "Allow",
                "Principal": {
                    "AWS": [
                        f"arn:aws:iam::{ACCOUNT}:role/{name}-role" for name in ("catalogue-index", "catalogue-search")
                    ]
                },
                "Action": ["es:ESHttpGet", "es:ESHttpPut", "es:ESHttpPost"],
                "Resource": account.arn("es", "domain/catalogue/*"),
            }
        ),
        TagList=[{"Key": key, "Value": value} for key, value in sorted(tags("catalogue", "public").items())],
    )["DomainStatus"]
    account.ids["search"] = made.get("Endpoint") or f"search-catalogue-lv3k.{HOME}.es.amazonaws.com"
    arn: str = made["ARN"]
    return arn


def _import(account: Account, products: str) -> None:
    """Suppliers' lists arrive through the logistics partner, which may write to the bucket and to nothing else."""
    account.at("2024-02-12T09:40:00")
    drop = f"arn:aws:s3:::{DROP}"
    bucket(
        account,
        DROP,
        {
            "Sid": "PartnerDelivers",
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{LOGISTICS}:role/catalogue-delivery"},
            "Action": "s3:PutObject",
            "Resource": f"{drop}/lists/*",
            "Condition": {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}},
        },
        owner="catalogue",
        data="internal",
        expire_days=30,
    )
    function = account.function(
        "catalogue-import",
        allow("s3:GetObject", f"{drop}/*"),
        allow(["dynamodb:PutItem", "dynamodb:BatchWriteItem"], products),
        allow("sns:Publish", account.arn("sns", "prices")),
        runtime="python3.12",
        memory=1024,
        timeout=300,
        packages={"openpyxl": "3.1.5", "lxml": "4.6.2"},
        environment={"CATALOGUE_TABLE": "catalogue", "PRICES_TOPIC": account.arn("sns", "prices")},
        Layers=[account.ids["layer:common"]],
        DeadLetterConfig={"TargetArn": queue(account, "catalogue-import-failed", owner="catalogue", data="internal")},
    )
    account.permit("catalogue-import", "s3.amazonaws.com", source=drop, account=ACCOUNT)
    notify(account, DROP, {"function": function})
    account.wrong(
        "appvuln.nonhttp-validation",
        function,
        "another account writes to the bucket, and its notification has no filter: any object starts the import",
    )
    account.wrong("deps.known-vuln", function, "lxml 4.6.2")
    account.wrong("appvuln.code-findings", function, "names of products are matched by a pattern that backtracks")


def _prices(account: Account, products: str) -> None:
    """Create a topic open to anyone on paper, and narrowed to one bucket's source by its condition."""
    account.at("2024-06-03T10:10:00")
    arn = account.arn("sns", "prices")
    topic(
        account,
        "prices",
        {
            "Sid": "PriceListsOfTheDropBucket",
            "Effect": "Allow",
            "Principal": "*",
            "Action": "sns:Publish",
            "Resource": arn,
            "Condition": {
                "ArnEquals": {"aws:SourceArn": f"arn:aws:s3:::{DROP}"},
                "StringEquals": {"aws:SourceAccount": ACCOUNT},
            },
        },
        owner="catalogue",
        data="public",
    )
    account.right(
        "perim.resource-policy-sources",
        arn,
        "Principal * narrowed by aws:SourceArn and aws:SourceAccount to one bucket",
    )
    account.right("rest.public-store", arn, "Principal * narrowed by aws:SourceArn and aws:SourceAccount to one bucket")
    function = account.function(
        "catalogue-price",
        allow("dynamodb:UpdateItem", products),
        runtime="python3.13",
        network=True,
        environment={"CATALOGUE_TABLE": "catalogue", "PRICE_CACHE": f"rediss://{account.ids['catalogue-cache']}:6379"},
        Layers=[account.ids["layer:common"]],
        DeadLetterConfig={"TargetArn": queue(account, "catalogue-price-failed", owner="catalogue", data="public")},
    )
    account.permit("catalogue-price", "sns.amazonaws.com", source=arn)
    subscribe(account, arn, "lambda", function, only={"kind": ["price"]})


def _api(account: Account, products: str, domain: str) -> None:
    account.at("2026-07-22T12:00:00")
    query = account.function(
        "catalogue-api",
        allow(["dynamodb:GetItem", "dynamodb:Query"], products),
        runtime="nodejs22.x",
        environment={"CATALOGUE_TABLE": "catalogue", "CACHE_SECONDS": "60"},
        reserved=50,
    )
    search = account.function(
        "catalogue-search",
        allow("es:ESHttpGet", f"{domain}/products/_search"),
        runtime="nodejs22.x",
        environment={"SEARCH_HOST": account.ids["search"], "INDEX": "products"},
        reserved=50,
    )
    api = HttpApi(
        account,
        "catalogue",
        CorsConfiguration={"AllowOrigins": ["*"], "AllowMethods": ["GET"]},
        Tags=tags("catalogue"),
    )
    api.route("GET /products/{sku}", query)
    api.route("GET /search", search)
    account.log_group("/aws/apigateway/catalogue", days=90, labels=tags("catalogue"))
    api.stage(
        AutoDeploy=True,
        DefaultRouteSettings={"ThrottlingRateLimit": 1000.0, "ThrottlingBurstLimit": 2000},
        AccessLogSettings={
            "DestinationArn": account.arn("logs", "log-group:/aws/apigateway/catalogue"),
            "Format": json.dumps({"requestId": "$context.requestId", "status": "$context.status"}),
        },
    )
    # GET /search is anonymous on purpose too, but no tag tells what its search domain holds.
    account.low(
        "perim.route-auth", api.route_id("GET /products/{sku}"), "anonymous on purpose: reaches public data only"
    )
    account.right(
        "appvuln.cors", f"arn:aws:apigateway:{HOME}::/apis/{api.id}", "any origin, on an anonymous API that reads"
    )
