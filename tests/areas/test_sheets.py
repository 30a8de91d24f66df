"""Perimeter sheets: every way in, what is asked there, and what is not known."""

import json

import pytest

import auditkit
from auditkit.areas import Perimeters, Scene, judge, perimeter
from auditkit.errors import GraphError
from auditkit.graph import connect
from tests.areas.scenes import ACCOUNT, DATE, REGION, answer, arn, function, functions, gaad, role
from tests.areas.test_dos import opened
from tests.areas.test_wallet import rest_api
from tests.exports.feeding import feed

F, QUEUE = arn("lambda", "function:f"), arn("sqs", "q")
POLICY = "lambda.GetPolicy"


def sheets(*responses):
    inventory = feed(*responses)
    scene = Scene(inventory, connect(inventory), date=DATE)
    return Perimeters(scene, judge(scene))


def sheet(*responses):
    return sheets(*responses)["f"]


def way(found, kind):
    (one,) = [one for one in found.ways if one.kind == kind]
    return one


def line(found, what):
    (one,) = [one for one in found.lines if one.what.startswith(what)]
    return one


def gateway():
    allow = {"Effect": "Allow", "Principal": {"Service": "apigateway.amazonaws.com"}, "Action": "lambda:InvokeFunction"}
    source = f"arn:aws:execute-api:{REGION}:{ACCOUNT}:a1b2/*/GET/x"
    statement = allow | {"Resource": F, "Condition": {"ArnLike": {"AWS:SourceArn": source}}}
    return answer(POLICY, {"Policy": json.dumps({"Version": "2012-10-17", "Statement": [statement]})}, "f")


def test_an_open_route_is_a_way_without_authentication():
    found = sheet(functions(function()), gateway(), *rest_api())
    one = way(found, "route")
    assert (one.who, one.authenticated, one.validated) == ("anonymous", "no", "no")
    assert one.authentication
    assert one.sources
    assert line(found, "outsiders reach it").answer == "yes"
    assert "1 of them without authentication" in repr(found)


def test_a_url_beside_a_route_shows_as_a_way():
    found = sheet(functions(function()), *opened(), *rest_api())
    assert way(found, "function URL").authenticated == "no"
    assert {one.kind for one in found.ways if one.outside} >= {"route", "function URL"}


def test_without_its_policy_what_gets_in_is_not_known():
    url = {"FunctionUrl": "https://x/", "FunctionArn": F, "AuthType": "NONE"}
    found = sheet(functions(function()), answer("lambda.ListFunctionUrlConfigs", {"FunctionUrlConfigs": [url]}, "f"))
    one = way(found, "function URL")
    assert one.authenticated == "unknown"
    assert any("GetPolicy" in text for text in one.missing)
    assert any("GetPolicy" in text for text in found.unknown)


def test_no_way_in_is_a_no_only_where_ways_would_be_seen():
    found = sheet(functions(function()))
    reach = line(found, "outsiders reach it")
    assert reach.answer == "unknown"
    assert "lambda:GetPolicy" in reach.missing
    assert line(found, "principals may invoke it directly").answer == "unknown"
    assert line(found, "what it may do").missing == ("iam:GetAccountAuthorizationDetails",)
    assert found.ways_frame().attrs["reason"]
    seen = [answer("lambda.ListFunctionUrlConfigs", {}, "f"), answer(POLICY, {}, "f"), gaad(role("f"))]
    calls = ("lambda.ListEventSourceMappings", "apigateway.GetRestApis", "apigatewayv2.GetApis")
    calls += ("elbv2.DescribeTargetGroups", "events.ListRules", "sns.ListSubscriptions")
    closed = sheet(functions(function()), *seen, *(answer(call, {}) for call in calls))
    assert line(closed, "outsiders reach it").answer == "no"
    assert line(closed, "principals may invoke it directly").answer == "no"


def test_who_may_invoke_and_change_it_by_policy():
    invoke = {"Effect": "Allow", "Action": ["lambda:InvokeFunction", "lambda:UpdateFunctionCode"], "Resource": F}
    found = sheet(functions(function()), answer(POLICY, {}, "f"), gaad(role("f"), role("ops", invoke)))
    one = way(found, "role")
    assert (one.label, one.who, one.authenticated, one.configured) == ("ops", "inside", "yes", False)
    assert line(found, "principals may invoke it directly").detail == "ops"
    changers = line(found, "others may change it")
    assert (changers.answer, changers.detail) == ("yes", "ops")
    assert changers.sources
    alone = sheet(functions(function()), answer(POLICY, {}, "f"), gaad(role("f")))
    assert line(alone, "others may change it").answer == "no"


def test_another_account_that_its_policy_lets_in():
    allow = {
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::999988887777:root"},
        "Action": "lambda:InvokeFunction",
    }
    policy = {"Policy": json.dumps({"Version": "2012-10-17", "Statement": [allow | {"Resource": F}]})}
    found = sheet(functions(function()), answer(POLICY, policy, "f"))
    (one,) = [one for one in found.ways if one.who == "other account"]
    assert (one.authenticated, one.validated) == ("yes", "no")
    assert any(row.check == "perim.invoke-policy" for row in found.findings)


