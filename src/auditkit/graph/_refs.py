"""References to resources: from whatever spelling a setting uses to one id, kind and place.

ARN formats are those of the Service Authorization Reference (``docs.aws.amazon.com/service-authorization``).
"""

import re
from functools import lru_cache
from sys import intern
from urllib.parse import urlsplit

import msgspec

from auditkit.graph.schema import INTERNET
from auditkit.inventory import Kind

__all__ = ["Reference", "reference", "split_arn"]


class Reference(msgspec.Struct, frozen=True, gc=False):
    """What a reference says by itself, without looking anything up.

    Attributes
    ----------
    id
        Canonical id: the ARN without qualifier, key prefix, index and the like; a URN for what has no ARN.
    kind, label, account, region
        As of a node.
    qualifier
        Version or alias of a function or state machine.
    """

    id: str
    kind: Kind
    label: str
    account: str = ""
    region: str = ""
    qualifier: str = ""


# service -> (pattern of the resource part, kind). `keep` stays in the id, `label` is what a person calls it.
_SHAPES: dict[str, tuple[tuple[str, Kind], ...]] = {
    "lambda": (
        (r"(?P<keep>function:(?P<label>[^:]+))(?::(?P<qualifier>[^:]+))?", Kind.FUNCTION),
        (r"(?P<keep>layer:(?P<label>[^:]+(?::\d+)?))", Kind.LAYER),
        (r"(?P<keep>event-source-mapping:(?P<label>.+))", Kind.EVENT_SOURCE_MAPPING),
    ),
    "states": (
        (r"(?P<keep>stateMachine:(?P<label>[^:/]+))(?:/[^:]*)?(?::(?P<qualifier>[^:]+))?", Kind.STATE_MACHINE),
        (r"(?:execution|express|mapRun):(?P<label>[^:/]+)(?:[:/].*)?", Kind.STATE_MACHINE),
    ),
    "s3": (
        (r"(?P<keep>accesspoint[/:](?P<label>[^/:]+))(?:[/:].*)?", Kind.RESOURCE),
        (r"(?P<keep>(?P<label>[^/:*?]+))(?:/.*)?", Kind.BUCKET),
    ),
    "dynamodb": (
        (r"(?P<keep>table/(?P<label>[^/]+)/stream/[^/]+)", Kind.TABLE_STREAM),
        (r"(?P<keep>table/(?P<label>[^/]+))(?:/(?:index|backup|export|import)(?:/.*)?)?", Kind.TABLE),
    ),
    "sqs": ((r"(?P<keep>(?P<label>[^:/]+))", Kind.QUEUE),),
    "sns": ((r"(?P<keep>(?P<label>[^:/]+))(?::[0-9a-fA-F-]{36})?", Kind.TOPIC),),
    "kinesis": ((r"(?P<keep>stream/(?P<label>[^/:]+))(?:/.*)?", Kind.STREAM),),
    "firehose": ((r"(?P<keep>deliverystream/(?P<label>[^/:]+))", Kind.DELIVERY_STREAM),),
    "events": (
        (r"(?P<keep>event-bus/(?P<label>.+))", Kind.EVENT_BUS),
        (r"(?P<keep>rule/(?P<label>.+))", Kind.RULE),
        (r"(?P<keep>archive/(?P<label>.+))", Kind.ARCHIVE),
        (r"(?P<keep>api-destination/(?P<label>[^/]+)(?:/[^/]+)?)", Kind.API_DESTINATION),
        (r"(?P<keep>connection/(?P<label>[^/]+)(?:/[^/]+)?)", Kind.CONNECTION),
    ),
    "scheduler": ((r"(?P<keep>schedule/(?P<label>.+))", Kind.SCHEDULE),),
    "pipes": ((r"(?P<keep>pipe/(?P<label>.+))", Kind.PIPE),),
    "logs": ((r"(?P<keep>log-group:(?P<label>[^:*]+))(?::.*)?", Kind.LOG_GROUP),),
    "secretsmanager": ((r"(?P<keep>secret:(?P<label>[^:*?]+))(?::.*)?", Kind.SECRET),),
    "ssm": ((r"(?P<keep>parameter(?P<label>/.+))", Kind.PARAMETER),),
    "kms": ((r"(?P<keep>(?:key|alias)/(?P<label>.+))", Kind.KEY),),
    "iam": (
        (r"(?P<keep>role/(?:.*/)?(?P<label>[^/]+))", Kind.ROLE),
        (r"(?P<keep>user/(?:.*/)?(?P<label>[^/]+))", Kind.USER),
        (r"(?P<keep>group/(?:.*/)?(?P<label>[^/]+))", Kind.GROUP),
        (r"(?P<keep>policy/(?:.*/)?(?P<label>[^/]+))", Kind.MANAGED_POLICY),
        (r"(?P<keep>(?:oidc|saml)-provider/(?P<label>.+))", Kind.FEDERATION),
        (r"(?P<keep>(?P<label>root))", Kind.ACCOUNT),
    ),
    "rds": (
        (r"(?P<keep>(?:db|cluster):(?P<label>[^:]+))", Kind.DATABASE),
        (r"(?P<keep>db-proxy:(?P<label>[^:]+))", Kind.DATABASE_PROXY),
    ),
    "redshift": ((r"(?P<keep>cluster:(?P<label>[^:]+))", Kind.DATABASE),),
    "redshift-serverless": ((r"(?P<keep>workgroup/(?P<label>.+))", Kind.DATABASE),),
    "elasticache": ((r"(?P<keep>(?:replicationgroup|cluster|serverlesscache):(?P<label>[^:]+))", Kind.CACHE),),
    "memorydb": ((r"(?P<keep>cluster/(?P<label>.+))", Kind.CACHE),),
    "dax": ((r"(?P<keep>cache/(?P<label>.+))", Kind.CACHE),),
    "es": ((r"(?P<keep>domain/(?P<label>[^/]+))(?:/.*)?", Kind.SEARCH_DOMAIN),),
    "aoss": ((r"(?P<keep>collection/(?P<label>.+))", Kind.SEARCH_DOMAIN),),
    "elasticfilesystem": (
        (r"(?P<keep>file-system/(?P<label>[^/]+))", Kind.FILE_SYSTEM),
        (r"(?P<keep>access-point/(?P<label>[^/]+))", Kind.FILE_SYSTEM),
    ),
    "ecr": ((r"(?P<keep>repository/(?P<label>[^:@]+))(?:[:@].*)?", Kind.REPOSITORY),),
    "kafka": (
        (r"(?P<keep>cluster/(?P<label>[^/]+)/[^/]+)", Kind.KAFKA_CLUSTER),
        (r"(?:topic|group|transactional-id)/(?P<label>[^/]+)/(?P<uuid>[^/]+)(?:/.*)?", Kind.KAFKA_CLUSTER),
    ),
    "mq": ((r"(?P<keep>broker:(?P<label>[^:]+)(?::[^:]+)?)", Kind.BROKER),),
    "ecs": ((r"(?P<keep>(?:cluster|service|task-definition|task)/(?P<label>.+))", Kind.CONTAINER_SERVICE),),
    "ec2": ((r"(?P<keep>instance/(?P<label>.+))", Kind.INSTANCE), (r"(?P<keep>vpc/(?P<label>.+))", Kind.VPC)),
    "codebuild": ((r"(?P<keep>project/(?P<label>.+))", Kind.JOB),),
    "codepipeline": ((r"(?P<keep>(?P<label>[^/:]+))", Kind.JOB),),
    "batch": ((r"(?P<keep>job-(?:queue|definition)/(?P<label>.+))", Kind.JOB),),
    "glue": ((r"(?P<keep>(?:job|workflow)/(?P<label>.+))", Kind.JOB),),
    "cognito-idp": ((r"(?P<keep>userpool/(?P<label>.+))", Kind.USER_POOL),),
    "cognito-identity": ((r"(?P<keep>identitypool/(?P<label>.+))", Kind.IDENTITY_POOL),),
    "apigateway": (
        (r"(?P<keep>/restapis/(?P<label>[^/]+))(?:/.*)?", Kind.REST_API),
        (r"(?P<keep>/apis/(?P<label>[^/]+))(?:/.*)?", Kind.HTTP_API),
    ),
    "execute-api": ((r"(?P<keep>(?P<label>[^/*]+))(?:/.*)?", Kind.REST_API),),
    "appsync": ((r"(?P<keep>(?:apis|endpoints/graphql-api)/(?P<label>[^/]+))(?:/.*)?", Kind.GRAPHQL_API),),
    "elasticloadbalancing": (
        (r"(?P<keep>loadbalancer/(?:(?:app|net|gwy)/)?(?P<label>[^/]+)(?:/[^/]+)?)", Kind.LOAD_BALANCER),
        (r"(?P<keep>targetgroup/(?P<label>[^/]+)/[^/]+)", Kind.TARGET_GROUP),
        (r"(?P<keep>listener/(?:app|net|gwy)/(?P<label>[^/]+)/[^/]+/[^/]+)", Kind.LISTENER),
    ),
    "cloudfront": ((r"(?P<keep>distribution/(?P<label>.+))", Kind.DISTRIBUTION),),
    "iot": ((r"(?P<keep>rule/(?P<label>.+))", Kind.IOT_RULE),),
    "bedrock": ((r"(?P<keep>agent/(?P<label>[^/]+))(?:/.*)?", Kind.AGENT),),
    "bedrock-agentcore": (
        (r"(?P<keep>gateway/(?P<label>.+))", Kind.AGENT_GATEWAY),
        (r"(?P<keep>runtime/(?P<label>[^/]+))(?:/.*)?", Kind.AGENT),
    ),
}
_COMPILED = {
    service: tuple((re.compile(pattern, re.DOTALL), kind) for pattern, kind in shapes)
    for service, shapes in _SHAPES.items()
}

