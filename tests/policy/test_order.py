"""The order in which AWS decides, step by step."""

import pytest

from tests.policy.cases import (
    ALLOW,
    ANYONE,
    AWAY,
    EXPLICIT,
    FEDERATED,
    FULL,
    HOME,
    IMPLICIT,
    KEY,
    NOTHING,
    OBJECT,
    ROLE,
    ROOT,
    SESSION,
    STRANGER,
    TARGET_ROLE,
    USER,
    allow,
    ask,
    decision,
    deny,
    doc,
)


def bucket(*statements):
    return doc(*statements)


# 1. rules before any policy


def test_asking_who_one_is_needs_no_permission():
    assert decision(USER, "sts:GetCallerIdentity", "*", identity=[doc(deny())], scp=[[doc(deny())]]) == ALLOW


@pytest.mark.parametrize(
    ("action", "resource", "expected"),
    [
        ("iam:CreatePolicyVersion", "arn:aws:iam::aws:policy/AdministratorAccess", IMPLICIT),
        ("iam:DeletePolicy", "arn:aws:iam::aws:policy/service-role/AWSLambdaRole", IMPLICIT),
        ("iam:GetPolicyVersion", "arn:aws:iam::aws:policy/AdministratorAccess", ALLOW),
        ("iam:CreatePolicyVersion", f"arn:aws:iam::{HOME}:policy/mine", ALLOW),
        ("iam:PutRolePolicy", f"arn:aws:iam::{HOME}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_x", IMPLICIT),
        ("iam:GetRole", f"arn:aws:iam::{HOME}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_x", ALLOW),
        ("kms:DeleteAlias", f"arn:aws:kms:eu-west-1:{HOME}:alias/aws/s3", IMPLICIT),
        ("kms:UpdateAlias", f"arn:aws:kms:eu-west-1:{HOME}:alias/mine", ALLOW),
        ("kms:DescribeKey", f"arn:aws:kms:eu-west-1:{HOME}:alias/aws/s3", ALLOW),
    ],
)
def test_what_aws_keeps_for_itself(action, resource, expected):
    assert decision(USER, action, resource, account=None, identity=[FULL]) == expected


def test_changing_an_aws_managed_key_by_its_alias_in_the_context():
    policies = {"identity": [FULL], "resource": doc(allow(who={"AWS": ROOT}))}
    context = {"kms:ResourceAliases": ["alias/aws/s3"]}
    assert decision(USER, "kms:ScheduleKeyDeletion", KEY, context=context, **policies) == IMPLICIT
    assert decision(USER, "kms:ScheduleKeyDeletion", KEY, **policies) == ALLOW


# 2. an explicit Deny in any policy of any kind


@pytest.mark.parametrize("layer", ["identity", "boundary", "session", "resource", "scp", "rcp", "endpoint"])
def test_explicit_deny_in_any_layer(layer):
    everyone = {"who": "*"} if layer in {"resource", "rcp", "endpoint"} else {}
    denying = doc(allow(**everyone), deny("s3:Get*", Sid="No", **everyone))
    shape = {"session": denying, "resource": denying, "scp": [[FULL], [denying]], "rcp": [[denying]]}
    answer = ask(USER, **({"identity": [FULL]} | {layer: shape.get(layer, [denying])}))
    assert answer["decision"] == EXPLICIT
    assert answer["blocked_by"] == [layer]
    assert [ref["sid"] for ref in answer["statements"]] == ["No"]
    assert answer["statements"][0]["policy"] == layer
    assert answer["statements"][0]["statement"] == 1


def test_statements_name_kind_index_level_and_sid():
    answer = ask(USER, identity=[NOTHING, FULL], scp=[[FULL], [NOTHING, doc(deny(Sid="Later", Action="s3:*"))]])
    (ref,) = answer["statements"]
    assert ref == {"policy": "scp", "level": 1, "index": 1, "statement": 0, "sid": "Later", "effect": "Deny"}
    answer = ask(USER, identity=[NOTHING, doc(allow(Sid="Mine"))])
    assert answer["statements"] == [
        {"policy": "identity", "index": 1, "statement": 0, "sid": "Mine", "effect": "Allow"}
    ]