def test_a_queue_sets_it_off_from_inside():
    mapping = {"UUID": "u", "FunctionArn": F, "EventSourceArn": QUEUE, "State": "Disabled"}
    found = sheet(
        functions(function()), answer("lambda.ListEventSourceMappings", {"EventSourceMappings": [mapping]}),
        answer("sqs.ListQueues", {"QueueUrls": []}),
    )  # fmt: skip
    one = way(found, "queue")
    assert (one.who, one.enabled, one.exists) == ("inside", False, False)
    assert line(found, "a trigger is switched off").answer == "yes"
    assert line(found, "a trigger comes from nothing that was seen").answer == "yes"


def test_a_guest_role_that_may_invoke_lets_anyone_in():
    pool = {"IdentityPoolId": f"{REGION}:1", "IdentityPoolName": "guests", "AllowUnauthenticatedIdentities": True}
    invoke = {"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": F}
    trust = {"Effect": "Allow", "Principal": {"Federated": "cognito-identity.amazonaws.com"}}
    guest = role("guest", invoke, trust=trust | {"Action": "sts:AssumeRoleWithWebIdentity"})
    roles = {"IdentityPoolId": pool["IdentityPoolId"], "Roles": {"unauthenticated": guest["Arn"]}}
    found = sheet(
        functions(function()),
        answer(POLICY, {}, "f"),
        gaad(role("f"), guest),
        answer("cognito-identity.ListIdentityPools", {"IdentityPools": [pool]}),
        answer("cognito-identity.DescribeIdentityPool", pool, pool["IdentityPoolId"]),
        answer("cognito-identity.GetIdentityPoolRoles", roles, pool["IdentityPoolId"]),
    )
    (one,) = [one for one in found.ways if one.label == "guest"]
    assert (one.who, one.authenticated) == ("guests", "no")


def test_secrets_are_flagged_and_never_shown():
    variables = {"API_KEY": "k3y-s3cr3t-9f8e7d6c5b4a", "STAGE": "prod"}
    found = sheet(functions(function(Environment={"Variables": variables})))
    secrets = line(found, "secrets in variables")
    assert secrets.answer == "yes"
    assert "API_KEY" in secrets.detail
    shown = found._repr_html_() + found.frame().to_csv() + repr(found)
    assert "k3y-s3cr3t" not in shown
    assert line(sheet(functions(function(Environment={"Variables": {"A": "b"}}))), "secrets").answer == "no"
    unreadable = {"Error": {"ErrorCode": "KMS", "Message": "x"}}
    assert line(sheet(functions(function(Environment=unreadable))), "secrets").answer == "unknown"


def test_what_its_role_may_do_to_data():
    read = {"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": arn("dynamodb", "table/t")}
    table = {"Table": {"TableName": "t", "TableArn": arn("dynamodb", "table/t"), "TableStatus": "ACTIVE"}}
    listed = [answer("dynamodb.ListTables", {"TableNames": ["t"]}), answer("dynamodb.DescribeTable", table, "t")]
    frame = sheet(functions(function()), gaad(role("f", read)), *listed).may_frame()
    (row,) = frame.to_dict("records")
    assert (row["access"], row["given"], row["used"]) == (("read",), "yes", "unknown")
    assert row["source"]
    assert sheet(functions(function())).may_frame().attrs["reason"]


def test_names_are_escaped():
    found = sheet(functions(function(Layers=[{"Arn": "arn:aws:lambda:x:1:layer:<b>:1"}])))
    assert "<b>" not in found._repr_html_().replace("<b>Not known:", "")
    assert "&lt;b&gt;" in found._repr_html_()


def test_all_sheets_as_one_table_the_most_open_first():
    found = sheets(functions(function("a"), function()), gateway(), *rest_api())
    assert list(found.summary()["label"]) == ["f", "a"]
    assert list(found.summary()["open"]) == [1, 0]
    frame = found.frame()
    assert set(frame["label"]) == {"a", "f"}
    assert set(frame["answer"]) <= {"yes", "no", "unknown", ""}
    unsaid = frame[(frame["answer"] == "unknown") & (frame["missing"].map(len) == 0)]
    assert unsaid.empty, unsaid["what"].tolist()
    assert len(found) == 2


def test_it_is_asked_for_by_name_or_arn():
    inventory = feed(functions(function("order"), function("orders")))
    assert perimeter is auditkit.perimeter
    assert perimeter(inventory, "order", date=DATE).function == arn("lambda", "function:order")
    assert perimeter(inventory, arn("lambda", "function:orders")).label == "orders"
    with pytest.raises(GraphError, match="near it: order, orders"):
        perimeter(inventory, "ord")
    with pytest.raises(GraphError, match="there is no function"):
        perimeter(feed(), "x")
    assert sheets().summary().attrs["reason"]