_INVOCATION = re.compile(r":lambda:path/[^/]+/functions/(?P<arn>.+?)/invocations\Z", re.DOTALL)
_QUEUE_HOST = re.compile(
    r"(?:sqs\.(?P<region>[a-z0-9-]+)|(?P<old>[a-z0-9-]+)\.queue|queue)\.amazonaws\.com(?P<cn>\.cn)?\Z"
)
_SERVICE = re.compile(r"[a-z0-9.-]+\.amazonaws\.com(\.cn)?\Z")
_ACCOUNT = re.compile(r"\d{12}\Z")


def split_arn(text: str) -> tuple[str, str, str, str, str] | None:
    """Return partition, service, region, account and resource of an ARN; ``None`` where it is none."""
    parts = text.split(":", 5)
    if len(parts) != 6 or parts[0] != "arn" or not parts[2]:  # noqa: PLR2004 -- an ARN has six parts
        return None
    return parts[1], parts[2], parts[3], parts[4], parts[5]


@lru_cache(maxsize=1 << 16)
def reference(text: str) -> Reference:
    """Return what a reference points at, by its own text.

    Parameters
    ----------
    text
        An ARN (of a function with or without qualifier, a bucket with or without key, a table index, a log group with
        ``:*`` ...), the invocation URI that API Gateway writes around a function's ARN, a queue URL, a service
        principal, a twelve-digit account, ``*`` for anyone, or a URN of ours.

    Returns
    -------
    Reference
        Its id is stable: ``reference(reference(x).id).id == reference(x).id``. What is not recognised keeps its text
        as id, with kind *resource*.
    """
    text = text.strip()
    if text in {"*", INTERNET}:
        return Reference(INTERNET, Kind.INTERNET, "internet")
    if text.startswith("arn:"):
        return _of_arn(text)
    if _ACCOUNT.match(text):
        return Reference(f"arn:aws:iam::{text}:root", Kind.ACCOUNT, text, text)
    if text.startswith(("https://", "http://")):
        return _of_url(text)
    if _SERVICE.match(text):
        return Reference(f"service:{text}", Kind.SERVICE, text)
    scheme, found, rest = text.partition(":")
    kind = {"service": Kind.SERVICE, "thirdparty": Kind.THIRD_PARTY, "host": Kind.HOST, "route": Kind.ROUTE}.get(scheme)
    return Reference(text, kind, rest) if found and kind else Reference(text, Kind.RESOURCE, text)