# 3. service control policies


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        ([], ALLOW),
        ([[FULL]], ALLOW),
        ([[FULL], [FULL], [FULL]], ALLOW),
        ([[FULL], [NOTHING], [FULL]], IMPLICIT),
        ([[FULL], []], IMPLICIT),
        ([[]], IMPLICIT),
        ([[NOTHING, FULL]], ALLOW),
        ([[FULL], [doc(allow("s3:*"))], [doc(allow("s3:GetObject"))]], ALLOW),
    ],
)
def test_each_scp_level_needs_an_allow(levels, expected):
    answer = ask(USER, identity=[FULL], scp=levels)
    assert answer["decision"] == expected
    assert answer["blocked_by"] == ([] if expected == ALLOW else ["scp"])


def test_scp_does_not_grant():
    assert decision(USER, scp=[[FULL]]) == IMPLICIT


@pytest.mark.parametrize(
    ("principal", "expected"),
    [
        (f"arn:aws:iam::{HOME}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS", ALLOW),
        (f"arn:aws:sts::{HOME}:assumed-role/AWSServiceRoleForECS/session", ALLOW),
        (ROLE, EXPLICIT),
        (ROOT, EXPLICIT),
    ],
)
def test_scp_spares_service_linked_roles_but_not_the_root_user(principal, expected):
    assert decision(principal, identity=[FULL], scp=[[FULL, doc(deny())]]) == expected


def test_scp_is_not_about_services_and_the_anonymous():
    public = bucket(allow("s3:GetObject", who="*"))
    assert ask({"Service": "cloudtrail.amazonaws.com"}, scp=[[]])["blocked_by"] == ["resource"]
    answer = decision(ANYONE, resource=public, scp=[[doc(deny())]])
    assert answer == ALLOW
    answer = decision({"Service": "cloudtrail.amazonaws.com"}, resource=public, scp=[[]])
    assert answer == ALLOW


# 4. resource control policies


def test_rcp_full_access_is_implied():
    assert decision(USER, identity=[FULL], rcp=[[], []]) == ALLOW


@pytest.mark.parametrize(
    ("action", "resource", "expected"),
    [
        ("s3:GetObject", OBJECT, EXPLICIT),
        ("sqs:SendMessage", f"arn:aws:sqs:eu-west-1:{HOME}:orders", EXPLICIT),
        ("secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:eu-west-1:{HOME}:secret:x-abc", EXPLICIT),
        ("lambda:InvokeFunction", f"arn:aws:lambda:eu-west-1:{HOME}:function:f", ALLOW),
        ("sns:Publish", f"arn:aws:sns:eu-west-1:{HOME}:t", ALLOW),
    ],
)
def test_rcp_reaches_the_services_that_support_it(action, resource, expected):
    assert decision(USER, action, resource, identity=[FULL], rcp=[[doc(deny(who="*"))]]) == expected


def test_rcp_reaches_the_external_and_the_anonymous():
    public = bucket(allow("s3:GetObject", who="*"))
    condition = {"StringNotEquals": {"aws:PrincipalOrgID": "o-ours"}}
    rcp = [[doc(deny("s3:*", who="*", when=condition))]]
    assert decision(STRANGER, identity=[FULL], resource=public, rcp=rcp) == EXPLICIT
    assert decision(ANYONE, resource=public, rcp=rcp) == EXPLICIT
    assert decision(ANYONE, resource=public, rcp=[]) == ALLOW


def test_rcp_spares_retiring_a_grant():
    policies = {"identity": [FULL], "resource": doc(allow(who={"AWS": ROOT})), "rcp": [[doc(deny(who="*"))]]}
    assert decision(USER, "kms:RetireGrant", KEY, **policies) == ALLOW
    assert decision(USER, "kms:Decrypt", KEY, **policies) == EXPLICIT


# 5. VPC endpoint policy


