"""From a table of Steampipe to records."""

import re
from pathlib import PurePosixPath

from auditkit.exports._answers import Answers
from auditkit.exports._coverage import CoverageBook
from auditkit.exports._reading import Reading
from auditkit.exports.steampipe._kinds import Out
from auditkit.exports.steampipe._rows import columns_of, rows_of
from auditkit.exports.steampipe._tables import GROUPS, TABLES
from auditkit.inventory import Source

__all__ = ["read_table", "table_of"]

_DETAIL = "a table shows the rows and columns that were selected"
_NAMES = sorted({*TABLES, *GROUPS}, key=lambda name: (-len(name), name))
_SIGNS: dict[str, frozenset[str]] = {
    "aws_api_gateway_method": frozenset({"rest_api_id", "http_method"}),
    "aws_api_gatewayv2_integration": frozenset({"api_id", "integration_id"}),
    "aws_api_gatewayv2_route": frozenset({"api_id", "route_key"}),
    "aws_dynamodb_table": frozenset({"table_id", "arn"}),
    "aws_eventbridge_rule": frozenset({"arn", "event_bus_name"}),
    "aws_iam_policy": frozenset({"arn", "policy_id"}),
    "aws_iam_role": frozenset({"arn", "assume_role_policy"}),
    "aws_iam_user": frozenset({"arn", "user_id"}),
    "aws_kms_key": frozenset({"id", "key_manager"}),
    "aws_lambda_event_source_mapping": frozenset({"uuid", "function_arn"}),
    "aws_lambda_function": frozenset({"arn", "handler", "role"}),
    "aws_s3_bucket": frozenset({"name", "block_public_policy"}),
    "aws_sns_topic_subscription": frozenset({"subscription_arn", "protocol"}),
    "aws_sqs_queue": frozenset({"queue_arn", "queue_url"}),
}
_COMMON = frozenset({"account_id", "akas", "title", "_ctx", "partition"})


def table_of(path: str, data: bytes) -> str:
    """Return the table that a file holds, ``""`` for none: by its name, else by its columns.

    Parameters
    ----------
    path
        Of the file.
    data
        Content.
    """
    suffix = PurePosixPath(path).suffix.lower()
    if suffix not in {".csv", ".json"}:
        return ""
    stem = re.sub(r"[^a-z0-9]+", "_", PurePosixPath(path).stem.lower())
    named = next((name for name in _NAMES if re.search(rf"(?:^|_){name}(?:_|$)", stem)), "")
    if not named and suffix == ".json" and data.lstrip()[:1] != b"[" and b'"rows"' not in data[:100_000]:
        return ""
    columns = frozenset(columns_of(data))
    if named:
        return named if columns else ""
    if not columns & _COMMON:
        return ""
    return next((name for name, signs in _SIGNS.items() if signs <= columns), "")


def read_table(table: str, data: bytes, source: Source, reading: Reading, book: CoverageBook) -> None:
    """Read the rows of a table.

    Parameters
    ----------
    table
        As of :func:`table_of`.
    data
        Content of the file.
    source
        The file.
    reading, book
        Take what it says.

    Raises
    ------
    JsonError
        The file is neither JSON nor CSV.
    """
    out = Out(Answers(reading, book, _DETAIL, foreign=True))
    rows = list(rows_of(data, source))
    if table in GROUPS:
        GROUPS[table](rows, out)
    else:
        for row in rows:
            TABLES[table](row, out)
