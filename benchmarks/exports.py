"""Made-up accounts as ``auditkit.read`` takes them: what the calls of the API give, file by file.

The account is that of :mod:`accounts`. Its functions run in its roles for services, one after the other; every tenth
has a URL that anyone may call. ``python benchmarks/exports.py FOLDER --roles 500`` writes one, four resources for each
role.
"""

import argparse
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote

from accounts import ACCOUNT, TEAMS, Account, Json, group, policies, resource, role, user

_SINCE = "2025-01-01T09:00:00+00:00"
_OPEN = 10
"""One function in so many has a URL that anyone may call."""

_ORGANIZATION, _MANAGEMENT = "o-madeup0001", "999988887777"
_FULL = {"Effect": "Allow", "Action": "*", "Resource": "*"}
_NETWORK = {
    "Effect": "Deny",
    "Action": ["dynamodb:*", "kms:*", "lambda:*", "s3:*", "secretsmanager:*", "sqs:*"],
    "Resource": "*",
    "Condition": {
        "NotIpAddressIfExists": {"aws:SourceIp": ["203.0.113.0/24"]},
        "StringNotEqualsIfExists": {"aws:SourceVpc": ["vpc-1"]},
        "BoolIfExists": {"aws:ViaAWSService": "false"},
        "ArnNotLikeIfExists": {"aws:PrincipalArn": ["arn:aws:iam::*:role/aws-service-role/*"]},
    },
}
"""What keeps data and functions to a network, in the way of AWS's examples of data perimeters."""

_ABSENT = {
    "bucket": "NoSuchBucketPolicy",
    "function": "ResourceNotFoundException",
    "table": "PolicyNotFoundException",
}
"""What a call says where there is no policy."""


class _Export:
    """Files of an export, by folder and call."""

    def __init__(self, folder: Path) -> None:
        self._home = folder / ACCOUNT

    def write(self, region: str, call: str, answer: Json, of: str = "") -> None:
        """Write the answer to a call, about one resource or about all."""
        place = self._home / region / (f"{call}/{quote(of, safe='')}.json" if of else f"{call}.json")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(json.dumps(answer, separators=(",", ":")), encoding="utf-8")

    def policy(self, region: str, call: str, kind: str, made: Json, of: str) -> None:
        """Write the answer to a call for a policy."""
        policy = made.get("Policy")
        answer = {"Policy": json.dumps(policy)} if policy else {"Error": {"Code": _ABSENT[kind], "Message": "none"}}
        self.write(region, call, answer, of)


def _by_region(plan: Account, kind: str) -> Iterator[tuple[str, list[tuple[Json, Json]]]]:
    """Yield the resources of a kind, as planned and as made, region by region."""
    found: dict[str, list[tuple[Json, Json]]] = {}
    for known in plan.resources[kind]:
        found.setdefault(known["region"], []).append((known, resource(plan, kind, known)))
    yield from sorted(found.items())


def _name(arn: str) -> str:
    return arn.rpartition(":")[2].partition("/")[2] or arn.rpartition(":")[2]


def _functions(plan: Account, out: _Export) -> None:
    runners = [arn for arn in map(plan.role, range(plan.roles)) if ":role/service/" in arn]
    number = 0
    for region, made in _by_region(plan, "function"):
        listed = []
        for _, one in made:
            name = _name(one["Arn"])
            listed.append({"FunctionName": name, "FunctionArn": one["Arn"], "Role": runners[number % len(runners)],
                           "Runtime": "python3.13", "Handler": "app.handler", "Timeout": 10, "MemorySize": 256,
                           "PackageType": "Zip"})  # fmt: skip
            out.policy(region, "lambda-get-policy", "function", one, name)
            urls = [{"FunctionUrl": f"https://{number:032x}.lambda-url.{region}.on.aws/", "FunctionArn": one["Arn"],
                     "AuthType": "NONE", "InvokeMode": "BUFFERED"}] if number % _OPEN == 0 else []  # fmt: skip
            out.write(region, "lambda-list-function-url-configs", {"FunctionUrlConfigs": urls}, name)
            number += 1
        out.write(region, "lambda-list-functions", {"Functions": listed})


def _buckets(plan: Account, out: _Export) -> None:
    made = [one for _, some in _by_region(plan, "bucket") for _, one in some]
    out.write("global", "s3-list-buckets", {"Buckets": [{"Name": one["Arn"][13:]} for one in made]})
    for one in made:
        name, key = one["Arn"][13:], one.get("KmsKeyArn")
        rule = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key} if key else {"SSEAlgorithm": "AES256"}
        rules = [{"ApplyServerSideEncryptionByDefault": rule, "BucketKeyEnabled": False}]
        out.write("global", "s3-get-bucket-encryption", {"ServerSideEncryptionConfiguration": {"Rules": rules}}, name)
        out.policy("global", "s3-get-bucket-policy", "bucket", one, name)


