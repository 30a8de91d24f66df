"""Denial of wallet: what limits hold, what is missing, and laws of the bounds."""

import json
import math
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

import auditkit
from auditkit.areas import Scene, Wallet, wallet
from auditkit.errors import AuditkitError
from auditkit.facts import Prices, get_prices
from auditkit.graph import connect
from auditkit.inventory import UNSET, Inventory
from auditkit.inventory.records.apis import MethodSettings, RestApi
from auditkit.inventory.records.functions import AccountLimit, EphemeralStorage, Function, FunctionSettings
from auditkit.inventory.records.mappings import EventSourceMapping, ScalingConfig
from auditkit.inventory.records.messaging import Queue, RedrivePolicy
from tests.areas.scenes import ACCOUNT, REGION, answer, arn, function, functions, gaad, role
from tests.areas.test_dos import concurrency, opened
from tests.exports.feeding import feed

API = "a1b2"
F, G, QUEUE = arn("lambda", "function:f"), arn("lambda", "function:g"), arn("sqs", "q")
SECOND, REQUEST = 0.0000166667, 0.0000002


def account_limit(total=1000, unreserved=None):
    limit = {"ConcurrentExecutions": total, "UnreservedConcurrentExecutions": unreserved or total}
    return answer("lambda.GetAccountSettings", {"AccountLimit": limit})


def sized(name="f", memory=1024, timeout=10, **more):
    return function(name, MemorySize=memory, Timeout=timeout, Architectures=["x86_64"], **more)


def rest_api(rate=None, burst=0, *, target=F, key=False, stages=True, plans=()):
    settings_ = {} if rate is None else {"*/*": {"throttlingRateLimit": rate, "throttlingBurstLimit": burst}}
    uri = f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{target}/invocations"
    method = {
        "httpMethod": "GET", "authorizationType": "NONE", "apiKeyRequired": key,
        "methodIntegration": {"type": "AWS_PROXY", "uri": uri},
    }  # fmt: skip
    resource = {"id": "r", "path": "/x", "resourceMethods": {"GET": method}}
    found = [
        answer("apigateway.GetRestApis", {"items": [{"id": API, "name": "api"}]}),
        answer("apigateway.GetResources", {"items": [resource]}, API),
        answer("apigateway.GetUsagePlans", {"items": list(plans)}),
    ]
    if stages:
        found.append(answer("apigateway.GetStages", {"item": [{"stageName": "p", "methodSettings": settings_}]}, API))
    return found


def reckoned(*responses, **options):
    inventory = feed(*responses)
    return Wallet(Scene(inventory, connect(inventory)), **options)


def entry(*responses, **options):
    (row,) = reckoned(*responses, **options).entries.to_dict("records")
    return row


# ------------------------------------------------------------------- formula


def test_a_throttled_route_costs_what_its_events_keep_busy():
    row = entry(functions(sized()), concurrency(None), account_limit(), *rest_api(2, 5))
    events = 2 * 3600 + 5
    busy = events * 10 / 3600
    assert row["rate_low"] == row["rate_high"] == events
    assert row["compute_low"] == pytest.approx(busy * 3600 * SECOND)
    assert row["compute_high"] == row["compute_low"]
    assert row["requests_low"] == pytest.approx(events * (REQUEST + 0.0000035))
    assert row["data_out_high"] == pytest.approx(events * 10 / 1024 * 0.09)
    assert row["high"] == pytest.approx(row["compute_high"] + row["requests_high"] + row["data_out_high"])
    assert row["capped_by"] == ("2 requests per second by stage p",)
    assert {str(source) for source in row["sources"]} >= {
        f"{ACCOUNT}/{REGION}/apigateway.GetStages/{API}.json#/item/0/methodSettings/*~1*"
    }


def test_reserved_concurrency_is_what_stops_it():
    row = entry(functions(sized()), concurrency(3), account_limit(), *rest_api(1000))
    assert row["compute_high"] == pytest.approx(3 * 3600 * SECOND)
    assert row["capped_by"][-1] == "3 reserved executions of f"


def test_a_function_that_is_switched_off_runs_nothing():
    row = entry(functions(sized()), concurrency(0), account_limit(), *rest_api(1000))
    assert row["compute_high"] == 0


