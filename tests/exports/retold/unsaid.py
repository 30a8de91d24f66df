"""What formats cannot say of the account: the answers of the API that they have no word for."""

import json
import shutil

NO_POLICY = (
    "dynamodb-get-resource-policy",
    "kinesis-get-resource-policy",
    "lambda-get-policy",
    "lambda-get-layer-version-policy",
    "secretsmanager-get-resource-policy",
    "s3-get-bucket-policy/",
    "ecr-get-repository-policy",
    "efs-describe-file-system-policy",
)
"""Calls that answer with an error where there is no policy, as far as a resource has one apart from itself."""

OWN_POLICY = ("dynamodb-get-resource-policy", "ecr-get-repository-policy", "efs-describe-file-system-policy")
"""Those of what, in a template, has no policy apart from itself."""

POLICY = ("Policy", "policyText", "ResourcePolicy")

CALLS = {
    "templates": {
        "lambda-code": "code stands beside it, or not at all",
        "layer-code": "code stands beside it, or not at all",
        "organizations-": "control policies are those of another account",
        "s3control-get-public-access-block": "an account has no resource in its own stack",
        "kms-list-grants": "grants are made by calls, not by resources",
    },
    "states": {
        "lambda-code": "code stands beside it, or not at all",
        "layer-code": "code stands beside it, or not at all",
        "organizations-": "control policies are those of another account",
        "s3control-get-public-access-block": "nothing says that there is none",
        "kms-list-grants": "nothing says that there is none",
    },
    "snapshots": {
        "lambda-code": "code stands beside it, or not at all",
        "layer-code": "code stands beside it, or not at all",
        "organizations-": "control policies are those of another account",
        "s3control-get-public-access-block": "nothing says that there is none",
        "kms-list-grants": "not recorded",
        "lambda-list-event-source-mappings": "not recorded",
        "lambda-list-function-url-configs": "not recorded",
        "lambda-list-function-event-invoke-configs": "not recorded",
        "lambda-list-aliases": "not recorded",
        "lambda-list-versions-by-function": "not recorded",
        "lambda-list-provisioned-concurrency-configs": "not recorded",
        "lambda-get-function-recursion-config": "not recorded",
        "lambda-get-function-code-signing-config": "not recorded",
        "lambda-get-runtime-management-config": "not recorded",
        "lambda-list-layer": "not recorded",
        "lambda-get-layer": "not recorded",
        "lambda-list-code-signing-configs": "recorded without what uses them",
        "apigateway-get-resources": "not recorded",
        "apigateway-get-authorizers": "not recorded",
        "apigateway-get-models": "not recorded",
        "apigateway-get-request-validators": "not recorded",
        "apigateway-get-domain-names": "not recorded",
        "apigateway-get-base-path-mappings": "not recorded",
        "apigatewayv2-get-routes": "not recorded",
        "apigatewayv2-get-integrations": "not recorded",
        "apigatewayv2-get-authorizers": "not recorded",
        "appsync-list-data-sources": "not recorded",
        "appsync-list-resolvers": "not recorded",
        "appsync-list-types": "not recorded",
        "bedrock-agent-": "not recorded",
        "cognito-identity-get-identity-pool-roles": "not recorded",
        "elbv2-describe-rules": "not recorded",
        "elbv2-describe-target": "not recorded",
        "elbv2-describe-load-balancer-attributes": "not recorded",
        "logs-": "log groups and subscriptions are not recorded",
        "pipes-": "not recorded",
        "scheduler-": "not recorded",
        "sns-list-subscriptions": "not recorded",
        "sns-get-subscription-attributes": "not recorded",
        "wafv2-": "recorded without what it stands before",
        "rds-describe-db-parameters": "not recorded",
        "rds-describe-db-cluster-parameters": "not recorded",
        "iot-": "not recorded",
        "elasticache-": "not recorded",
        "ssm-": "not recorded",
    },
}
"""Format -> first part of a call's name -> why its answers cannot be said."""

MEMBERS = {
    "templates": {},
    "states": {},
    "snapshots": {
        ("lambda-list-functions", "Environment"): "values of variables are not recorded",
        ("lambda-get-function", "Environment"): "values of variables are not recorded",
        ("stepfunctions-describe-state-machine", "definition"): "not recorded",
        ("secretsmanager-list-secrets", "RotationEnabled"): "not recorded",
        ("secretsmanager-list-secrets", "RotationLambdaARN"): "not recorded",
    },
}
"""Format -> call and member that its answers are without."""

NAMES = {
    "templates": [
        (r"/stream/.*", "/stream"),
        (r":listener(?:-rule)?/(app/[^/]+/\w+/\w+)/(?:default|\w+)$", r":listener/\1/default"),
        (r":(api-destination|connection)/([^/]+)/[0-9a-f-]+", r":\1/\2"),
        (r"events!connection/([^/]+)/.*", r"events!connection/\1"),
        (r":broker:(?:warehouse:)?", ":broker:"),
    ],
    "states": [(r":listener(?:-rule)?/(app/[^/]+/\w+/\w+)/(?:default|\w+)$", r":listener/\1/default")],
    "snapshots": [(r":broker:(?:warehouse:)?", ":broker:")],
}
"""Names that AWS makes up, and how both sides of a comparison have them."""

_OWN = {
    r"Events-Archive-": "EventBridge makes the rule of an archive itself",
    r"^permits .*event-bus/default$": "the default bus is nobody's resource",
    r"event-bus/default$": "the default bus is nobody's resource",
    r"^permits .*secret:events!connection/": "EventBridge keeps the secret of a connection itself",
    r"s3:::(inkwell-intake-larkspur|larkspurvane-archive-\d+)$": "whether it is another's is open",
}
_DRAFT = {r"^(delivers|invokes) .*:agent/": "the action groups of an agent's numbered versions are not declared"}
MISSING = {
    "templates": _OWN | _DRAFT | {r"parameter/marketing/text/token": "templates cannot make a SecureString"},
    "states": _OWN | _DRAFT,
    "snapshots": _OWN | {r"secret:events!connection/": "EventBridge keeps the secret of a connection itself"},
}
"""Format -> pattern of nodes and edges that it does not give -> why."""

_OTHERS = {r"^escalates .*role/ops-restore-drill-role$": "whether other functions run in the role was not seen"}
EXTRA = {"templates": _OTHERS, "states": _OTHERS, "snapshots": _OTHERS}
"""Format -> pattern of edges that it gives besides -> why."""


def leave_out(folder, name):
    """Take from a copy of the export what a format cannot say."""
    for start in CALLS[name]:
        for path in sorted(folder.glob(f"*/*/{start}*")):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    for start in NO_POLICY if name != "templates" else sorted({*NO_POLICY} - {*OWN_POLICY}):
        for path in sorted(folder.glob(f"*/*/{start.rstrip('/')}/*.json")):
            if all(json.loads(path.read_text()).get(key) in (None, "", "{}") for key in POLICY):
                path.unlink()
    for call, member in MEMBERS[name]:
        for path in sorted(folder.glob(f"*/*/{call}.json")) + sorted(folder.glob(f"*/*/{call}/*.json")):
            path.write_text(json.dumps(without(json.loads(path.read_text()), member)))


def without(value, member):
    if isinstance(value, dict):
        return {key: without(item, member) for key, item in value.items() if key != member}
    return [without(item, member) for item in value] if isinstance(value, list) else value