def test_endpoint_policy_needs_an_allow():
    assert decision(USER, identity=[FULL], endpoint=None) == ALLOW
    assert decision(USER, identity=[FULL], endpoint=[doc(allow(who="*"))]) == ALLOW
    answer = ask(USER, identity=[FULL], endpoint=[doc(allow("s3:Put*", who="*"))])
    assert (answer["decision"], answer["blocked_by"]) == (IMPLICIT, ["endpoint"])


def test_endpoint_policy_names_principals():
    assert decision(USER, identity=[FULL], endpoint=[doc(allow(who={"AWS": HOME}))]) == ALLOW
    assert decision(USER, identity=[FULL], endpoint=[doc(allow(who={"AWS": USER}))]) == ALLOW
    assert decision(USER, identity=[FULL], endpoint=[doc(allow(who={"AWS": AWAY}))]) == IMPLICIT


# 6. same account, other account


@pytest.mark.parametrize(
    ("identity", "resource", "expected"),
    [
        ([FULL], None, ALLOW),
        ([], bucket(allow("s3:GetObject", who={"AWS": USER})), ALLOW),
        ([], bucket(allow("s3:GetObject", who="*")), ALLOW),
        ([], bucket(allow("s3:GetObject", who={"AWS": "*"})), ALLOW),
        ([], bucket(allow("s3:GetObject", who={"AWS": HOME})), IMPLICIT),
        ([], bucket(allow("s3:GetObject", who={"AWS": ROOT})), IMPLICIT),
        ([FULL], bucket(allow("s3:GetObject", who={"AWS": AWAY})), ALLOW),
        ([], None, IMPLICIT),
        ([NOTHING], bucket(allow("s3:PutObject", who={"AWS": USER})), IMPLICIT),
    ],
)
def test_same_account_identity_or_resource(identity, resource, expected):
    answer = decision(USER, identity=identity, resource=resource)
    assert answer == expected


@pytest.mark.parametrize(
    ("identity", "resource", "expected"),
    [
        ([FULL], bucket(allow("s3:GetObject", who={"AWS": STRANGER})), ALLOW),
        ([FULL], bucket(allow("s3:GetObject", who={"AWS": AWAY})), ALLOW),
        ([FULL], bucket(allow("s3:GetObject", who="*")), ALLOW),
        ([FULL], None, IMPLICIT),
        ([], bucket(allow("s3:GetObject", who={"AWS": STRANGER})), IMPLICIT),
        ([FULL], bucket(allow("s3:GetObject", who={"AWS": HOME})), IMPLICIT),
    ],
)
def test_other_account_identity_and_resource(identity, resource, expected):
    answer = decision(STRANGER, identity=identity, resource=resource)
    assert answer == expected


def test_cross_account_says_which_side_lacks():
    assert ask(STRANGER, identity=[FULL])["blocked_by"] == ["resource"]
    answer = ask(STRANGER, identity=[], resource=bucket(allow(who={"AWS": STRANGER})))
    assert answer["blocked_by"] == ["identity"]


def test_resource_account_from_the_arn_or_the_principal():
    queue = f"arn:aws:sqs:eu-west-1:{AWAY}:orders"
    assert decision(USER, "sqs:SendMessage", queue, account=None, identity=[FULL]) == IMPLICIT
    assert decision(USER, "s3:GetObject", OBJECT, account=None, identity=[FULL]) == ALLOW
    assert decision(USER, "s3:GetObject", OBJECT, account=AWAY, identity=[FULL]) == IMPLICIT


@pytest.mark.parametrize(
    ("identity", "key_policy", "expected"),
    [
        ([FULL], None, IMPLICIT),
        ([FULL], doc(allow("kms:*", who={"AWS": ROOT})), ALLOW),
        ([FULL], doc(allow("kms:*", who={"AWS": HOME})), ALLOW),
        ([], doc(allow("kms:*", who={"AWS": ROOT})), IMPLICIT),
        ([], doc(allow("kms:Decrypt", who={"AWS": USER})), ALLOW),
        ([FULL], doc(allow("kms:Encrypt", who={"AWS": ROOT})), IMPLICIT),
        ([FULL], doc(allow("kms:*", who={"AWS": STRANGER})), IMPLICIT),
    ],
)
def test_a_key_needs_its_key_policy(identity, key_policy, expected):
    answer = decision(USER, "kms:Decrypt", KEY, identity=identity, resource=key_policy)
    assert answer == expected