def test_storage_beyond_what_is_free_and_arm_have_their_prices():
    small = entry(functions(sized()), concurrency(1), account_limit(), *rest_api(1000))
    storage = sized(EphemeralStorage={"Size": 10240})
    large = entry(functions(storage), concurrency(1), account_limit(), *rest_api(1000))
    assert large["compute_low"] - small["compute_low"] == pytest.approx(3600 * 9.5 * 0.0000000309)
    arm = function(MemorySize=1024, Timeout=10, Architectures=["arm64"])
    assert entry(functions(arm), concurrency(1), account_limit(), *rest_api(9))["compute_low"] == pytest.approx(
        3600 * 0.0000133334
    )


def test_provisioned_concurrency_is_paid_whether_or_not_it_runs():
    kept = {"FunctionArn": f"{F}:1", "RequestedProvisionedConcurrentExecutions": 2}
    listed = answer("lambda.ListProvisionedConcurrencyConfigs", {"ProvisionedConcurrencyConfigs": [kept]}, "f")
    (row,) = reckoned(functions(sized()), concurrency(5), account_limit(), listed).functions.to_dict("records")
    assert row["standing"] == pytest.approx(2 * 3600 * 0.0000041667)
    assert (row["at_once_high"], row["entries"]) == (5, 0)


def test_a_url_is_limited_by_its_function():
    found = reckoned(functions(sized()), concurrency(4), account_limit(), *opened()).entries
    (row,) = found[found["kind"] == "function URL"].to_dict("records")
    assert row["rate_high"] == 4 * 10 * 3600
    assert row["compute_high"] == pytest.approx(4 * 3600 * SECOND)


# ------------------------------------------------------------ what is not known


def test_what_no_call_tells_is_missing_and_quotas_are_said_to_be_assumed():
    row = entry(functions(sized()), *rest_api())
    assert row["compute_low"] == 0
    assert row["compute_high"] == pytest.approx(1000 * 3600 * SECOND)
    assert any("GetFunctionConcurrency of f" in text for text in row["missing"])
    assert any("GetAccountSettings" in text for text in row["missing"])
    assert any("1000 executions" in text for text in row["assumed"])
    assert any("10000 requests per second" in text for text in row["assumed"])
    frame = reckoned(functions(sized()), *rest_api()).entries
    assert all(any(text in line for line in frame.attrs["assumptions"]) for text in row["assumed"])
    assert any("us-east-1" in text and REGION in text for text in row["assumed"])


def test_stages_that_were_not_seen_leave_the_rate_open():
    row = entry(functions(sized()), concurrency(1), account_limit(), *rest_api(stages=False))
    assert (row["rate_low"], row["rate_high"]) == (0, 10_000 * 3600)
    assert any("GetStages" in text for text in row["missing"])


def test_a_usage_plan_throttles_each_key_and_keys_are_not_known():
    plan = {"id": "p", "name": "p", "apiStages": [{"apiId": API, "stage": "p"}], "throttle": {"rateLimit": 1.0}}
    row = entry(functions(sized()), concurrency(1), account_limit(), *rest_api(100, key=True, plans=[plan]))
    assert (row["rate_low"], row["rate_high"]) == (3600, 360_000)
    assert any("API keys" in text for text in row["sizes"])


def test_a_price_that_is_not_in_the_table_is_not_counted_as_nothing():
    without = Prices(price for price in get_prices() if price.item != "REST API request")
    row = entry(functions(sized()), concurrency(1), account_limit(), *rest_api(1), prices=without)
    assert "REST API request: no price" in row["uncounted"]


def test_nothing_limits_a_public_bucket():
    open_ = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [open_]})
    block = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), False)
    public = [
        answer("s3.ListBuckets", {"Buckets": [{"Name": "b"}]}, region="global"),
        answer("s3.GetBucketPolicy", {"Policy": policy}, "b", region="global"),
        answer("s3.GetPublicAccessBlock", {"PublicAccessBlockConfiguration": block}, "b", region="global"),
        answer("s3control.GetPublicAccessBlock", {"PublicAccessBlockConfiguration": block}, ACCOUNT, region="global"),
    ]
    found = reckoned(*public).entries
    (row,) = found[found["kind"] == "bucket"].to_dict("records")
    assert math.isinf(row["low"])
    assert not row["limited"]


# --------------------------------------------------------------- further on


