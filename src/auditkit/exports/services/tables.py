"""Responses of Amazon DynamoDB."""

from typing import Any

import msgspec

from auditkit.exports._attached import policy_text, tags_of
from auditkit.exports._reading import Handler, Reading, Response
from auditkit.exports.services._fields import enrich, listed, names_of, one, placed
from auditkit.inventory.records.tables import (
    ContinuousBackups,
    KinesisDestination,
    Table,
    TableStream,
    TimeToLive,
)

__all__ = ["HANDLERS"]


def _list_tables(response: Response, reading: Reading) -> None:
    for name, source in names_of(response, reading, "TableNames"):
        if placed(response):
            arn = response.arn("dynamodb", f"table/{name}")
            table = Table(table_name=name, table_arn=arn, id=arn, name=name, sources=(source,))
            reading.add(table)


def _describe_table(response: Response, reading: Reading) -> None:
    item = reading.value(dict, response, "Table")
    table = reading.convert(response, Table, item, "Table") if item else None
    if table is None:
        return
    table.id, table.name = table.table_arn, table.table_name
    reading.add(table)
    stream = table.stream_specification
    if stream is None or not stream.stream_enabled or not table.latest_stream_arn:
        return
    reading.add(
        TableStream(
            id=table.latest_stream_arn,
            account=response.account,
            region=response.region,
            name=table.table_name,
            sources=(response.at("Table", "LatestStreamArn"),),
            latest_stream_arn=table.latest_stream_arn,
            table_arn=table.table_arn,
            stream_specification=stream,
        )
    )


def _get_resource_policy(response: Response, reading: Reading) -> None:
    policy = policy_text(response.payload.get("Policy"), response.at("Policy"), reading)
    cls = TableStream if "/stream/" in response.argument() else Table
    enrich(response, reading, cls, "Policy", policy=policy)


def _list_tags(response: Response, reading: Reading) -> None:
    enrich(response, reading, Table, "Tags", tags=tags_of(response.payload.get("Tags"), response.at("Tags"), reading))


def _describe_kinesis_destination(response: Response, reading: Reading) -> None:
    key = "KinesisDataStreamDestinations"
    enrich(response, reading, Table, key, kinesis_destinations=listed(response, reading, KinesisDestination, key))


def _part(field: str, cls: type[msgspec.Struct], key: str) -> Handler:
    def handle(response: Response, reading: Reading) -> None:
        fields: dict[str, Any] = {field: one(response, reading, cls, key)}
        enrich(response, reading, Table, key, **fields)

    return handle


HANDLERS: dict[tuple[str, str], Handler] = {
    ("dynamodb", "DescribeContinuousBackups"): _part(
        "continuous_backups", ContinuousBackups, "ContinuousBackupsDescription"
    ),
    ("dynamodb", "DescribeKinesisStreamingDestination"): _describe_kinesis_destination,
    ("dynamodb", "DescribeTable"): _describe_table,
    ("dynamodb", "DescribeTimeToLive"): _part("time_to_live", TimeToLive, "TimeToLiveDescription"),
    ("dynamodb", "GetResourcePolicy"): _get_resource_policy,
    ("dynamodb", "ListTables"): _list_tables,
    ("dynamodb", "ListTagsOfResource"): _list_tags,
}