def test_a_key_in_another_account():
    policy = doc(allow("kms:Decrypt", who={"AWS": AWAY}))
    assert decision(STRANGER, "kms:Decrypt", KEY, identity=[FULL], resource=policy) == ALLOW
    assert decision(STRANGER, "kms:Decrypt", KEY, identity=[], resource=policy) == IMPLICIT


def test_kms_without_a_key_is_ordinary():
    assert decision(USER, "kms:ListKeys", "*", identity=[FULL]) == ALLOW


@pytest.mark.parametrize(
    ("principal", "identity", "trust", "expected"),
    [
        (USER, [FULL], None, IMPLICIT),
        (USER, [FULL], {"AWS": ROOT}, ALLOW),
        (USER, [], {"AWS": ROOT}, IMPLICIT),
        (USER, [], {"AWS": USER}, ALLOW),
        (USER, [FULL], {"Service": "lambda.amazonaws.com"}, IMPLICIT),
        (STRANGER, [FULL], {"AWS": AWAY}, ALLOW),
        (STRANGER, [], {"AWS": STRANGER}, IMPLICIT),
        ({"Service": "lambda.amazonaws.com"}, [], {"Service": "lambda.amazonaws.com"}, ALLOW),
        ("lambda.amazonaws.com", [], {"Service": ["ec2.amazonaws.com", "lambda.amazonaws.com"]}, ALLOW),
        ("ec2.amazonaws.com", [], {"Service": "lambda.amazonaws.com"}, IMPLICIT),
        (SESSION, [], {"AWS": ROLE}, ALLOW),
        (ROOT, [], {"AWS": ROOT}, IMPLICIT),
    ],
)
def test_assuming_a_role_needs_its_trust_policy(principal, identity, trust, expected):
    policy = trust and doc(allow("sts:AssumeRole", None, who=trust))
    answer = decision(principal, "sts:AssumeRole", TARGET_ROLE, identity=identity, resource=policy)
    assert answer == expected


def test_a_federation_needs_the_trust_policy_alone():
    provider = f"arn:aws:iam::{HOME}:oidc-provider/token.actions.githubusercontent.com"
    condition = {"StringLike": {"token.actions.githubusercontent.com:sub": "repo:acme/*"}}
    trust = doc(allow("sts:AssumeRoleWithWebIdentity", None, who={"Federated": provider}, when=condition))

    def assume(principal, subject):
        context = {"token.actions.githubusercontent.com:sub": subject}
        return decision(principal, "sts:AssumeRoleWithWebIdentity", TARGET_ROLE, context=context, resource=trust)

    assert assume({"Federated": provider}, "repo:acme/site") == ALLOW
    assert assume(provider, "repo:acme/site") == ALLOW
    assert assume(provider, "repo:other/site") == IMPLICIT


def test_services_and_the_anonymous_need_the_resource_policy_alone():
    topic = f"arn:aws:sns:eu-west-1:{HOME}:t"
    public = doc(allow("sns:Publish", who="*"))
    assert decision(ANYONE, "sns:Publish", topic, resource=public, identity=[FULL]) == ALLOW
    assert decision(ANYONE, "sns:Publish", topic, identity=[FULL]) == IMPLICIT
    assert decision(ANYONE, "sns:Publish", topic, resource=doc(allow(who={"AWS": HOME}))) == IMPLICIT
    service = {"Service": "events.amazonaws.com"}
    policy = doc(allow("sns:Publish", who={"Service": "events.amazonaws.com"}))
    assert decision(service, "sns:Publish", topic, resource=policy) == ALLOW
    assert decision(service, "sns:Publish", topic, identity=[FULL]) == IMPLICIT
    assert decision(ANYONE, "sns:Publish", topic, resource=policy) == IMPLICIT


