"""The edge: CloudFront before the shop and its pictures, and the certificates' names."""

from data.samples.generator.account import ACCOUNT, HOME, STATES, Account, document
from data.samples.generator.stores import secure_transport

CACHED = "658327ea-f89d-4fab-a63d-7e88639e58f6"
UNCACHED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"


def build(account: Account) -> None:
    """Create the distribution and let it read its buckets."""
    account.at("2024-09-02T12:00:00")
    cloudfront = account.client("cloudfront")
    control = cloudfront.create_origin_access_control(
        OriginAccessControlConfig={
            "Name": "buckets",
            "SigningProtocol": "sigv4",
            "SigningBehavior": "always",
            "OriginAccessControlOriginType": "s3",
        }
    )["OriginAccessControl"]["Id"]
    buckets = ("larkspurvane-web", "larkspurvane-media")
    origins = [
        {
            "Id": name,
            "DomainName": f"{name}.s3.{HOME}.amazonaws.com",
            "S3OriginConfig": {"OriginAccessIdentity": ""},
            "OriginAccessControlId": control,
        }
        for name in buckets
    ]
    origins.append(_shop_origin(account))
    made = cloudfront.create_distribution(
        DistributionConfig={
            "CallerReference": "larkspur-www",
            "Comment": "www.larkspurvane.example",
            "Enabled": True,
            "Aliases": {"Quantity": 1, "Items": ["www.larkspurvane.example"]},
            "Origins": {"Quantity": len(origins), "Items": origins},
            "DefaultCacheBehavior": _behaviour("shop-api", UNCACHED),
            "CacheBehaviors": {
                "Quantity": 2,
                "Items": [
                    {"PathPattern": path, **_behaviour(name, CACHED)}
                    for path, name in (("/assets/*", buckets[0]), ("/pictures/*", buckets[1]))
                ],
            },
            "ViewerCertificate": {
                "ACMCertificateArn": account.certificate("www.larkspurvane.example", STATES),
                "SSLSupportMethod": "sni-only",
                "MinimumProtocolVersion": "TLSv1.2_2021",
            },
            "WebACLId": _firewall(account),
            "Logging": {
                "Enabled": True,
                "IncludeCookies": False,
                "Bucket": "larkspurvane-access-logs.s3.amazonaws.com",
                "Prefix": "www/",
            },
        }
    )["Distribution"]
    for name in buckets:
        arn = f"arn:aws:s3:::{name}"
        read = {
            "Sid": "CloudFrontReads",
            "Effect": "Allow",
            "Principal": {"Service": "cloudfront.amazonaws.com"},
            "Action": "s3:GetObject",
            "Resource": f"{arn}/*",
            "Condition": {"StringEquals": {"aws:SourceArn": made["ARN"]}},
        }
        policy = document(read, secure_transport([arn, f"{arn}/*"], "s3:*"))
        account.client("s3").put_bucket_policy(Bucket=name, Policy=policy)
        account.right("rest.public-store", arn, "only this distribution reads it, by origin access control")
    account.wrong(
        "perim.bypass",
        f"arn:aws:apigateway:{HOME}::/apis/{account.ids['api:shop']}",
        "CloudFront and its firewall stand before it, and its default endpoint still answers",
    )


def _firewall(account: Account) -> str:
    """Create the web ACL of the distribution: a rate limit and two managed groups that block."""
    groups = ("AWSManagedRulesCommonRuleSet", "AWSManagedRulesSQLiRuleSet")
    seen = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True}
    rules = [
        {
            "Name": "rate",
            "Priority": 0,
            "Statement": {"RateBasedStatement": {"Limit": 2000, "AggregateKeyType": "IP"}},
            "Action": {"Block": {}},
            "VisibilityConfig": {**seen, "MetricName": "rate"},
        }
    ]
    rules += [
        {
            "Name": name,
            "Priority": number,
            "Statement": {"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": name}},
            "OverrideAction": {"None": {}},
            "VisibilityConfig": {**seen, "MetricName": name},
        }
        for number, name in enumerate(groups, 1)
    ]
    settings = {
        "Name": "larkspur-www",
        "DefaultAction": {"Allow": {}},
        "Rules": rules,
        "VisibilityConfig": {**seen, "MetricName": "larkspur-www"},
    }
    account.client("wafv2", STATES).create_web_acl(Scope="CLOUDFRONT", **settings)
    # Moto draws its id by chance that differs in a server, and finds no web ACL by its ARN.
    number = "660aeef3-f4f9-4db4-9961-1f1cd08666f4"
    arn = f"arn:aws:wafv2:{STATES}:{ACCOUNT}:global/webacl/larkspur-www/{number}"
    token = "ac941e79-5ecc-4694-a89a-152cfc768b9c"  # noqa: S105 -- a mark of versions
    listed = {"ARN": arn, "Description": "", "Id": number, "LockToken": token, "Name": "larkspur-www"}
    account.gaps.say("wafv2", "ListWebACLs", "CLOUDFRONT", {"WebACLs": [listed]})
    account.gaps.say("wafv2", "GetWebACL", arn, {"WebACL": {"ARN": arn, "Id": number, **settings}})
    return arn


def _shop_origin(account: Account) -> dict[str, object]:
    return {
        "Id": "shop-api",
        "DomainName": f"{account.ids['api:shop']}.execute-api.{HOME}.amazonaws.com",
        "CustomHeaders": {
            "Quantity": 1,
            "Items": [{"HeaderName": "x-origin-verify", "HeaderValue": "not-a-real-shared-secret"}],
        },
        "CustomOriginConfig": {
            "HTTPPort": 80,
            "HTTPSPort": 443,
            "OriginProtocolPolicy": "https-only",
            "OriginSslProtocols": {"Quantity": 1, "Items": ["TLSv1.2"]},
        },
    }


def _behaviour(origin: str, cache: str) -> dict[str, object]:
    return {
        "TargetOriginId": origin,
        "ViewerProtocolPolicy": "redirect-to-https",
        "CachePolicyId": cache,
        "Compress": True,
    }
