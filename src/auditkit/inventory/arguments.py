"""Which arguments of an API call name a resource, and how: for calls that a definition makes instead of code.

State machines, schedules and the like call any action of any service with arguments written down in JSON. This table
says which of them name a resource; nothing else of the arguments needs to be kept.
"""

from collections.abc import Iterator, Mapping

from auditkit.inventory.arn import arn_of
from auditkit.inventory.origins import origin

__all__ = ["COMPUTED", "named_in", "resource_named", "service_of"]

COMPUTED = "(computed)"
"""Stands for a value that is computed when the call is made."""

_MAX_LENGTH = 2048
_MAX_DEPTH = 32

# Service -> argument -> resource part of the ARN of a bare name; "" for what must be an ARN or URL itself.
_NAMES: dict[str, dict[str, str]] = {
    "apigateway": {"ApiEndpoint": ""},
    "appsync": {"ApiId": "apis/{}"},
    "athena": {"WorkGroup": "workgroup/{}"},
    "batch": {"JobDefinition": "job-definition/{}", "JobQueue": "job-queue/{}"},
    "bedrock": {"ModelId": ""},
    "codebuild": {"ProjectName": "project/{}"},
    "codepipeline": {"PipelineName": "{}"},
    "cognito-idp": {"UserPoolId": "userpool/{}"},
    "dynamodb": {"TableName": "table/{}", "RequestItems": "table/{}"},
    "ecr": {"RepositoryName": "repository/{}"},
    "ecs": {"TaskDefinition": "task-definition/{}"},
    "events": {"EventBusName": "event-bus/{}"},
    "firehose": {"DeliveryStreamName": "deliverystream/{}"},
    "glue": {"JobName": "job/{}"},
    "http": {"ApiEndpoint": "", "ConnectionArn": ""},
    "kinesis": {"StreamARN": "", "StreamName": "stream/{}"},
    "kms": {"KeyId": "{}"},
    "lambda": {"FunctionName": "function:{}"},
    "logs": {"LogGroupName": "log-group:{}"},
    "rds-data": {"ResourceArn": "", "SecretArn": ""},
    "redshift-data": {"ClusterIdentifier": "cluster:{}", "SecretArn": ""},
    "s3": {"Bucket": "{}", "CopySource": "{}"},
    "secretsmanager": {"SecretId": "secret:{}"},
    "sns": {"TargetArn": "", "TopicArn": ""},
    "sqs": {"QueueUrl": ""},
    "ssm": {"Name": "parameter/{}", "Names": "parameter/{}"},
    "states": {"StateMachineArn": ""},
}
# The SDK for Java, whose names Step Functions and Scheduler use, calls some services otherwise.
_SERVICES = {
    "bedrockruntime": "bedrock",
    "cloudwatchlogs": "logs",
    "cognitoidentityprovider": "cognito-idp",
    "eventbridge": "events",
    "rdsdata": "rds-data",
    "redshiftdata": "redshift-data",
    "sfn": "states",
    "stepfunctions": "states",
}


def service_of(name: str) -> str:
    """Return the name of a service as it stands in ARNs and policies, from the one that an SDK integration uses."""
    return _SERVICES.get(name.lower(), name.lower())


def named_in(service: str, arguments: object) -> dict[str, tuple[str, ...]]:
    """Return the resources that the arguments of a call name.

    Parameters
    ----------
    service
        As :func:`service_of` gives it.
    arguments
        Arguments as the definition has them: keys that end in ``.$`` (JSONPath) and texts in ``{% %}`` (JSONata) are
        computed when the call is made.

    Returns
    -------
    dict[str, tuple[str, ...]]
        Argument -> values, both sorted: names, ARNs, addresses as scheme and host, and :data:`COMPUTED`.
    """
    known = {name.lower(): name for name in _NAMES.get(service, ())}
    found: dict[str, set[str]] = {}
    for key, value in _entries(arguments):
        computed = key.endswith(".$")
        name = known.get(key.removesuffix(".$").lower())
        if name is not None:
            found.setdefault(name, set()).update({COMPUTED} if computed else _values(name, value))
    return {name: tuple(sorted(values)) for name, values in sorted(found.items()) if values}


def _entries(arguments: object) -> Iterator[tuple[str, object]]:
    level: list[object] = [arguments]
    for _ in range(_MAX_DEPTH):
        inside: list[object] = []
        for item in level:
            if isinstance(item, dict):
                yield from item.items()
                inside += item.values()
            elif isinstance(item, list):
                inside += item
        level = inside


def _values(name: str, value: object) -> set[str]:
    if isinstance(value, dict) and name == "RequestItems":
        return {key for key in value if isinstance(key, str)}
    if isinstance(value, list):
        return {text for item in value for text in _values(name, item)}
    if not isinstance(value, str) or not value or len(value) > _MAX_LENGTH:
        return set()
    if value.lstrip().startswith("{%") or "${" in value:  # JSONata, or a placeholder of a template
        return {COMPUTED}
    if name == "CopySource":
        return {value.lstrip("/").partition("/")[0]}
    if name == "ApiEndpoint":
        return {origin(value)} - {""}
    return {value}


def resource_named(service: str, argument: str, value: str, place: Mapping[str, str]) -> str:
    """Return the ARN or address that an argument of a call means; ``""`` where it cannot be told.

    Parameters
    ----------
    service, argument, value
        As of :func:`named_in`.
    place
        ``account`` and ``region`` of the caller, in which a bare name is looked up.
    """
    if value.startswith(("arn:", "https://", "http://")):
        return value
    form = _NAMES.get(service, {}).get(argument, "")
    if not form or value == COMPUTED:
        return ""
    if service == "s3":
        return arn_of("s3", value)
    if service == "kms" and not value.startswith("alias/"):
        form = "key/{}"
    if service == "ssm":
        value = value.removeprefix("/")
    if not place["account"]:
        return ""
    return arn_of(service, form.format(value), account=place["account"], region=place["region"])