def _tables(plan: Account, out: _Export) -> None:
    for region, made in _by_region(plan, "table"):
        out.write(region, "dynamodb-list-tables", {"TableNames": [_name(one["Arn"]) for _, one in made]})
        for _, one in made:
            table = {"TableName": _name(one["Arn"]), "TableArn": one["Arn"], "TableStatus": "ACTIVE"}
            if key := one.get("KmsKeyArn"):
                table["SSEDescription"] = {"Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": key}
            out.write(region, "dynamodb-describe-table", {"Table": table}, _name(one["Arn"]))
            out.policy(region, "dynamodb-get-resource-policy", "table", one, one["Arn"])


def _queues(plan: Account, out: _Export) -> None:
    for region, made in _by_region(plan, "queue"):
        urls = [f"https://sqs.{region}.amazonaws.com/{ACCOUNT}/{_name(one['Arn'])}" for _, one in made]
        out.write(region, "sqs-list-queues", {"QueueUrls": urls})
        for url, (_, one) in zip(urls, made, strict=True):
            attributes = {"QueueArn": one["Arn"]} | ({"KmsMasterKeyId": key} if (key := one.get("KmsKeyArn")) else {})
            out.write(region, "sqs-get-queue-attributes", {"Attributes": attributes}, url)


def _topics(plan: Account, out: _Export) -> None:
    for region, made in _by_region(plan, "topic"):
        out.write(region, "sns-list-topics", {"Topics": [{"TopicArn": one["Arn"]} for _, one in made]})
        for _, one in made:
            attributes = {"TopicArn": one["Arn"], "Owner": ACCOUNT, "Policy": json.dumps(one["Policy"])}
            attributes |= {"KmsMasterKeyId": key} if (key := one.get("KmsKeyArn")) else {}
            out.write(region, "sns-get-topic-attributes", {"Attributes": attributes}, one["Arn"])


def _secrets(plan: Account, out: _Export) -> None:
    for region, made in _by_region(plan, "secret"):
        listed = [{"ARN": one["Arn"], "Name": known["name"], "Tags": one["Tags"]}
                  | ({"KmsKeyId": key} if (key := one.get("KmsKeyArn")) else {}) for known, one in made]  # fmt: skip
        out.write(region, "secretsmanager-list-secrets", {"SecretList": listed})
        for known, one in made:
            answer = {"ARN": one["Arn"], "Name": known["name"]}
            out.write(region, "secretsmanager-get-resource-policy", answer, one["Arn"])


def _keys(plan: Account, out: _Export) -> None:
    for region, made in _by_region(plan, "key"):
        ids = [one["Arn"].rpartition("/")[2] for _, one in made]
        listed = [{"KeyId": key, "KeyArn": one["Arn"]} for key, (_, one) in zip(ids, made, strict=True)]
        out.write(region, "kms-list-keys", {"Keys": listed})
        for key, (_, one) in zip(ids, made, strict=True):
            about = {"KeyId": key, "Arn": one["Arn"], "KeyManager": "CUSTOMER", "KeyState": "Enabled", "Enabled": True}
            out.write(region, "kms-describe-key", {"KeyMetadata": about}, key)
            out.write(region, "kms-get-key-policy", {"Policy": json.dumps(one["Policy"])}, key)
            out.write(region, "kms-list-grants", {"Grants": []}, key)


def _streams(plan: Account, out: _Export) -> None:
    for region, made in _by_region(plan, "stream"):
        listed = [{"StreamName": _name(one["Arn"]), "StreamARN": one["Arn"], "StreamStatus": "ACTIVE"}
                  for _, one in made]  # fmt: skip
        out.write(region, "kinesis-list-streams", {"StreamNames": [one["StreamName"] for one in listed],
                                                   "StreamSummaries": listed})  # fmt: skip
        for (_, one), about in zip(made, listed, strict=True):
            key = one.get("KmsKeyArn")
            more = {"EncryptionType": "KMS", "KeyId": key} if key else {"EncryptionType": "NONE"}
            out.write(region, "kinesis-describe-stream-summary", {"StreamDescriptionSummary": about | more},
                      about["StreamName"])  # fmt: skip
            out.write(region, "kinesis-get-resource-policy", {"Policy": "{}"}, one["Arn"])


def _rest(plan: Account, out: _Export) -> None:
    """Write what has no policy of its own, and is told by one call."""
    for region, made in _by_region(plan, "log-group"):
        groups = [{"logGroupName": known["arn"].partition("log-group:")[2], "arn": f"{known['arn']}:*",
                   "logGroupArn": known["arn"], "creationTime": 1735689600000} for known, _ in made]  # fmt: skip
        out.write(region, "logs-describe-log-groups", {"logGroups": groups})
        out.write(region, "logs-describe-resource-policies", {"resourcePolicies": []})
    for region, made in _by_region(plan, "parameter"):
        listed = [{"Name": f"/{_name(one['Arn'])}", "ARN": one["Arn"], "Type": "String"} for _, one in made]
        out.write(region, "ssm-describe-parameters", {"Parameters": listed})
    for region, made in _by_region(plan, "event-bus"):
        buses = [{"Name": _name(one["Arn"]), "Arn": one["Arn"]} for _, one in made]
        out.write(region, "events-list-event-buses", {"EventBuses": buses})
    for region, made in _by_region(plan, "state-machine"):
        machines = [{"stateMachineArn": one["Arn"], "name": _name(one["Arn"]), "type": "STANDARD",
                     "creationDate": _SINCE} for _, one in made]  # fmt: skip
        out.write(region, "stepfunctions-list-state-machines", {"stateMachines": machines})


