"""Use: the last time of all who tell of it, and nothing where nobody looked."""

import json

from auditkit.exports import read
from auditkit.graph.use import Use, use_frame, use_of
from auditkit.inventory import Inventory, Source
from tests.smallexport import ACCOUNT, REGION, arn, write_export

PLACE = f"{ACCOUNT}/{REGION}"
CREATE, IDLE = (arn("lambda", f"function:{name}") for name in ("orders-create", "idle"))
ROLE = f"arn:aws:iam::{ACCOUNT}:role/orders-ship"


def metric(*points):
    datapoints = [{"Timestamp": f"2026-03-0{day}T00:00:00+00:00", "Sum": value} for day, value in points]
    return {"Label": "Invocations", "Datapoints": datapoints}


def event(day, **fields):
    return {
        "eventTime": f"2026-03-0{day}T12:00:00Z",
        "eventSource": "dynamodb.amazonaws.com",
        "eventName": "PutItem",
        "recipientAccountId": ACCOUNT,
        "awsRegion": REGION,
        "userIdentity": {"arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/orders-create/orders-create"},
        "resources": [{"ARN": arn("dynamodb", "table/orders")}],
        **fields,
    }


def test_the_last_use_of_all_that_tell(tmp_path):
    write_export(tmp_path)
    used = {"ServiceNamespace": "s3", "LastAuthenticated": "2026-03-05T00:00:00+00:00"}
    files = {
        f"{PLACE}/cloudwatch-get-metric-statistics/orders-create.json": metric((1, 3), (2, 1), (3, 0)),
        f"{PLACE}/cloudwatch-get-metric-statistics/idle.json": metric(),
        "cloudtrail.json": {"Records": [event(4), event(6, errorCode="AccessDenied")]},
        "iam-get-service-last-accessed-details/orders-ship.json": {"ServicesLastAccessed": [used]},
    }
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(json.dumps(content), "utf-8")
    inventory = read(tmp_path)
    found = use_of(inventory)
    assert found[CREATE] == Use(
        "2026-03-06T12:00:00Z", 4, 2, ("CloudTrail", "CloudWatch"), Source("cloudtrail.json", "/Records/1")
    )
    assert found[arn("dynamodb", "table/orders")].last_used == "2026-03-04T12:00:00Z", "a refused call uses nothing"
    assert (found[IDLE].last_used, found[IDLE].invocations) == ("", 0)
    assert found[ROLE].last_used == "2026-03-05T00:00:00Z"
    assert arn("lambda", "function:orders-ship") not in found
    table = use_frame(inventory).set_index("id")
    assert table.loc[CREATE, "seen_by"] == "CloudTrail, CloudWatch"
    assert set(table.index) == set(found)


def test_nothing_is_told_of_an_inventory_without_evidence():
    assert use_of(Inventory()) == {}
    assert use_frame(Inventory()).empty
