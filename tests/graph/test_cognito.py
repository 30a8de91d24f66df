import json

import pytest

from auditkit.graph.edges.cognito import connect
from auditkit.graph.schema import INTERNET, EdgeKind, EntryKind, Interval
from auditkit.inventory import Kind
from tests.exports.feeding import ACCOUNT, REGION, answer
from tests.graph.entering import data, graph_of, only, trust

POOL = f"arn:aws:cognito-idp:{REGION}:{ACCOUNT}:userpool/{REGION}_A"
IDENTITIES = f"arn:aws:cognito-identity:{REGION}:{ACCOUNT}:identitypool/{REGION}:1"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:sign-up"
GUEST, MEMBER, ADMIN = (f"arn:aws:iam::{ACCOUNT}:role/{name}" for name in ("guest", "member", "admin"))


def pool(**fields):
    item = {"Id": f"{REGION}_A", "Name": "customers", "Arn": POOL, "LambdaConfig": {"PreSignUp": FUNCTION}, **fields}
    return answer("cognito-idp.DescribeUserPool", {"UserPool": item}, f"{REGION}_A")


def identities(roles=None, mappings=None, **fields):
    item = {"IdentityPoolId": f"{REGION}:1", "IdentityPoolName": "shop", **fields}
    found = [answer("cognito-identity.DescribeIdentityPool", item, f"{REGION}:1")]
    if roles is not None:
        given = {"IdentityPoolId": f"{REGION}:1", "Roles": roles, "RoleMappings": mappings or {}}
        found.append(answer("cognito-identity.GetIdentityPoolRoles", given, f"{REGION}:1"))
    return found


@pytest.mark.parametrize(
    ("responses", "entry"),
    [
        ([pool()], EntryKind.ANONYMOUS),
        ([pool(AdminCreateUserConfig={"AllowAdminCreateUserOnly": True})], EntryKind.AUTHENTICATED),
        (
            [answer("cognito-idp.ListUserPools", {"UserPools": [{"Id": f"{REGION}_A", "Name": "p"}]})],
            EntryKind.ANONYMOUS,
        ),
        ([pool(), answer("cognito-idp.ListUserPoolClients", {"UserPoolClients": []}, f"{REGION}_A")], None),
    ],
)
def test_who_gets_in_at_a_user_pool_hangs_on_sign_up_and_clients(responses, entry):
    graph = graph_of(connect, *responses)
    assert graph.nodes[POOL]["entry"] is entry
    assert bool(data(graph, INTERNET, POOL)) is (entry is not None)


def test_a_pool_that_was_only_listed_says_what_is_missing():
    graph = graph_of(connect, answer("cognito-idp.ListUserPools", {"UserPools": [{"Id": f"{REGION}_A", "Name": "p"}]}))
    assert only(data(graph, INTERNET, POOL))["unknown"] == "AdminCreateUserConfig"


def test_triggers_run_functions_as_their_policy_lets_them():
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "cognito-idp.amazonaws.com"},
        "Action": "lambda:InvokeFunction",
        "Resource": FUNCTION,
        "Condition": {"ArnLike": {"aws:SourceArn": POOL}},
    }
    graph = graph_of(
        connect,
        pool(),
        answer("lambda.ListFunctions", {"Functions": [{"FunctionName": "sign-up", "FunctionArn": FUNCTION}]}),
        answer("lambda.GetPolicy", {"Policy": json.dumps({"Statement": [statement]})}, "sign-up"),
    )
    hop = only(data(graph, POOL, FUNCTION))
    assert (hop["label"], hop["factors"].hop) == ("PreSignUp", "cognito->lambda")
    assert hop["factors"].authentication == Interval.exactly(0)
    assert hop["sources"][0].pointer == "/UserPool/LambdaConfig/PreSignUp"
    assert only(trust(graph, POOL, FUNCTION))["kind"] is EdgeKind.INVOKES


def test_guests_are_a_principal_of_their_own():
    roles = {"unauthenticated": GUEST, "authenticated": MEMBER}
    providers = [{"ProviderName": f"cognito-idp.{REGION}.amazonaws.com/{REGION}_A", "ClientId": "c"}]
    graph = graph_of(
        connect, *identities(roles, AllowUnauthenticatedIdentities=True, CognitoIdentityProviders=providers)
    )
    guests = f"anonymous:{IDENTITIES}"
    assert (graph.nodes[guests]["kind"], graph.nodes[guests]["entry"]) == (Kind.ANONYMOUS, EntryKind.ANONYMOUS)
    assert (graph.nodes[IDENTITIES]["entry"], graph.nodes[guests]["boundary"].kind) == (
        EntryKind.AUTHENTICATED,
        "internet",
    )
    taken = only(trust(graph, guests, GUEST))
    assert (taken["kind"], taken["cost"], taken["unknown"]) == (EdgeKind.ASSUMES, 1, "")
    assert only(trust(graph, IDENTITIES, MEMBER))["kind"] is EdgeKind.ASSUMES
    assert trust(graph, guests, MEMBER) == []
    assert trust(graph, IDENTITIES, GUEST) == []


def test_without_guests_there_is_no_anonymous_principal():
    graph = graph_of(connect, *identities({"unauthenticated": GUEST}, AllowUnauthenticatedIdentities=False))
    assert f"anonymous:{IDENTITIES}" not in graph
    assert graph.nodes[IDENTITIES]["entry"] is None


def test_whether_guests_are_let_in_may_not_be_seen():
    listed = answer("cognito-identity.ListIdentityPools", {"IdentityPools": [{"IdentityPoolId": f"{REGION}:1"}]})
    graph = graph_of(connect, listed, identities({"unauthenticated": GUEST})[1])
    taken = only(trust(graph, f"anonymous:{IDENTITIES}", GUEST))
    assert (taken["unknown"], taken["cost"]) == ("AllowUnauthenticatedIdentities", 4)


def test_rules_and_groups_hand_out_further_roles():
    provider = f"cognito-idp.{REGION}.amazonaws.com/{REGION}_A"
    rules = {"Rules": [{"Claim": "custom:tier", "MatchType": "Equals", "Value": "gold", "RoleARN": MEMBER}]}
    mappings = {
        f"{provider}:c1": {"Type": "Token"},
        "accounts.google.com": {"Type": "Rules", "RulesConfiguration": rules},
    }
    groups = answer("cognito-idp.ListGroups", {"Groups": [{"GroupName": "admins", "RoleArn": ADMIN}]}, f"{REGION}_A")
    graph = graph_of(
        connect, pool(), groups, *identities({}, mappings, SupportedLoginProviders={"accounts.google.com": "x"})
    )
    assert only(trust(graph, IDENTITIES, ADMIN))["label"] == "group admins"
    assert only(trust(graph, IDENTITIES, MEMBER))["label"] == "rule on custom:tier"