def queued(*, most=None, redrive=None, timeout=10):
    attributes = {"QueueArn": QUEUE, "VisibilityTimeout": "60"}
    if redrive is not None:
        attributes["RedrivePolicy"] = json.dumps({"deadLetterTargetArn": arn("sqs", "d"), "maxReceiveCount": redrive})
    url = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/q"
    mapping = {"UUID": "u", "FunctionArn": G, "EventSourceArn": QUEUE, "State": "Enabled", "BatchSize": 10}
    if most is not None:
        mapping["ScalingConfig"] = {"MaximumConcurrency": most}
    send = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": QUEUE}
    return [
        functions(sized(Environment={"Variables": {"QUEUE_URL": url}}), sized("g", timeout=timeout)),
        *(concurrency(None, "f"), concurrency(None, "g"), account_limit()),
        gaad(role("f", send), role("g")),
        answer("sqs.ListQueues", {"QueueUrls": [url]}),
        answer("sqs.GetQueueAttributes", {"Attributes": attributes}, url),
        answer("lambda.ListEventSourceMappings", {"EventSourceMappings": [mapping]}),
        *rest_api(2),
    ]


def test_events_go_on_through_a_queue_as_often_as_it_may_be_received():
    once, thrice = entry(*queued(redrive=1)), entry(*queued(redrive=3))
    assert set(thrice["functions"]) == {F, G}
    first = 2 * 3600 * 10 * SECOND
    assert once["compute_high"] == pytest.approx(2 * first)
    assert thrice["compute_high"] == pytest.approx(4 * first)
    assert entry(*queued(redrive=3, most=2))["compute_high"] == pytest.approx(first + 2 * 3600 * SECOND)
    assert entry(*queued(redrive=1), handed_on=3)["compute_high"] == pytest.approx(4 * first)


