import boto3
from moto import mock_aws

from auditkit.inventory import UNSET
from auditkit.inventory.records.cognito import IdentityPool, UserPool
from tests.exports.feeding import ACCOUNT, REGION, answer, exported, feed

FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:sign-up"
POOL = f"{REGION}:11111111-2222-3333-4444-555555555555"


@mock_aws
def test_a_user_pool_made_with_boto3_is_read_whole(tmp_path):
    client = boto3.client("cognito-idp", region_name=REGION)
    pool = client.create_user_pool(
        PoolName="customers", LambdaConfig={"PreSignUp": FUNCTION}, UserPoolTags={"owner": "web"}
    )["UserPool"]["Id"]
    client.create_user_pool_client(UserPoolId=pool, ClientName="web", GenerateSecret=True)
    role = f"arn:aws:iam::{ACCOUNT}:role/admins"
    client.create_group(UserPoolId=pool, GroupName="admins", RoleArn=role)
    (record,) = exported(tmp_path, "cognito-idp").of(UserPool)
    assert record.id == f"arn:aws:cognito-idp:{REGION}:{ACCOUNT}:userpool/{pool}"
    assert (record.name, record.self_sign_up, record.tags) == ("customers", True, {"owner": "web"})
    assert record.lambda_config.by_name == {"PreSignUp": FUNCTION}
    assert [client.client_name for client in record.clients] == ["web"]
    assert [(group.group_name, group.role_arn) for group in record.groups] == [("admins", role)]


def test_of_a_pool_that_is_only_listed_nothing_is_taken_for_known():
    listed = answer(
        "cognito-idp.ListUserPools", {"UserPools": [{"Id": f"{REGION}_A", "Name": "p", "LambdaConfig": {}}]}
    )
    (pool,) = feed(listed).of(UserPool)
    assert (pool.lambda_config, pool.self_sign_up, pool.clients) == (UNSET, None, UNSET)


def test_a_described_pool_without_triggers_has_none():
    described = answer("cognito-idp.DescribeUserPool", {"UserPool": {"Id": f"{REGION}_A", "Name": "p"}}, f"{REGION}_A")
    (pool,) = feed(described).of(UserPool)
    assert (pool.lambda_config, pool.self_sign_up) == (None, True)


def test_triggers_are_listed_by_the_names_of_the_api():
    config = {
        "PreSignUp": FUNCTION, "CustomSMSSender": {"LambdaArn": FUNCTION, "LambdaVersion": "V1_0"},
        "KMSKeyID": "arn:aws:kms:eu-west-1:123456789012:key/1",
    }  # fmt: skip
    described = answer("cognito-idp.DescribeUserPool", {"UserPool": {"Id": "p", "LambdaConfig": config}}, "p")
    (pool,) = feed(described).of(UserPool)
    assert pool.lambda_config.by_name == {"PreSignUp": FUNCTION, "CustomSMSSender": FUNCTION}


@mock_aws
def test_an_identity_pool_made_with_boto3_is_read(tmp_path):
    client = boto3.client("cognito-identity", region_name=REGION)
    client.create_identity_pool(
        IdentityPoolName="guests",
        AllowUnauthenticatedIdentities=True,
        SupportedLoginProviders={"graph.facebook.com": "77"},
    )
    (pool,) = exported(tmp_path, "cognito-identity").of(IdentityPool)
    assert (pool.name, pool.allow_unauthenticated_identities, pool.roles) == ("guests", True, UNSET)
    assert pool.supported_login_providers == {"graph.facebook.com": ""}


def test_roles_of_an_identity_pool_are_added():
    rules = {
        "Rules": [{"Claim": "custom:tier", "MatchType": "Equals", "Value": "gold", "RoleARN": "arn:aws:iam::1:role/g"}]
    }
    roles = {
        "IdentityPoolId": POOL,
        "Roles": {"unauthenticated": f"arn:aws:iam::{ACCOUNT}:role/guest"},
        "RoleMappings": {"idp": {"Type": "Rules", "AmbiguousRoleResolution": "Deny", "RulesConfiguration": rules}},
    }
    inventory = feed(
        answer("cognito-identity.DescribeIdentityPool", {"IdentityPoolId": POOL, "IdentityPoolName": "guests"}, POOL),
        answer("cognito-identity.GetIdentityPoolRoles", roles, POOL),
    )
    (pool,) = inventory.of(IdentityPool)
    assert pool.roles == {"unauthenticated": f"arn:aws:iam::{ACCOUNT}:role/guest"}
    assert pool.allow_unauthenticated_identities is False
    assert pool.role_mappings["idp"].rules_configuration.rules[0].role_arn == "arn:aws:iam::1:role/g"
