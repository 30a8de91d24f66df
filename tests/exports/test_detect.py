import pytest
from botocore import xform_name
from hypothesis import given
from hypothesis import strategies as st

from auditkit.collect.files import file_of
from auditkit.exports.calls import api_calls
from auditkit.exports.detect import call_by_name, calls_by_content, place_of

ACCOUNT, REGION = "111122223333", "eu-west-1"
DETAILS = "iam-get-account-authorization-details"


@pytest.mark.parametrize(
    ("path", "call", "account", "region", "arguments"),
    [
        (f"{ACCOUNT}/{REGION}/lambda-list-functions.json", "lambda.ListFunctions", ACCOUNT, REGION, ()),
        (f"acme/2026/{ACCOUNT}/{REGION}/lambda-list-functions.json", "lambda.ListFunctions", ACCOUNT, REGION, ()),
        (f"{ACCOUNT}/{REGION}/lambda-get-policy/orders.json", "lambda.GetPolicy", ACCOUNT, REGION, ("orders",)),
        (f"{ACCOUNT}/global/{DETAILS}.json", "iam.GetAccountAuthorizationDetails", ACCOUNT, "global", ()),
        ("1/events-list-targets-by-rule/default,a%2Cb.json", "events.ListTargetsByRule", "", "", ("default", "a,b")),
        (f"{ACCOUNT}/{REGION}/lambda/get-policy/orders.json", "lambda.GetPolicy", ACCOUNT, REGION, ("orders",)),
        (f"{ACCOUNT}/{REGION}/lambda/list_functions.json", "lambda.ListFunctions", ACCOUNT, REGION, ()),
        ("lambda-list-functions.json", "lambda.ListFunctions", "", "", ()),
        ("aws-lambda-list-functions.json", "lambda.ListFunctions", "", "", ()),
        ("aws_lambda_list_functions.json", "lambda.ListFunctions", "", "", ()),
        ("LambdaListFunctions.json", "lambda.ListFunctions", "", "", ()),
        ("lambda.ListFunctions.json", "lambda.ListFunctions", "", "", ()),
        ("lambda_ListFunctions", "lambda.ListFunctions", "", "", ()),
        ("s3api-list-buckets.json", "s3.ListBuckets", "", "", ()),
        ("s3-list-buckets.json", "s3.ListBuckets", "", "", ()),
        ("sfn-list-state-machines.json", "stepfunctions.ListStateMachines", "", "", ()),
        (f"{ACCOUNT}_{REGION}_lambda-list-functions.json", "lambda.ListFunctions", ACCOUNT, REGION, ()),
        ("lambda-list-functions-us-gov-west-1.json", "lambda.ListFunctions", "", "us-gov-west-1", ()),
        ("lambda-list-functions-2.json", "lambda.ListFunctions", "", "", ()),
        ("lambda-list-functions-page-2.json", "lambda.ListFunctions", "", "", ()),
        ("lambda-get-policy-orders.json", "lambda.GetPolicy", "", "", ("orders",)),
        ("lambda-get-function-concurrency-orders.json", "lambda.GetFunctionConcurrency", "", "", ("orders",)),
        (f"lambda-get-policy/{ACCOUNT}.json", "lambda.GetPolicy", "", "", (ACCOUNT,)),
        (f"lambda-get-policy/orders-{REGION}.json", "lambda.GetPolicy", "", "", (f"orders-{REGION}",)),
        ("notes.json", None, "", "", ()),
        ("README.md", None, "", "", ()),
    ],
)  # fmt: skip
def test_a_path_says_which_call_a_file_answers(path, call, account, region, arguments):
    found = place_of(path)
    named = f"{found.call.service}.{found.call.operation}" if found.call else None
    assert (named, found.account, found.region, found.arguments) == (call, account, region, arguments)


def test_no_two_calls_have_names_that_look_alike():
    for call in api_calls():
        assert call_by_name(f"{call.service}-{xform_name(call.operation, '-')}") == call
        assert call_by_name(f"{call.service}{call.operation}") == call


names = st.text(min_size=1, max_size=30).filter(lambda text: not any(0xD800 <= ord(one) < 0xE000 for one in text))


@given(st.sampled_from(api_calls()), st.data())
def test_what_the_collector_names_is_found_again(call, data):
    arguments = {name: data.draw(names) for name in call.names}
    found = place_of(str(file_of(ACCOUNT, REGION, call.service, call.operation, arguments)))
    assert (found.call, found.account, found.region) == (call, ACCOUNT, REGION)
    if not found.arguments or "=" not in found.arguments[-1][-17:]:
        assert found.arguments == tuple(arguments.values())


@pytest.mark.parametrize(
    ("payload", "calls"),
    [
        ({"Functions": [{"FunctionName": "a", "FunctionArn": "b"}]}, {"lambda.ListFunctions"}),
        ({"RoleDetailList": [], "UserDetailList": []}, {"iam.GetAccountAuthorizationDetails"}),
        ({"Items": [{"ApiId": "x", "Name": "y", "ProtocolType": "HTTP"}]}, {"apigatewayv2.GetApis"}),
        ({"Table": {"TableName": "x"}}, {"dynamodb.DescribeTable"}),
        ({"QueueUrls": ["https://sqs.eu-west-1.amazonaws.com/1/q"], "NextToken": "x"}, {"sqs.ListQueues"}),
        ({"Functions": [{"FunctionName": "a", "NoSuchField": 1}]}, set()),
        ({"Functions": ["a"]}, set()),
        ({"Functions": [], "NoSuchKey": 1}, set()),
        ({"NoSuchKey": 1}, set()),
        ({}, set()),
    ],
)
def test_content_says_which_call_it_answers(payload, calls):
    assert {f"{call.service}.{call.operation}" for call in calls_by_content(payload)} == calls


def test_content_that_several_calls_could_give_names_them():
    found = {call.service for call in calls_by_content({"Policy": "{}"})}
    assert {"lambda", "s3", "kms"} <= found