def test_a_loop_is_stopped_by_concurrency_alone():
    url = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/q"
    mapping = {"UUID": "u", "FunctionArn": F, "EventSourceArn": QUEUE, "State": "Enabled"}
    responses = [
        functions(sized(Environment={"Variables": {"QUEUE_URL": url}})),
        *(concurrency(7), account_limit()),
        gaad(role("f", {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": QUEUE})),
        answer("sqs.ListQueues", {"QueueUrls": [url]}),
        answer("sqs.GetQueueAttributes", {"Attributes": {"QueueArn": QUEUE, "VisibilityTimeout": "60"}}, url),
        answer("lambda.ListEventSourceMappings", {"EventSourceMappings": [mapping]}),
    ]
    row = entry(*responses, *rest_api(0.1))
    assert row["loops"]
    assert row["compute_high"] == pytest.approx(7 * 3600 * SECOND)
    assert row["compute_low"] < row["compute_high"]
    never = entry(*responses, *rest_api(0))
    assert (never["compute_high"], never["high"]) == (0, 0)


def test_accounts_share_their_concurrency():
    found = reckoned(
        functions(sized(), sized("g", memory=2048)), concurrency(100), concurrency(None, "g"),
        account_limit(1000, 900), *opened(), *opened("g"),
    ).accounts.to_dict("records")  # fmt: skip
    (row,) = found
    assert row["compute_high"] == pytest.approx((100 + 900 * 2) * 3600 * SECOND)
    assert (row["at_once"], row["functions"]) == (1000, 2)


def test_there_is_a_table_for_each_question_and_no_other():
    inventory = feed(functions(sized()))
    assert wallet is auditkit.wallet
    assert wallet(inventory).attrs["reason"]
    assert list(wallet(inventory, by="function")["label"]) == ["f"]
    assert list(wallet(inventory, by="account")["account"]) == [ACCOUNT]
    with pytest.raises(AuditkitError, match="entry, function or account"):
        wallet(inventory, by="month")
    with pytest.raises(AuditkitError, match="a number from 0"):
        wallet(inventory, handed_on=math.nan)


@pytest.mark.parametrize("number", [-1, 0, 2**62, -(2**62)])
def test_numbers_that_no_limit_has_neither_stop_it_nor_give_money_back(number):
    broken = function(MemorySize=number, Timeout=number, EphemeralStorage={"Size": number})
    found = reckoned(functions(broken), concurrency(number), account_limit(number), *rest_api(number, number))
    for frame in (found.entries, found.functions, found.accounts):
        assert (frame[["low", "high"]] >= 0).all(axis=None)
        assert not frame[["low", "high"]].isna().any(axis=None)


# ----------------------------------------------------------------------- laws

LIMITS = {
    "rate": st.integers(0, 2000),
    "reserved": st.integers(0, 1000),
    "memory": st.integers(128, 10240),
    "timeout": st.integers(1, 900),
    "storage": st.integers(512, 10240),
    "redrive": st.integers(1, 20),
    "most": st.integers(2, 1000),
    "limit": st.integers(10, 1000),
}
ALL = st.fixed_dictionaries(LIMITS)
ENDS = ["low", "high"]


@cache
def base():
    inventory = feed(*queued(redrive=1, most=2))
    return inventory, connect(inventory)


def limited(record, limits):
    """Return a record with limits; one that is ``None`` is not in the export."""
    if isinstance(record, Function):
        reserved = limits["reserved"] if limits["reserved"] is None else min(limits["reserved"], limits["limit"] or 0)
        return replace(
            record,
            memory_size=limits["memory"],
            timeout=limits["timeout"],
            ephemeral_storage=EphemeralStorage(size=limits["storage"]),
            reserved_concurrency=UNSET if reserved is None else reserved,
        )
    if isinstance(record, EventSourceMapping):
        return replace(record, scaling_config=ScalingConfig(maximum_concurrency=limits["most"]))
    if isinstance(record, Queue):
        policy = RedrivePolicy(dead_letter_target_arn="d", max_receive_count=limits["redrive"])
        attributes = replace(record.attributes, redrive_policy=policy, visibility_timeout=1)
        return replace(record, attributes=UNSET if limits["redrive"] is None else attributes)
    if isinstance(record, RestApi):
        settings_ = {"*/*": MethodSettings(throttling_rate_limit=limits["rate"])}
        (stage,) = record.stages
        return replace(record, stages=UNSET if limits["rate"] is None else (replace(stage, method_settings=settings_),))
    if isinstance(record, FunctionSettings):
        limit = AccountLimit(concurrent_executions=limits["limit"], unreserved_concurrent_executions=limits["limit"])
        return replace(record, account_limit=None if limits["limit"] is None else limit)
    return record


def cost(limits, **options):
    inventory, graph = base()
    records = [limited(record, limits) for record in inventory]
    found = Wallet(Scene(Inventory(records, coverage=inventory.coverage), graph), **options)
    (row,) = found.entries.to_dict("records")
    return {part + end: row[part + end] for part in ("", "compute_", "requests_", "data_out_") for end in ENDS}


@settings(max_examples=500, deadline=None)
@given(ALL, st.sampled_from([*LIMITS]), st.data())
def test_no_limit_that_is_raised_lowers_a_cost(limits, name, data):
    raised = limits | {name: data.draw(LIMITS[name].filter(lambda value: value >= limits[name]))}
    less, more = cost(limits), cost(raised)
    assert all(more[key] >= less[key] - 1e-9 for key in less)
    assert less["low"] <= less["high"]


@settings(max_examples=500, deadline=None)
@given(ALL, st.sampled_from(["rate", "reserved", "memory", "timeout", "redrive"]))
def test_bounds_of_what_is_not_known_hold_every_value(limits, name):
    known, open_ = cost(limits), cost(limits | {name: None})
    for part in ("", "compute_", "requests_", "data_out_"):
        assert open_[f"{part}low"] <= known[f"{part}low"] + 1e-9
        assert known[f"{part}high"] <= open_[f"{part}high"] + 1e-9


@settings(max_examples=50, deadline=None)
@given(ALL)
def test_an_unknown_limit_of_the_account_holds_every_value_up_to_the_quota(limits):
    limits["reserved"] = None
    known, open_ = cost(limits), cost(limits | {"limit": None})
    assert open_["low"] <= known["low"] + 1e-9
    assert known["high"] <= open_["high"] + 1e-9


@settings(max_examples=50, deadline=None)
@given(ALL, st.floats(1, 10), st.sampled_from(sorted({price.item for price in get_prices()})))
def test_no_price_that_rises_lowers_a_cost(limits, factor, item):
    dearer = Prices(replace(price, usd=price.usd * (factor if price.item == item else 1)) for price in get_prices())
    less, more = cost(limits), cost(limits, prices=dearer)
    assert all(more[key] >= less[key] - 1e-9 for key in less)