def _of_url(text: str) -> Reference:
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
    except ValueError:
        return Reference(text, Kind.RESOURCE, text)
    queue = _QUEUE_HOST.match(host)
    path = parts.path.strip("/").split("/")
    if queue and len(path) == 2 and _ACCOUNT.match(path[0]):  # noqa: PLR2004 -- account and name
        region = queue["region"] or queue["old"] or "us-east-1"
        partition = "aws-cn" if queue["cn"] else "aws-us-gov" if region.startswith("us-gov-") else "aws"
        return _of_arn(f"arn:{partition}:sqs:{region}:{path[0]}:{path[1]}")
    return Reference(text, Kind.RESOURCE, text)


def _of_arn(text: str) -> Reference:
    while inner := _INVOCATION.search(text):
        text = inner["arn"]
    parts = split_arn(text)
    if parts is None:
        return Reference(text, Kind.RESOURCE, text)
    partition, service, region, account, resource = parts
    region, account = intern(region), intern(account)  # few, which many references share
    if service == "sts" and resource.startswith("assumed-role/"):
        name = resource.split("/")[1]
        return Reference(f"arn:{partition}:iam::{account}:role/{name}", Kind.ROLE, name, account)
    place = (account, region)
    for pattern, kind in _COMPILED.get(service, ()):
        match = pattern.fullmatch(resource)
        if match:
            found = match.groupdict()
            keep = found.get("keep") or _owner(service, found)
            label = account if kind is Kind.ACCOUNT else found["label"]
            arn = text if keep == resource else f"arn:{partition}:{service}:{region}:{account}:{keep}"
            return Reference(arn, kind, label, *place, qualifier=found.get("qualifier") or "")
    return Reference(text, Kind.RESOURCE, f"{service} {resource}"[:200], *place)


def _owner(service: str, found: dict[str, str | None]) -> str:
    """Return the resource part of what owns a part that has no node: a machine's execution, a cluster's topic."""
    if service == "states":
        return f"stateMachine:{found['label']}"
    return f"cluster/{found['label']}/{found['uuid']}"