def _identities(plan: Account, out: _Export) -> None:
    lists: dict[str, Iterable[Json]] = {
        "UserDetailList": (user(plan, number) for number in range(max(plan.roles // 10, 5))),
        "GroupDetailList": (group(plan, team) for team in TEAMS),
        "RoleDetailList": (role(plan, number) for number in range(plan.roles)),
        "Policies": policies(plan),
    }
    details = {name: list(items) for name, items in lists.items()}
    out.write("global", "iam-get-account-authorization-details", details)
    out.write("global", "sts-get-caller-identity", {"Account": ACCOUNT, "Arn": f"arn:aws:iam::{ACCOUNT}:user/audit"})


def _alone(out: _Export) -> None:
    """Write that the account is in no organization."""
    alone = {"Error": {"Code": "AWSOrganizationsNotInUseException", "Message": "not a member of an organization"}}
    out.write("global", "organizations-describe-organization", alone)


def _tied(out: _Export) -> None:
    """Write an organization that ties data and functions to a network, with its account right below the root."""
    own = f"arn:aws:organizations::{_MANAGEMENT}"
    organization = {"Id": _ORGANIZATION, "Arn": f"{own}:organization/{_ORGANIZATION}", "FeatureSet": "ALL",
                    "MasterAccountId": _MANAGEMENT}  # fmt: skip
    out.write("global", "organizations-describe-organization", {"Organization": organization})
    kinds = [{"Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED"}]
    root = {"Id": "r-root", "Arn": f"{own}:root/{_ORGANIZATION}/r-root", "Name": "Root", "PolicyTypes": kinds}
    out.write("global", "organizations-list-roots", {"Roots": [root]})
    listed = [{"Id": one, "Arn": f"{own}:account/{_ORGANIZATION}/{one}"} for one in (ACCOUNT, _MANAGEMENT)]
    out.write("global", "organizations-list-accounts", {"Accounts": listed})
    out.write("global", "organizations-list-organizational-units-for-parent", {"OrganizationalUnits": []}, "r-root")
    policies_of = {"p-full": _FULL, "p-network": _NETWORK}
    summaries = {name: {"Id": name, "Arn": f"{own}:policy/{_ORGANIZATION}/service_control_policy/{name}", "Name": name,
                        "Type": "SERVICE_CONTROL_POLICY", "AwsManaged": False} for name in policies_of}  # fmt: skip
    out.write("global", "organizations-list-policies", {"Policies": list(summaries.values())})
    for account in (ACCOUNT, _MANAGEMENT):
        out.write("global", "organizations-list-parents", {"Parents": [{"Id": "r-root", "Type": "ROOT"}]}, account)
    for name, statement in policies_of.items():
        content = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        described = {"PolicySummary": summaries[name], "Content": content}
        out.write("global", "organizations-describe-policy", {"Policy": described}, name)
        targets = [{"TargetId": one, "Type": kind} for one, kind in (("r-root", "ROOT"), (ACCOUNT, "ACCOUNT"))]
        out.write("global", "organizations-list-targets-for-policy", {"Targets": targets}, name)


def write_export(folder: Path, roles: int, *, resources: int | None = None, seed: int = 7, tied: bool = False) -> Path:
    """Write an account into a folder, made where it is missing; return that folder.

    Parameters
    ----------
    folder
        Where to.
    roles, resources
        How many; four resources for each role by default, a quarter of which are functions.
    seed
        Of the random numbers: the same gives the same bytes.
    tied
        Whether a control policy of an organization ties data and functions to a network.
    """
    plan = Account(roles, 4 * roles if resources is None else resources, seed)
    out = _Export(folder)
    for part in (_identities, _functions, _buckets, _tables, _queues, _topics, _secrets, _keys, _streams, _rest):
        part(plan, out)
    (_tied if tied else _alone)(out)
    return folder


def main() -> None:
    """Write one account."""
    parser = argparse.ArgumentParser(description="Write a made-up account as an export.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--roles", type=int, default=500)
    parser.add_argument("--resources", type=int)
    parser.add_argument("--tied", action="store_true", help="Tie it to a network by a control policy.")
    options = parser.parse_args()
    write_export(options.folder, options.roles, resources=options.resources, tied=options.tied)


if __name__ == "__main__":
    main()