def test_the_root_user_needs_no_policy_in_its_account():
    assert decision(ROOT) == ALLOW
    assert decision(ROOT, resource=bucket(deny(who={"AWS": ROOT}))) == EXPLICIT
    assert decision(ROOT, account=AWAY) == IMPLICIT


# 7. permissions boundary


@pytest.mark.parametrize(
    ("principal", "named", "expected"),
    [
        (USER, {"AWS": USER}, ALLOW),
        (USER, "*", ALLOW),
        (ROLE, {"AWS": ROLE}, IMPLICIT),
        (SESSION, {"AWS": ROLE}, IMPLICIT),
        (SESSION, {"AWS": SESSION}, ALLOW),
        (SESSION, "*", ALLOW),
        (FEDERATED, {"AWS": FEDERATED}, ALLOW),
    ],
)
def test_what_passes_a_boundary_by(principal, named, expected):
    policies = {"boundary": [NOTHING], "resource": bucket(allow("s3:GetObject", who=named))}
    answer = decision(principal, **policies)
    assert answer == expected


def test_boundary_limits_identity_policies():
    answer = ask(USER, identity=[FULL], boundary=[NOTHING])
    assert (answer["decision"], answer["blocked_by"]) == (IMPLICIT, ["boundary"])
    assert decision(USER, identity=[FULL], boundary=[doc(allow("s3:*"))]) == ALLOW
    assert decision(USER, identity=[NOTHING], boundary=[FULL]) == IMPLICIT
    assert decision(USER, identity=[FULL], boundary=None) == ALLOW
    assert decision(USER, identity=[FULL], boundary=[]) == IMPLICIT


def test_boundary_always_counts_in_another_account():
    visitor = f"arn:aws:iam::{AWAY}:user/dave"
    policies = {"identity": [FULL], "boundary": [NOTHING]}
    for named in ({"AWS": visitor}, "*"):
        answer = decision(visitor, **policies | {"resource": bucket(allow("s3:GetObject", who=named))})
        assert answer == IMPLICIT


def test_boundary_of_a_user_that_the_account_delegates_to():
    policies = {"identity": [FULL], "boundary": [NOTHING], "resource": doc(allow("kms:*", who={"AWS": ROOT}))}
    assert decision(USER, "kms:Decrypt", KEY, **policies) == IMPLICIT
    policies["resource"] = doc(allow("kms:*", who={"AWS": USER}))
    assert decision(USER, "kms:Decrypt", KEY, **policies) == ALLOW


# 8. session policy


@pytest.mark.parametrize(
    ("principal", "named", "expected"),
    [
        (SESSION, {"AWS": SESSION}, ALLOW),
        (SESSION, {"AWS": ROLE}, IMPLICIT),
        (SESSION, "*", ALLOW),
        (FEDERATED, {"AWS": FEDERATED}, ALLOW),
    ],
)
def test_what_passes_a_session_policy_by(principal, named, expected):
    policies = {"identity": [FULL], "session": NOTHING, "resource": bucket(allow("s3:GetObject", who=named))}
    answer = decision(principal, **policies)
    assert answer == expected


def test_session_policy_limits_identity_policies():
    answer = ask(SESSION, identity=[FULL], session=NOTHING)
    assert (answer["decision"], answer["blocked_by"]) == (IMPLICIT, ["session"])
    assert decision(SESSION, identity=[FULL], session=doc(allow("s3:Get*"))) == ALLOW
    assert decision(SESSION, identity=[NOTHING], session=FULL) == IMPLICIT


def test_session_policy_always_counts_in_another_account():
    visitor = f"arn:aws:sts::{AWAY}:assumed-role/visitor/x"
    policies = {"identity": [FULL], "session": NOTHING, "resource": bucket(allow(who={"AWS": visitor}))}
    assert decision(visitor, **policies) == IMPLICIT


# 9. otherwise


def test_nothing_is_an_implicit_deny():
    answer = ask(USER)
    assert answer == {"id": "x", "decision": IMPLICIT, "blocked_by": ["identity"], "statements": []}
