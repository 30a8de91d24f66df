"""How stores are encrypted: what hangs on where the data waits, and what only a list told."""

import pytest

from tests.areas.scenes import answer, arn, verdicts

KINESIS = {
    "DeliveryStreamType": "KinesisStreamAsSource",
    "Source": {"KinesisStreamSourceDescription": {"KinesisStreamARN": arn("kinesis", "stream/s")}},
}
MINE = {"KeyType": "CUSTOMER_MANAGED_CMK", "KeyARN": arn("kms", "key/k")}


def delivery(sealing=None, **settings):
    found = {
        "DeliveryStreamName": "d",
        "DeliveryStreamARN": arn("firehose", "deliverystream/d"),
        "DeliveryStreamStatus": "ACTIVE",
    } | settings
    found |= {"DeliveryStreamEncryptionConfiguration": sealing} if sealing else {}
    listed = answer("firehose.ListDeliveryStreams", {"DeliveryStreamNames": ["d"]})
    tagged = {"ResourceARN": found["DeliveryStreamARN"], "Tags": [{"Key": "data-class", "Value": "restricted"}]}
    return [
        listed,
        answer("resourcegroupstaggingapi.GetResources", {"ResourceTagMappingList": [tagged]}),
        answer("firehose.DescribeDeliveryStream", {"DeliveryStreamDescription": found}, "d"),
    ]


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        (delivery({"Status": "DISABLED"}), "FAIL"),
        (delivery(), "FAIL"),
        (delivery({"Status": "ENABLED"} | MINE), "PASS"),
        (delivery({"Status": "ENABLING"} | MINE), "PASS"),
        (delivery({"Status": "DISABLING"} | MINE), "FAIL"),
        (delivery({"Status": "ENABLING_FAILED"} | MINE), "UNKNOWN"),
        (delivery({"Status": "DISABLING_FAILED"} | MINE), "UNKNOWN"),
        # data that comes from a stream waits in the stream, which is judged itself
        (delivery({"Status": "DISABLED"}, **KINESIS), "N/A"),
        (delivery(Source=KINESIS["Source"]), "N/A"),
        (delivery(DeliveryStreamType="MSKAsSource"), "N/A"),
        (delivery()[:2], "UNKNOWN"),
    ],
)
@pytest.mark.parametrize("check", ["rest.encrypted", "rest.transient-state"])
def test_what_waits_in_a_delivery_stream(check, account, expected):
    found = verdicts(check, *account)
    assert found["d"] == expected


def table(*, seen=False, **settings):
    one = arn("dynamodb", "table/t")
    tagged = {"ResourceARN": one, "Tags": [{"Key": "data-class", "Value": "restricted"}]}
    found = {"TableName": "t", "TableArn": one, "TableStatus": "ACTIVE"} | settings
    return [
        answer("dynamodb.ListTables", {"TableNames": ["t"]}),
        answer("resourcegroupstaggingapi.GetResources", {"ResourceTagMappingList": [tagged]}),
        *([answer("dynamodb.DescribeTable", {"Table": found}, "t")] if seen else []),
    ]


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        (table(), "UNKNOWN"),
        (table(seen=True), "WARN"),
        (table(seen=True, SSEDescription={"Status": "ENABLED", "SSEType": "KMS"}), "WARN"),
    ],
)
def test_whose_key_a_table_is_under_is_told_where_the_table_was_described(account, expected):
    assert verdicts("rest.encrypted", *account)["t"] == expected
