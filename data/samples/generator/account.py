"""The account under construction: clients, the clock, and the shortest ways to make what most domains need."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import boto3

from data.samples.generator.code import package
from data.samples.generator.gaps import Gaps

ACCOUNT = "111122223333"
HOME = "eu-west-1"
STATES = "us-east-1"

MANAGEMENT = "123456789012"
LOG_ARCHIVE = "444455556666"
LOGISTICS = "555555555555"
ANALYTICS = "777788889999"
OBSERVABILITY = "888888888888"

Statement = dict[str, Any]
Client = Any


def allow(actions: str | Sequence[str], resources: str | Sequence[str], **more: Any) -> Statement:
    """Return an Allow statement; ``more`` are further elements, ``Condition`` or ``Sid``."""
    return {"Effect": "Allow", "Action": actions, "Resource": resources, **more}


def deny(actions: str | Sequence[str], resources: str | Sequence[str], **more: Any) -> Statement:
    """Return a Deny statement."""
    return {"Effect": "Deny", "Action": actions, "Resource": resources, **more}


def document(*statements: Statement) -> str:
    """Return a policy document as text."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def trust(principal: Mapping[str, Any], action: str = "sts:AssumeRole", **more: Any) -> Statement:
    """Return a statement of a trust policy."""
    return {"Effect": "Allow", "Principal": principal, "Action": action, **more}


def service(name: str) -> Statement:
    """Return the trust in a service."""
    return trust({"Service": f"{name}.amazonaws.com"})


def tags(owner: str, data: str = "", **more: str) -> dict[str, str]:
    """Return tags: the owning team, the classification of the data, and more."""
    found = {"owner": owner, "env": "prod", **({"data-classification": data} if data else {}), **more}
    return {key.replace("_", "-"): value for key, value in found.items() if value}


def pairs(mapping: Mapping[str, str], key: str = "Key", value: str = "Value") -> list[dict[str, str]]:
    """Return tags as most services take them."""
    return [{key: name, value: text} for name, text in sorted(mapping.items())]


