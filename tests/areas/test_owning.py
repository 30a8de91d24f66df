"""What functions cost their owners, what could be deleted, and who would notice."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import auditkit
from auditkit.areas import could_be_deleted, ownership_cost
from auditkit.facts import get_ownership_parts
from auditkit.inventory import Inventory
from auditkit.inventory.evidence.metrics import FunctionMetric
from auditkit.inventory.evidence.observed import ActivityLog
from tests.areas.scenes import ACCOUNT, DATE, REGION, answer, arn, function, functions, gaad, role
from tests.areas.test_wallet import rest_api
from tests.exports.feeding import feed

F, G, QUEUE = arn("lambda", "function:f"), arn("lambda", "function:g"), arn("sqs", "q")
URL = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/q"
OLD = {"LastModified": "2026-01-01T00:00:00.000+0000"}
SEEN = [answer("lambda.GetPolicy", {}, "f"), answer("lambda.ListEventSourceMappings", {"EventSourceMappings": []})]


def ran(times, *, first="", last="", since="2026-07-01", until="2026-10-30", name=F):
    """Return how often a function ran; without points of its own in a time that others in the same file have."""
    return FunctionMetric(
        id=f"metric:{name}", account=ACCOUNT, region=REGION, function=name, metric="Invocations", total=times,
        first=first, last=last, last_used=last if times else "", since=first or since, until=last or until,
    )  # fmt: skip


def deleted(*responses, evidence=(), date=DATE, everything=True):
    inventory = feed(*responses)
    whole = Inventory([*inventory, *evidence], coverage=inventory.coverage)
    frame = could_be_deleted(whole, date=date, everything=everything)
    return {(row["kind"], row["label"]): row for row in frame.to_dict("records")}


# ------------------------------------------------------------------ deletable


@pytest.mark.parametrize(
    ("responses", "evidence", "answer_"),
    [
        ([functions(function(**OLD)), *SEEN], [ran(0)], "yes"),
        ([functions(function(**OLD)), *SEEN], [ran(0, since="", until="")], "unknown"),
        ([functions(function(**OLD)), *SEEN], [ran(0, since="2026-10-01")], "unknown"),
        ([functions(function(**OLD)), *SEEN], [ran(0, first="2026-07-01", last="2026-10-30")], "yes"),
        ([functions(function(**OLD)), *SEEN], [ran(0, first="2026-10-01", last="2026-10-30")], "unknown"),
        ([functions(function(**OLD)), *SEEN], [ran(0, first="2026-02-01", last="2026-06-30")], "unknown"),
        ([functions(function(**OLD)), *SEEN], [ran(7)], "no"),
        ([functions(function(**OLD)), *SEEN], [], "unknown"),
        ([functions(function(**OLD))], [ran(0)], "unknown"),
        ([functions(function(LastModified="2026-10-20T00:00:00.000+0000")), *SEEN], [ran(0)], "no"),
    ],
)
def test_a_function_is_deletable_only_where_use_and_triggers_were_seen(responses, evidence, answer_):
    row = deleted(*responses, evidence=evidence)["function", "f"]
    assert row["answer"] == answer_
    assert bool(row["missing"]) == (answer_ == "unknown")
    assert row["why"]
    assert row["source"]


def test_without_an_audit_date_nothing_is_deletable():
    found = deleted(functions(function(**OLD)), *SEEN, gaad(role("ops")), evidence=[ran(0)], date="")
    assert "yes" not in {row["answer"] for row in found.values()}


def queue(**attributes):
    return [
        answer("sqs.ListQueues", {"QueueUrls": [URL]}),
        answer("sqs.GetQueueAttributes", {"Attributes": {"QueueArn": QUEUE} | attributes}, URL),
    ]


def log(first, last, *services):
    return ActivityLog(
        id="log:1", account=ACCOUNT, region=REGION, first=first, last=last, events={"Data": 1}, data_services=services
    )


WHOLE = log("2026-05-01T00:00:00Z", "2026-10-30T00:00:00Z", "sqs.amazonaws.com")


def trail(*fields, logging=True, region=REGION):
    """Return a trail that records what meets all of some fields."""
    name = arn("cloudtrail", "trail/t")
    listed = {"Name": "t", "TrailARN": name, "HomeRegion": region, "IsMultiRegionTrail": False}
    selector = {"FieldSelectors": [{"Field": field, "Equals": [value]} for field, value in fields]}
    return [
        answer("cloudtrail.DescribeTrails", {"trailList": [listed]}),
        answer("cloudtrail.GetTrailStatus", {"IsLogging": logging}, name),
        answer("cloudtrail.GetEventSelectors", {"AdvancedEventSelectors": [selector]}, name),
    ]


DATA = (("eventCategory", "Data"), ("resources.type", "AWS::SQS::Queue"))


@pytest.mark.parametrize(
    ("responses", "evidence", "answer_"),
    [
        (trail(*DATA), [WHOLE], "yes"),
        (trail(*DATA, ("resources.ARN", QUEUE)), [WHOLE], "yes"),
        (trail(*DATA), [], "unknown"),
        ([], [WHOLE], "unknown"),
        (trail(*DATA, logging=False), [WHOLE], "unknown"),
        (trail(*DATA, region="eu-north-1"), [WHOLE], "unknown"),
        (trail(*DATA, ("readOnly", "true")), [WHOLE], "unknown"),
        (trail(*DATA, ("resources.ARN", arn("sqs", "other"))), [WHOLE], "unknown"),
        (trail(("eventCategory", "Data"), ("resources.type", "AWS::S3::Object")), [WHOLE], "unknown"),
        (trail(*DATA), [log("2026-10-20T00:00:00Z", "2026-10-30T00:00:00Z", "sqs.amazonaws.com")], "unknown"),
        (trail(*DATA), [log("2026-01-01T00:00:00Z", "2026-06-30T00:00:00Z", "sqs.amazonaws.com")], "unknown"),
        (trail(*DATA), [log("2026-05-01T00:00:00Z", "2026-10-30T00:00:00Z", "s3.amazonaws.com")], "unknown"),
    ],
)
def test_a_store_is_deletable_only_where_all_its_data_events_would_have_been_seen(responses, evidence, answer_):
    row = deleted(*queue(), *responses, evidence=evidence)["queue", "q"]
    assert row["answer"] == answer_
    assert bool(row["missing"]) == (answer_ == "unknown")


@pytest.mark.parametrize(
    ("value", "answer_"),
    [
        ("arn:aws:dynamodb", "yes"),
        (arn("dynamodb", "table/orders-2"), "yes"),
        (arn("dynamodb", "table/orders"), "unknown"),
    ],
)
def test_a_table_is_recorded_by_its_whole_name_or_with_all_tables(value, answer_):
    table = {"TableName": "orders-2", "TableArn": arn("dynamodb", "table/orders-2"), "TableStatus": "ACTIVE"}
    tables = [answer("dynamodb.ListTables", {"TableNames": ["orders-2"]})]
    tables.append(answer("dynamodb.DescribeTable", {"Table": table}, "orders-2"))
    listed, status, _ = trail()
    data = {"ReadWriteType": "All", "DataResources": [{"Type": "AWS::DynamoDB::Table", "Values": [value]}]}
    selectors = answer("cloudtrail.GetEventSelectors", {"EventSelectors": [data]}, arn("cloudtrail", "trail/t"))
    whole = log("2026-05-01T00:00:00Z", "2026-10-30T00:00:00Z", "dynamodb.amazonaws.com")
    found = deleted(*tables, listed, status, selectors, evidence=[whole])
    assert found["table", "orders-2"]["answer"] == answer_


def test_what_another_setting_names_is_not_deletable():
    named = functions(function(DeadLetterConfig={"TargetArn": QUEUE}))
    assert deleted(named, *queue(), *trail(*DATA), evidence=[WHOLE])["queue", "q"]["answer"] == "unknown"


def test_a_role_is_deletable_only_where_its_last_use_was_told():
    old = {"CreateDate": "2024-01-01T00:00:00Z"}
    used = role("used", RoleLastUsed={"LastUsedDate": "2026-10-30T00:00:00Z", "Region": REGION}, **old)
    idle, untold = role("idle", RoleLastUsed={}, **old), role("untold", **old)
    past = role("past", RoleLastUsed={"LastUsedDate": "2026-01-30T00:00:00Z", "Region": REGION}, **old)
    new = role("new", RoleLastUsed={}, CreateDate="2026-10-20T00:00:00Z")
    f = role("f", RoleLastUsed={}, **old)
    found = deleted(functions(function()), gaad(used, idle, untold, past, new, f))
    answers = {label: row["answer"] for (kind, label), row in found.items() if kind == "role"}
    assert answers == {"used": "no", "idle": "yes", "untold": "unknown", "past": "yes", "new": "no", "f": "no"}
    nothing_told = deleted(functions(), gaad(idle))
    assert nothing_told["role", "idle"]["answer"] == "unknown"


def secret(**more):
    one = {"ARN": arn("secretsmanager", "secret:s-1"), "Name": "s", "LastChangedDate": 1700000000} | more
    return answer("secretsmanager.ListSecrets", {"SecretList": [one]})


def test_a_secret_tells_when_it_was_last_read():
    assert deleted(secret())["secret", "s"]["answer"] == "yes"
    assert deleted(secret(LastAccessedDate=1793000000))["secret", "s"]["answer"] == "no"
    assert deleted(secret(LastChangedDate=1793000000))["secret", "s"]["answer"] == "no"
    named = functions(function(Environment={"Variables": {"S": arn("secretsmanager", "secret:s-1")}}))
    assert deleted(named, secret())["secret", "s"]["answer"] == "unknown"


def test_an_api_that_no_stage_serves_or_that_leads_to_nothing():
    listed, resources, plans, stages = rest_api()
    bare = answer("apigateway.GetStages", {"item": []}, "a1b2")
    assert deleted(functions(function()), listed, resources, plans, bare)["REST API", "api"]["answer"] == "yes"
    assert deleted(functions(), listed, resources, plans, stages)["REST API", "api"]["answer"] == "yes"
    assert deleted(functions(function()), listed, resources, plans)["REST API", "api"]["answer"] == "unknown"
    whole = [functions(function(**OLD)), *SEEN, listed, resources, plans, stages]
    assert deleted(*whole)["REST API", "api"]["answer"] == "unknown"
    assert deleted(*whole, evidence=[ran(5)])["REST API", "api"]["answer"] == "no"
    idle = deleted(*whole, evidence=[ran(0)])["REST API", "api"]
    assert idle["answer"] == "yes"
    assert idle["readers"] == ("GET /x", "f")
    assert idle["callers"] == ("outsiders (anonymous)",)


def test_who_would_notice():
    alarm = {
        "AlarmName": "f-errors", "AlarmArn": arn("cloudwatch", "alarm:f-errors"), "MetricName": "Errors",
        "Namespace": "AWS/Lambda", "AlarmActions": [arn("sns", "t")],
        "Dimensions": [{"Name": "FunctionName", "Value": "f"}],
    }  # fmt: skip
    mapping = {"UUID": "u", "FunctionArn": G, "EventSourceArn": QUEUE, "State": "Enabled"}
    send = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": QUEUE}
    config = {"Configuration": function(**OLD), "Tags": {"owner": "Orders"}}
    found = deleted(
        functions(function(Environment={"Variables": {"QUEUE_URL": URL}}, **OLD), function("g", **OLD)),
        answer("lambda.GetFunction", config | {"Configuration": config["Configuration"]
               | {"Environment": {"Variables": {"QUEUE_URL": URL}}}}, "f"),
        answer("lambda.GetPolicy", {}, "f"),
        answer("lambda.ListEventSourceMappings", {"EventSourceMappings": [mapping]}),
        gaad(role("f", send), role("g")),
        answer("cloudwatch.DescribeAlarms", {"MetricAlarms": [alarm]}),
        *queue(), *rest_api(),
        evidence=[ran(0)],
    )  # fmt: skip
    row = found["function", "f"]
    assert row["answer"] == "yes"
    assert row["triggers"] == ("GET /x",)
    assert "api" in row["upstream"] or "anyone on the internet" in row["upstream"]
    assert row["readers"] == ("g",)
    assert row["alarms"] == ("f-errors",)
    assert row["owners"] == ("orders",)
    assert found["function", "g"]["triggers"] == ("q",)
    assert "f" in found["function", "g"]["upstream"]


def test_what_nothing_speaks_for_deleting_is_left_out_unless_asked_for():
    listed = deleted(functions(function(**OLD)), *SEEN, evidence=[ran(7)], everything=False)
    assert not listed
    assert auditkit.could_be_deleted is could_be_deleted
    assert could_be_deleted(feed()).attrs["reason"]


# ------------------------------------------------------------------ ownership


def costs(*responses, date=DATE):
    frame = ownership_cost(feed(*responses), date=date)
    return {row["label"]: row for row in frame.to_dict("records")}


def test_the_parts_make_a_hundred():
    parts = get_ownership_parts()
    assert sum(part.points for part in parts.values()) == 100
    assert all(part.why and part.measure and part.full > 0 for part in parts.values())
    assert auditkit.ownership_cost is ownership_cost


def test_each_part_says_what_it_costs_and_the_unknown_is_an_interval():
    row = costs(functions(function(Runtime="python3.8", CodeSha256="x")))["f"]
    assert row["runtime_low"] == row["runtime_high"] == 20
    assert row["duplicates_high"] == 0
    assert (row["owner_low"], row["owner_high"]) == (0, 10)
    assert any("tags" in text for text in row["missing"])
    assert any("Python 3.8 is deprecated" in text for text in row["reasons"])
    assert row["low"] < row["high"] <= 100
    undated = costs(functions(function(Runtime="python3.8")), date="")["f"]
    assert (undated["runtime_low"], undated["runtime_high"]) == (0, 20)
    assert "the audit date" in undated["missing"]


def test_tags_name_an_owner_and_copies_count():
    named = {"Configuration": function("orders-prod"), "Tags": {"owner": "orders"}}
    found = costs(
        functions(function("orders-prod", CodeSha256="x"), function("orders-dev", CodeSha256="x")),
        answer("lambda.GetFunction", named, "orders-prod"),
    )
    assert (found["orders-prod"]["owner_low"], found["orders-prod"]["owner"]) == (0, "orders")
    assert found["orders-dev"]["environments_low"] == 2.5
    assert found["orders-dev"]["duplicates_low"] == pytest.approx(5 / 3, abs=0.001)


def test_privileges_count_stores_and_an_administrator_in_full():
    read = {"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": "*"}
    tables = [answer("dynamodb.ListTables", {"TableNames": ["a", "b"]})]
    for name in "ab":
        table = {"TableName": name, "TableArn": arn("dynamodb", f"table/{name}"), "TableStatus": "ACTIVE"}
        tables.append(answer("dynamodb.DescribeTable", {"Table": table}, name))
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    assert costs(functions(function()), gaad(role("f", read)), *tables)["f"]["privileges_low"] == 1.5
    assert costs(functions(function()), gaad(role("f", everything)))["f"]["privileges_low"] == 15
    row = costs(functions(function()))["f"]
    assert (row["privileges_low"], row["privileges_high"]) == (0, 15)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 3000), st.integers(0, 3000), st.integers(0, 5), st.integers(0, 5))
def test_more_of_anything_never_lowers_the_index(days, more_days, copies, more_copies):
    def index(age, others):
        made = f"{2026 - age // 360:04}-{12 - age % 360 // 30:02}-{28 - age % 30 % 28:02}T00:00:00.000+0000"
        same = [function(f"g{number}", CodeSha256="x") for number in range(others)]
        row = costs(functions(function(LastModified=made, CodeSha256="x"), *same), date="2027-01-01")["f"]
        return row["duplicates_low"], row["low"]

    less, more = index(days, copies), index(days, copies + more_copies)
    assert more[0] >= less[0]
    assert more[1] >= less[1]
    older = index(days + 360 * (more_days // 360), copies)
    assert older[1] >= less[1]


def test_a_policy_that_names_a_store_is_no_use_of_it():
    send = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": QUEUE}
    policy = {"Policy": json.dumps({"Version": "2012-10-17", "Statement": [send | {"Principal": {"AWS": F}}]})}
    whole = [functions(function()), gaad(role("f", send)), *queue(**policy), *trail(*DATA)]
    assert deleted(*whole, evidence=[WHOLE])["queue", "q"]["answer"] == "yes"
