"""The folder that iam-collect writes: trust and policies of everything, and little besides.

The layout is ``accounts/<account>/<service>/<region>/<type>/<id>/<part>.json`` and ``organizations/<id>/...`` below
``aws/<partition>``. Names of files and folders are in small letters, so ARNs come from ``metadata.json`` alone. A part
that is empty has no file: the tool removes it.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from auditkit.exports._answers import Answers, Node, Place
from auditkit.exports._coverage import CoverageBook
from auditkit.exports._json import JsonError, parse_json
from auditkit.exports._organization import Organization
from auditkit.exports._reading import Reading
from auditkit.inventory import Source
from auditkit.inventory.arn import Arn, parse_arn

__all__ = ["IamCollect"]

_DETAIL = "iam-collect asks for policies, not for settings"
_RESOURCE = re.compile(r"(?:^|.*/)(accounts/\d{12}/(?:[a-z0-9-]+)/.+)/([a-z-]+)\.json")
_ORGANIZATION = re.compile(r"(?:^|.*/)organizations/(o-[a-z0-9]+)/(.+)\.json")
_DERIVED = re.compile(r"(?:^|.*/)(?:accounts/\d{12}/organization|aws/aws[a-z-]*/indexes/[a-z0-9-]+)\.json")
_PARTS = frozenset(
    {
        "bpa",
        "current-policy",
        "encryption",
        "groups",
        "inline-policies",
        "instance-profiles",
        "managed-policies",
        "metadata",
        "policy",
        "tags",
        "trust-policy",
    }
)
_DETAILS = "iam.GetAccountAuthorizationDetails"
_GLOBAL = "global"


class _Thing(NamedTuple):
    """A resource: its parts by name, and what its metadata says."""

    parts: Mapping[str, Node]
    metadata: Node
    arn: Arn

    @property
    def name(self) -> str:
        return self.metadata.text("name") or re.split(r"[:/]", self.arn.resource)[-1]

    def tags(self, key: str = "Key", value: str = "Value") -> list[dict[str, Any]]:
        found = self.parts.get("tags")
        if found is None or not isinstance(found.value, dict):
            return []
        return [{key: name, value: content} for name, content in found.value.items()]

    def listed(self, part: str) -> list[Any]:
        found = self.parts.get(part)
        return found.value if found is not None and isinstance(found.value, list) else []


class IamCollect:
    """Reads the files of one folder, all of them together.

    Parameters
    ----------
    reading, book
        Take what the files say.
    """

    def __init__(self, reading: Reading, book: CoverageBook) -> None:
        self._reading = reading
        self._answers = Answers(reading, book, _DETAIL, foreign=True)
        self._things: dict[str, dict[str, Node]] = defaultdict(dict)
        self._organizations: dict[str, dict[str, Node]] = defaultdict(dict)

    def read(self, path: str, name: str, data: bytes) -> bool:
        """Take a file if its path is one of the layout; return whether it is."""
        resource, organization = _RESOURCE.fullmatch(path), _ORGANIZATION.fullmatch(path)
        if resource is not None and resource[2] in _PARTS:
            holder, part = self._things[resource[1]], resource[2]
        elif organization is not None:
            holder, part = self._organizations[organization[1]], organization[2]
        else:
            return _DERIVED.fullmatch(path) is not None  # says nothing that other files do not
        source = Source(name)
        try:
            holder[part] = Node(parse_json(data), source)
        except JsonError as error:
            self._reading.not_read(source, f"not JSON: {error}")
        return True

    def finish(self) -> None:
        """Hand over everything that was taken."""
        for place in sorted(self._things):
            self._thing(self._things[place])
        for organization in sorted(self._organizations):
            Organization(self._organizations[organization], self._answers).hand_over()
        self._things.clear()
        self._organizations.clear()

    def _thing(self, parts: dict[str, Node]) -> None:
        metadata = parts.get("metadata")
        arn = parse_arn(metadata.text("arn")) if metadata is not None else None
        if metadata is None or arn is None:
            first = min(node.source for node in parts.values()) if parts else None
            if first is not None:
                self._reading.not_read(first, "a resource whose metadata does not tell its ARN")
            return
        thing = _Thing(parts, metadata, arn)
        kind = re.split(r"[:/]", arn.resource)[0] if re.search(r"[:/]", arn.resource) else ""
        for key in ((arn.service, kind), (arn.service, "")):
            if key in _TELLERS:
                _TELLERS[key](thing, self._give(thing))
                return

    def _give(self, thing: _Thing) -> "_Give":
        def give(call: str, tree: Mapping[str, Any], *arguments: str, **options: Any) -> None:  # noqa: ANN401 -- as of Answers.give
            region = thing.metadata.text("region") if thing.arn.service == "s3" else thing.arn.region
            account = thing.arn.account if thing.arn.account.isdigit() else _account_of(thing.metadata.source.file)
            place = Place(account, region or _GLOBAL)
            self._answers.give(call, tree, *arguments, place=place, source=thing.metadata.source, **options)

        return give


_Give = Callable[..., None]


def _account_of(path: str) -> str:
    found = re.search(r"accounts/(\d{12})/", path)
    return found[1] if found is not None else ""


# ---------------------------------------------------------------- resources


def _identity(section: str, title: str) -> Callable[[_Thing, _Give], None]:
    def tell(thing: _Thing, give: _Give) -> None:
        metadata = thing.metadata
        item: dict[str, Any] = {
            "Arn": str(thing.arn),
            f"{title}Name": thing.name,
            f"{title}Id": metadata.at("id"),
            "Path": metadata.at("path"),
            "CreateDate": metadata.at("created"),
            f"{title}PolicyList": thing.parts.get("inline-policies") or [],
            "AttachedManagedPolicies": [
                {"PolicyArn": arn, "PolicyName": arn.rpartition("/")[2]}
                for arn in thing.listed("managed-policies")
                if isinstance(arn, str)
            ],
        }
        boundary = metadata.text("permissionBoundary")
        if boundary:
            item["PermissionsBoundary"] = {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": boundary}
        unseen: tuple[str, ...] = ()
        if title != "Group":
            item["Tags"] = thing.tags()
        if title == "Role":
            item["AssumeRolePolicyDocument"] = thing.parts.get("trust-policy")
            item["InstanceProfileList"] = [{"Arn": arn} for arn in thing.listed("instance-profiles")]
            unseen = () if "trust-policy" in thing.parts else ("trust_policy",)
        if title == "User":
            item["GroupList"] = [arn.rpartition("/")[2] for arn in thing.listed("groups") if isinstance(arn, str)]
        give(_DETAILS, {section: [item]}, complete=False, unseen=unseen)

    return tell


def _policy(thing: _Thing, give: _Give) -> None:
    version = thing.metadata.text("defaultVersionId") or "v1"
    document = thing.parts.get("current-policy")
    item = {
        "Arn": str(thing.arn),
        "PolicyName": thing.name,
        "PolicyId": thing.metadata.at("id"),
        "Path": thing.metadata.at("path"),
        "DefaultVersionId": version,
        "IsAttachable": thing.metadata.at("isAttachable"),
        "PolicyVersionList": [{"VersionId": version, "IsDefaultVersion": True, "Document": document}]
        if document is not None
        else [],
    }
    give(_DETAILS, {"Policies": [item]}, complete=False)


def _function(thing: _Thing, give: _Give) -> None:
    shown = {"FunctionArn": str(thing.arn), "FunctionName": thing.name, "Role": thing.metadata.at("role")}
    give("lambda.ListFunctions", {"Functions": [shown]}, complete=False, unseen=("environment",))
    give("lambda.GetPolicy", _only("Policy", thing.parts.get("policy")), thing.name)


def _only(key: str, node: Node | None) -> dict[str, Any]:
    return {key: node} if node is not None else {}


def _bucket(thing: _Thing, give: _Give) -> None:
    name = thing.name
    listed = {"Name": name, "BucketRegion": thing.metadata.at("region"), "BucketArn": str(thing.arn)}
    give("s3.ListBuckets", {"Buckets": [listed]}, complete=False)
    give("s3.GetBucketPolicy", _only("Policy", thing.parts.get("policy")), name)
    give("s3.GetPublicAccessBlock", _only("PublicAccessBlockConfiguration", thing.parts.get("bpa")), name)
    give("s3.GetBucketTagging", {"TagSet": thing.tags()}, name)
    rules = thing.parts.get("encryption")
    if rules is not None:
        give("s3.GetBucketEncryption", {"ServerSideEncryptionConfiguration": {"Rules": rules}}, name)


def _queue(thing: _Thing, give: _Give) -> None:
    arn = thing.arn
    url = f"https://sqs.{arn.region}.amazonaws.com/{arn.account}/{arn.resource}"
    attributes = {
        "QueueArn": str(arn),
        "KmsMasterKeyId": thing.metadata.at("kmsKey"),
        "Policy": thing.parts.get("policy") or "",
    }
    give("sqs.ListQueues", {"QueueUrls": [url]}, complete=False)
    give("sqs.GetQueueAttributes", {"Attributes": attributes}, url, complete=False)
    give("sqs.ListQueueTags", {"Tags": thing.parts.get("tags")}, url)


def _topic(thing: _Thing, give: _Give) -> None:
    arn = str(thing.arn)
    policy = thing.parts.get("policy")
    give("sns.ListTopics", {"Topics": [{"TopicArn": arn}]}, complete=False)
    unseen = () if policy is not None else ("policy",)
    attributes = {"TopicArn": arn, "Policy": policy}
    give("sns.GetTopicAttributes", {"Attributes": attributes}, arn, complete=False, unseen=unseen)


def _key(thing: _Thing, give: _Give) -> None:
    name = thing.arn.resource.rpartition("/")[2]
    give("kms.ListKeys", {"Keys": [{"KeyId": name, "KeyArn": str(thing.arn)}]}, complete=False)
    if "policy" in thing.parts:  # a key always has one
        give("kms.GetKeyPolicy", {"Policy": thing.parts["policy"]}, name)


def _table(thing: _Thing, give: _Give) -> None:
    name = thing.arn.resource.partition("/")[2]
    if "/" in name:  # an index or a stream
        return
    give("dynamodb.ListTables", {"TableNames": [name]}, complete=False)
    give("dynamodb.GetResourcePolicy", _only("Policy", thing.parts.get("policy")), str(thing.arn))


def _secret(thing: _Thing, give: _Give) -> None:
    arn = str(thing.arn)
    name = thing.metadata.text("name") or thing.arn.resource.partition(":")[2].rpartition("-")[0]
    shown = {"ARN": arn, "Name": name, "KmsKeyId": thing.metadata.at("kmsKey"), "Tags": thing.tags()}
    give("secretsmanager.ListSecrets", {"SecretList": [shown]}, complete=False)
    give("secretsmanager.GetResourcePolicy", _only("ResourcePolicy", thing.parts.get("policy")), arn)


def _stream(thing: _Thing, give: _Give) -> None:
    name = thing.arn.resource.partition("/")[2]
    give("kinesis.ListStreams", {"StreamNames": [name]}, complete=False)
    give("kinesis.GetResourcePolicy", _only("Policy", thing.parts.get("policy")), str(thing.arn))


def _bus(thing: _Thing, give: _Give) -> None:
    shown = {"Arn": str(thing.arn), "Name": thing.name, "Policy": thing.parts.get("policy")}
    give("events.ListEventBuses", {"EventBuses": [shown]}, complete=False)


def _repository(thing: _Thing, give: _Give) -> None:
    name = thing.arn.resource.partition("/")[2]
    shown = {"repositoryArn": str(thing.arn), "repositoryName": name}
    give("ecr.DescribeRepositories", {"repositories": [shown]}, complete=False)
    give("ecr.GetRepositoryPolicy", _only("policyText", thing.parts.get("policy")), name)


def _file_system(thing: _Thing, give: _Give) -> None:
    name = thing.arn.resource.partition("/")[2]
    shown = {"FileSystemArn": str(thing.arn), "FileSystemId": name, "Tags": thing.tags()}
    give("efs.DescribeFileSystems", {"FileSystems": [shown]}, complete=False)
    give("efs.DescribeFileSystemPolicy", _only("Policy", thing.parts.get("policy")), name)


_TELLERS: dict[tuple[str, str], Callable[[_Thing, _Give], None]] = {
    ("dynamodb", "table"): _table,
    ("ecr", "repository"): _repository,
    ("elasticfilesystem", "file-system"): _file_system,
    ("events", "event-bus"): _bus,
    ("iam", "group"): _identity("GroupDetailList", "Group"),
    ("iam", "policy"): _policy,
    ("iam", "role"): _identity("RoleDetailList", "Role"),
    ("iam", "user"): _identity("UserDetailList", "User"),
    ("kinesis", "stream"): _stream,
    ("kms", "key"): _key,
    ("lambda", "function"): _function,
    ("s3", ""): _bucket,
    ("secretsmanager", "secret"): _secret,
    ("sns", ""): _topic,
    ("sqs", ""): _queue,
}
