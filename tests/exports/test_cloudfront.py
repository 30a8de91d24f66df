import boto3
from moto import mock_aws

from auditkit.inventory import UNSET
from auditkit.inventory.records.cloudfront import Distribution, OriginAccessControl
from tests.exports.feeding import ACCOUNT, answer, exported, feed


@mock_aws
def test_a_distribution_made_with_boto3_is_read_whole(tmp_path):
    client = boto3.client("cloudfront", region_name="us-east-1")
    control = client.create_origin_access_control(
        OriginAccessControlConfig={
            "Name": "site",
            "SigningProtocol": "sigv4",
            "SigningBehavior": "always",
            "OriginAccessControlOriginType": "s3",
        }
    )["OriginAccessControl"]["Id"]
    client.create_distribution(
        DistributionConfig={
            "CallerReference": "1",
            "Comment": "hunter2",
            "Enabled": True,
            "Aliases": {"Quantity": 1, "Items": ["shop.example.com"]},
            "Origins": {
                "Quantity": 1,
                "Items": [
                    {
                        "Id": "site",
                        "DomainName": "site.s3.eu-west-1.amazonaws.com",
                        "OriginPath": "",
                        "S3OriginConfig": {"OriginAccessIdentity": ""},
                        "OriginAccessControlId": control,
                        "CustomHeaders": {
                            "Quantity": 1,
                            "Items": [{"HeaderName": "X-Origin", "HeaderValue": "hunter2"}],
                        },
                    }
                ],
            },
            "DefaultCacheBehavior": {
                "TargetOriginId": "site",
                "ViewerProtocolPolicy": "allow-all",
                "MinTTL": 0,
                "ForwardedValues": {"QueryString": False, "Cookies": {"Forward": "none"}},
            },
            "Logging": {"Enabled": True, "IncludeCookies": False, "Bucket": "logs.s3.amazonaws.com", "Prefix": ""},
        }
    )
    inventory = exported(tmp_path, "cloudfront")
    (record,) = inventory.of(Distribution)
    assert (record.id, record.name, record.region) == (record.arn, "shop.example.com", "global")
    (origin,) = record.origins
    assert [header.header_name for header in origin.custom_headers] == ["X-Origin"]
    assert record.default_cache_behavior.viewer_protocol_policy == "allow-all"
    assert record.logging.enabled
    (found,) = inventory.of(OriginAccessControl)
    assert (found.id, found.signing_behavior) == (
        f"arn:aws:cloudfront::{ACCOUNT}:origin-access-control/{control}",
        "always",
    )
    assert "hunter2" not in repr(list(inventory))


def test_a_list_without_items_is_empty_and_logging_that_was_not_asked_for_unseen():
    item = {"Id": "E1", "ARN": f"arn:aws:cloudfront::{ACCOUNT}:distribution/E1", "DomainName": "d1.cloudfront.net"}
    listed = {
        "DistributionList": {"Quantity": 1, "Items": [{**item, "Aliases": {"Quantity": 0}, "Origins": {"Quantity": 0}}]}
    }
    (record,) = feed(answer("cloudfront.ListDistributions", listed, region="global")).of(Distribution)
    assert (list(record.origins), list(record.aliases), record.name, record.logging) == (
        [],
        [],
        "d1.cloudfront.net",
        UNSET,
    )


def test_no_distributions_at_all():
    assert (
        len(feed(answer("cloudfront.ListDistributions", {"DistributionList": {"Quantity": 0}}, region="global"))) == 0
    )
