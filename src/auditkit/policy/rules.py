"""Rules that stand above policies, and the ways of single services.

Sources: the IAM, STS, KMS and Organizations user guides.
"""

from auditkit.policy.matching import match_action, parse_arn
from auditkit.policy.principals import PrincipalType
from auditkit.policy.request import Request

__all__ = [
    "RCP_SERVICES",
    "always_allowed",
    "needs_resource_policy",
    "never_allowed",
    "rcp_bears_on",
    "rcp_reaches",
    "supports_rcp",
]

RCP_SERVICES = frozenset({
    "aoss", "appconfig", "appstream", "autoscaling", "autoscaling-plans", "budgets", "clouddirectory", "cloudfront",
    "cloudsearch", "cloudtrail-data", "codeartifact", "codebuild", "codecommit", "codepipeline", "cognito-identity",
    "cognito-idp", "comprehend", "comprehendmedical", "compute-optimizer", "cost-optimization-hub", "dax", "dsql",
    "dynamodb", "ecr", "ecr-public", "events", "firehose", "fis", "fms", "gamelift", "health", "inspector-scan",
    "kendra", "kinesisvideo", "kms", "logs", "memorydb", "networkmonitor", "notifications", "opensearch",
    "pca-connector-ad", "personalize", "polly", "pricing", "resource-groups", "rolesanywhere", "s3", "secretsmanager",
    "servicediscovery", "signin", "sqs", "sts", "support", "swf", "textract", "timestream-influxdb", "transcribe",
    "transfer", "translate", "wafv2", "workspaces", "xray",
})  # fmt: skip
"""Services whose resources resource control policies reach, by the prefix of their actions (Organizations User Guide,
List of AWS services that support RCPs, as of September 2026)."""

_READS_IAM = ("iam:Get*", "iam:List*", "iam:Generate*", "iam:Simulate*", "iam:PassRole")
_CHANGES_KEY = (
    "kms:CancelKeyDeletion",
    "kms:CreateAlias",
    "kms:DeleteAlias",
    "kms:DeleteImportedKeyMaterial",
    "kms:DisableKey*",
    "kms:EnableKey*",
    "kms:ImportKeyMaterial",
    "kms:PutKeyPolicy",
    "kms:ReplicateKey",
    "kms:RotateKeyOnDemand",
    "kms:ScheduleKeyDeletion",
    "kms:SynchronizeMultiRegionKey",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:Update*",
)
_AWS_ALIAS = "alias/aws/"


def always_allowed(request: Request) -> str:
    """Say why AWS allows the request whatever the policies say; ``""`` where it does not.

    Asking who one is, and a user's asking for temporary credentials of its own, by which it proves who it is.
    """
    action = request.action.lower()
    if action == "sts:getcalleridentity":
        return "sts:GetCallerIdentity needs no permission"
    if action == "sts:getsessiontoken" and request.principal.type in {PrincipalType.USER, PrincipalType.ROOT}:
        return "sts:GetSessionToken needs no permission"
    return ""


def _changes_aws_key(request: Request) -> bool:
    if not match_action(_CHANGES_KEY, request.action):
        return False
    arn = parse_arn(request.resource)
    if arn is not None and arn.resource.startswith(_AWS_ALIAS):
        return True
    aliases = request.context.get("kms:ResourceAliases")
    return isinstance(aliases, tuple) and any(alias.startswith(_AWS_ALIAS) for alias in aliases)


def never_allowed(request: Request) -> str:
    """Say why AWS denies the request whatever the policies say; ``""`` where it does not.

    Writes to AWS-managed policies and to ``aws-reserved`` roles, changes to keys behind ``alias/aws/*``, and a root
    user who assumes a role.
    """
    if request.service == "iam" and not match_action(_READS_IAM, request.action):
        arn = parse_arn(request.resource)
        if arn is not None and arn.service == "iam":
            if arn.account == "aws" and arn.resource.startswith("policy/"):
                return "AWS-managed policies cannot be changed"
            if arn.resource.startswith("role/aws-reserved/"):
                return "roles under aws-reserved cannot be changed"
    if request.service == "kms" and _changes_aws_key(request):
        return "keys and aliases under alias/aws/ cannot be changed"
    if request.principal.type is PrincipalType.ROOT and match_action(("sts:AssumeRole",), request.action):
        return "a root user cannot assume a role"
    return ""


def needs_resource_policy(request: Request) -> bool:
    """Whether, within one account, the resource's policy must allow as well: a KMS key's, and a role's trust policy."""
    arn = parse_arn(request.target)
    if arn is None:
        return False
    if request.service == "kms":
        return arn.service == "kms" and arn.resource.startswith("key/")
    return request.service == "sts" and arn.service == "iam" and arn.resource.startswith("role/")


def supports_rcp(request: Request) -> bool:
    """Whether resource control policies bear on the request."""
    return not request.principal.service_linked and rcp_bears_on(request.action) and rcp_reaches(request.resource)


def rcp_reaches(resource: str) -> bool:
    """Whether resource control policies reach a resource, by its ARN: no service-linked role, nor trust in one."""
    arn = parse_arn(resource)
    return arn is None or arn.service != "iam" or not arn.resource.startswith("role/aws-service-role/")


def rcp_bears_on(action: str) -> bool:
    """Whether resource control policies bear on an action."""
    return action.partition(":")[0].lower() in RCP_SERVICES and not match_action(("kms:RetireGrant",), action)