class Account:
    """The retailer's account while it is built.

    Parameters
    ----------
    session
        A boto3 session that speaks to moto.
    gaps
        What the session says in moto's place.
    move_to
        Moves the clock, so that things get the dates of creation that they should have.
    """

    def __init__(self, session: boto3.session.Session, gaps: Gaps, move_to: Callable[[datetime], None]) -> None:
        self._session = session
        self.gaps = gaps
        self._move_to = move_to
        self._clients: dict[tuple[str, str], Client] = {}
        self._aliased: dict[str, list[Statement]] = {}
        self.ids: dict[str, str] = {}
        """What moto named by chance, by the name that the domains use: APIs, pools, keys, networks."""
        self.key_rows: list[tuple[str, str, str, str]] = []
        """Rows of the answer key: check, resource, expected, note."""

    def wrong(self, check: str, resource: str, note: str) -> None:
        """Note in the answer key that a check fails on a resource, by its id in the inventory."""
        self.key_rows.append((check, resource, "fail", note))

    def low(self, check: str, resource: str, note: str) -> None:
        """Note that a check may be reported on a resource, with severity low at most."""
        self.key_rows.append((check, resource, "low", note))

    def right(self, check: str, resource: str, note: str) -> None:
        """Note that a check must not be reported on a resource, though it looks as if it should."""
        self.key_rows.append((check, resource, "right", note))

    def at(self, moment: str) -> None:
        """Move the clock to a moment, ISO 8601 without a zone."""
        self._move_to(datetime.fromisoformat(moment))

    def client(self, name: str, region: str = HOME) -> Client:
        """Return the client of a service."""
        if (name, region) not in self._clients:
            self._clients[name, region] = self._session.client(name, region_name=region)
        return self._clients[name, region]

    @staticmethod
    def arn(kind: str, name: str, region: str = HOME) -> str:
        """Return the ARN of something in the account: ``arn("sqs", "orders")``, ``arn("dynamodb", "table/orders")``."""
        where = "" if kind in {"iam", "s3"} else region
        owner = "" if kind == "s3" else ACCOUNT
        return f"arn:aws:{kind}:{where}:{owner}:{name}"

    def role(
        self,
        name: str,
        *statements: Statement,
        trusts: Iterable[Statement] = (),
        managed: Iterable[str] = (),
        boundary: str | None = None,
        path: str = "/",
        owner: str = "platform",
    ) -> str:
        """Create a role with one inline policy and return its ARN; it trusts Lambda where nothing else is given."""
        iam = self.client("iam")
        arn: str = iam.create_role(
            RoleName=name,
            Path=path,
            AssumeRolePolicyDocument=document(*(list(trusts) or [service("lambda")])),
            Tags=pairs({"owner": owner}),
            **({"PermissionsBoundary": boundary} if boundary else {}),
        )["Role"]["Arn"]
        if statements:
            iam.put_role_policy(RoleName=name, PolicyName=f"{name}-access", PolicyDocument=document(*statements))
        for policy in managed:
            iam.attach_role_policy(RoleName=name, PolicyArn=policy)
        return arn

    def function(
        self,
        name: str,
        *statements: Statement,
        region: str = HOME,
        runtime: str = "python3.13",
        role: str | None = None,
        environment: Mapping[str, str] | None = None,
        timeout: int = 10,
        memory: int = 256,
        packages: Mapping[str, str] | None = None,
        code: str = "",
        handed_over: bool = True,
        image: str | None = None,
        network: bool = False,
        owner: str = "",
        labels: Mapping[str, str] | None = None,
        retention: int | None = 90,
        reserved: int | None = None,
        **settings: Any,
    ) -> str:
        """Create a function, its role with the given statements, and its log group; return the function's ARN.

        ``code`` names the code where it is not the function's own; what is not handed over is missing in the export.
        """
        team = owner or name.split("-", 1)[0]
        arn = self.arn("lambda", f"function:{name}", region)
        logs = allow(
            ["logs:CreateLogStream", "logs:PutLogEvents"],
            self.arn("logs", f"log-group:/aws/lambda/{name}:*", region),
        )
        managed = ["arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole"] if network else []
        runs_as = role or self.role(f"{name}-role", logs, *statements, managed=managed, owner=team)
        if network:
            settings["VpcConfig"] = {
                "SubnetIds": [self.ids[f"subnet:{region}:private-a"], self.ids[f"subnet:{region}:private-b"]],
                "SecurityGroupIds": [self.ids[f"group:{region}:functions"]],
            }
        handler, content = package(code or name, runtime, packages or {})
        deployed: dict[str, Any] = (
            {"PackageType": "Image", "Code": {"ImageUri": image}}
            if image
            else {"Runtime": runtime, "Handler": handler, "Code": {"ZipFile": content}}
        )
        if handed_over and not image:
            self.hand_over(f"lambda-code/{name}", content, region=region)
        self.client("lambda", region).create_function(
            FunctionName=name,
            Role=runs_as,
            Timeout=timeout,
            MemorySize=memory,
            Tags={**({"owner": team, "env": "prod"} if labels is None else labels)},
            **({"Environment": {"Variables": dict(environment)}} if environment else {}),
            **deployed,
            **settings,
        )
        if retention is not None:
            self.log_group(f"/aws/lambda/{name}", region=region, days=retention)
        self.gaps.functions[region] = self.gaps.functions.get(region, 0) + 1
        if reserved is not None:
            self.client("lambda", region).put_function_concurrency(
                FunctionName=name, ReservedConcurrentExecutions=reserved
            )
            self.gaps.reserved[region] = self.gaps.reserved.get(region, 0) + reserved
        return arn

    def hand_over(self, path: str, content: bytes, *, region: str = HOME) -> None:
        """Put a zip beside the export, where a client puts what he downloads."""
        self.gaps.packages[f"{ACCOUNT}/{region}/{path}.zip"] = content

    def mend_function(self, name: str, **fields: Any) -> None:
        """Set fields of a function's configuration that moto does not take."""
        calls = "ListFunctions,GetFunction,ListVersionsByFunction"
        self.gaps.patch("lambda", calls, {"FunctionName": name}, fields)

    def permit(
        self,
        function: str,
        principal: str,
        *,
        region: str = HOME,
        source: str | None = None,
        account: str | None = None,
        sid: str | None = None,
        action: str = "lambda:InvokeFunction",
        alias: str = "",
        **more: str | bool,
    ) -> None:
        """Add a statement to the resource policy of a function, or of its alias."""
        name = sid or f"{principal.split('.', 1)[0].replace(':', '-')}-invokes"
        if alias:
            self._permit_alias(function, alias, principal, region=region, source=source, sid=name, action=action)
            return
        given = {"SourceArn": source, "SourceAccount": account, **more}
        self.client("lambda", region).add_permission(
            FunctionName=function,
            StatementId=name,
            Action=action,
            Principal=principal,
            **{key: value for key, value in given.items() if value},
        )

    def _permit_alias(
        self, function: str, alias: str, service: str, *, region: str, source: str | None, sid: str, action: str
    ) -> None:
        """Add a statement for a service to the resource policy of an alias, of which moto keeps none."""
        arn = self.arn("lambda", f"function:{function}:{alias}", region)
        statement = {
            "Sid": sid,
            "Effect": "Allow",
            "Principal": {"Service": service},
            "Action": action,
            "Resource": arn,
            **({"Condition": {"ArnLike": {"AWS:SourceArn": source}}} if source else {}),
        }
        policy = self._aliased.setdefault(arn, [])
        policy.append(statement)
        asked = {"FunctionName": function, "Qualifier": alias}
        self.gaps.say("lambda", "GetPolicy", asked, {"Policy": document(*policy)})

    def log_group(
        self, name: str, *, region: str = HOME, days: int = 0, labels: Mapping[str, str] | None = None
    ) -> None:
        """Create a log group; ``days`` 0 keeps its events for ever."""
        logs = self.client("logs", region)
        logs.create_log_group(logGroupName=name, tags=dict(labels or {}))
        if days:
            logs.put_retention_policy(logGroupName=name, retentionInDays=days)

    def key(self, alias: str, *statements: Statement, region: str = HOME, owner: str, rotate: bool = True) -> str:
        """Create a customer-managed key and return its ARN; its policy delegates to IAM where nothing else is given."""
        kms = self.client("kms", region)
        delegate = {
            "Sid": "AccountDelegatesToIAM",
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
            "Action": "kms:*",
            "Resource": "*",
        }
        made = kms.create_key(
            Description=f"Encrypts {alias}",
            Policy=document(*(statements or (delegate,))),
            Tags=pairs({"owner": owner}, "TagKey", "TagValue"),
        )["KeyMetadata"]
        kms.create_alias(AliasName=f"alias/{alias}", TargetKeyId=made["KeyId"])
        if rotate:
            kms.enable_key_rotation(KeyId=made["KeyId"])
        arn: str = made["Arn"]
        self.ids[f"key:{alias}"] = arn
        return arn

    def certificate(self, domain: str, region: str = HOME) -> str:
        """Request a certificate and return its ARN."""
        arn: str = self.client("acm", region).request_certificate(
            DomainName=domain, ValidationMethod="DNS", Tags=pairs({"owner": "platform"})
        )["CertificateArn"]
        return arn
