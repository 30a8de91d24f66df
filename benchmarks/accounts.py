"""Made-up accounts of any size, the same for the same seed: authorization details, resources and control policies.

The statements are those of real accounts: one role per function as deployment frameworks write them (logs, a table and
its indexes, a queue, a prefix of a bucket, a key), shared managed policies with their older versions, pipelines that
pass roles, people with conditions on tags, vendors from other accounts, boundaries, and resources with policies.

``python benchmarks/accounts.py FOLDER --roles 500`` writes three files into FOLDER, minified:

- ``authorization-details.json``: what ``aws iam get-account-authorization-details`` gives;
- ``resources.json``: ``{"Resources": [{"Arn", "Account", "Policy"?, "KmsKeyArn"?, "Tags"}]}``;
- ``controls.json``: ``{"ServiceControlPolicies": [[policy, ...], ...], "ResourceControlPolicies": ...}``, root first.

With ``--distinct`` no two statements of identity policies are equal: each has a ``Sid`` of its own, and names one more
resource that no other names and that is no longer there, as in accounts that have grown for years.
"""

import argparse
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from random import Random
from typing import Any, TextIO

ACCOUNT = "111122223333"
PARTNERS = ("222233334444", "333344445555", "444455556666")
REGIONS = ("eu-central-1", "eu-west-1", "us-east-1")
Json = dict[str, Any]

TEAMS = [
    "billing",
    "catalog",
    "crm",
    "fleet",
    "identity",
    "ledger",
    "logistics",
    "media",
    "orders",
    "payments",
    "pricing",
    "quality",
    "reports",
    "search",
]
_PARTS = [
    "api",
    "archive",
    "audit",
    "cart",
    "events",
    "export",
    "import",
    "index",
    "invoice",
    "mail",
    "notify",
    "profile",
    "refund",
    "sync",
    "token",
    "upload",
]
_KINDS = {  # share of the resources, and the ARN
    "function": (0.25, "arn:aws:lambda:{region}:{account}:function:{name}"),
    "table": (0.12, "arn:aws:dynamodb:{region}:{account}:table/{name}"),
    "queue": (0.15, "arn:aws:sqs:{region}:{account}:{name}"),
    "log-group": (0.15, "arn:aws:logs:{region}:{account}:log-group:/aws/lambda/{name}"),
    "bucket": (0.10, "arn:aws:s3:::{name}"),
    "topic": (0.06, "arn:aws:sns:{region}:{account}:{name}"),
    "parameter": (0.06, "arn:aws:ssm:{region}:{account}:parameter/{team}/{name}"),
    "secret": (0.05, "arn:aws:secretsmanager:{region}:{account}:secret:{name}-{digits:.6}"),
    "key": (0.02, "arn:aws:kms:{region}:{account}:key/{digits}"),
    "state-machine": (0.02, "arn:aws:states:{region}:{account}:stateMachine:{name}"),
    "stream": (0.01, "arn:aws:kinesis:{region}:{account}:stream/{name}"),
    "event-bus": (0.01, "arn:aws:events:{region}:{account}:event-bus/{name}"),
}
_ENCRYPTED = frozenset({"bucket", "queue", "secret", "topic", "table", "stream"})
_CHANCES = {"key": 0.4, "key condition": 0.3, "boundary": 0.2, "partner": 0.03, "public": 0.02, "named": 0.07}


def _document(*statements: Json) -> Json:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def _allow(actions: str, resources: list[str] | str, **more: Any) -> Json:  # noqa: ANN401 -- JSON
    return {"Effect": "Allow", "Action": actions.split(), "Resource": resources, **more}


def _deny(actions: str, resources: list[str] | str = "*", **more: Any) -> Json:  # noqa: ANN401
    return {"Effect": "Deny", "Action": actions.split(), "Resource": resources, **more}


class Account:
    """The plan of an account, its resources drawn once.

    Parameters
    ----------
    roles, resources
        How many.
    seed
        Of the random numbers.
    distinct
        Whether no two statements of identity policies are equal.
    """

    def __init__(self, roles: int, resources: int, seed: int, *, distinct: bool = False) -> None:
        self.distinct, self.statements = distinct, 0
        self.random = Random(seed)  # noqa: S311 -- made-up accounts
        self.roles, self.managed = roles, max(roles * 3 // 4, 20)
        self.resources: dict[str, list[Json]] = {
            kind: [self._resource(arn, number) for number in range(max(int(resources * share), 2))]
            for kind, (share, arn) in _KINDS.items()
        }

    def _resource(self, arn: str, number: int) -> Json:
        team, part, region = (self.random.choice(one) for one in (TEAMS, _PARTS, REGIONS))
        known = {"team": team, "app": f"{team}-{part}", "region": region, "name": f"{team}-{part}-{number:05d}"}
        digits = f"{self.random.getrandbits(128):032x}"
        return {**known, "arn": arn.format(account=ACCOUNT, digits=digits, **known)}

    def happens(self, what: str) -> bool:
        """Draw whether something happens."""
        return self.random.random() < _CHANCES[what]

    def one(self, kind: str) -> Json:
        """Draw a resource."""
        return self.random.choice(self.resources[kind])

    def arns(self, kind: str, most: int) -> list[str]:
        """Draw up to some resources, neighbours of one another."""
        pool, first = self.resources[kind], self.random.randrange(len(self.resources[kind]))
        return [pool[(first + step) % len(pool)]["arn"] for step in range(self.random.randint(1, most))]

    def its_own(self, statement: Json) -> Json:
        """Return a statement, made unlike all others if they are to be distinct."""
        if not self.distinct:
            return statement
        self.statements += 1
        named = statement.get("Resource", "*")
        listed = [named] if isinstance(named, str) else named
        if listed[0] != "*":
            *head, name = listed[0].split(":", 5)
            listed = [*listed, ":".join([*head, f"{name.rstrip('*?:/')}-{self.statements:06x}"])]
        return {"Sid": f"S{self.statements:08x}", **statement, "Resource": listed}

    def role(self, number: int | None = None) -> str:
        """Return the ARN of a role by its number, or of any."""
        number = self.random.randrange(self.roles) if number is None else number
        kind = ("service", "service", "deploy", "people")[number % 4]
        return f"arn:aws:iam::{ACCOUNT}:role/{kind}/{TEAMS[number % len(TEAMS)]}-role-{number:05d}"


# ------------------------------------------------------------------ what roles may do

_TABLE = "dynamodb:BatchGetItem dynamodb:GetItem dynamodb:PutItem dynamodb:Query dynamodb:Scan dynamodb:UpdateItem"
_QUEUE = "sqs:ChangeMessageVisibility sqs:DeleteMessage sqs:GetQueueAttributes sqs:ReceiveMessage"
_LOGS = "logs:CreateLogGroup logs:CreateLogStream logs:PutLogEvents"
_KEY = "kms:Decrypt kms:DescribeKey kms:Encrypt kms:GenerateDataKey*"


def _logs(plan: Account) -> Json:
    group = plan.one("log-group")
    anywhere = f"arn:aws:logs:*:{ACCOUNT}:log-group:/aws/lambda/{group['name']}*:*"
    return _allow(_LOGS, plan.random.choice(([f"{group['arn']}:*"], anywhere, "arn:aws:logs:*:*:*")))


def _objects(plan: Account) -> Json:
    bucket, part = plan.one("bucket")["arn"], plan.random.choice(_PARTS)
    within = plan.random.choice((f"{bucket}/*", f"{bucket}/{part}/*", f"{bucket}/{part}/*.json"))
    return _allow("s3:AbortMultipartUpload s3:DeleteObject* s3:GetObject* s3:PutObject", within)


def _send(plan: Account) -> Json:
    queue = plan.one("queue")
    return _allow("sqs:SendMessage*", plan.random.choice((queue["arn"], f"arn:aws:sqs:*:{ACCOUNT}:{queue['app']}-*")))


def _key(plan: Account) -> Json:
    key = plan.one("key")
    via = {
        "StringEquals": {
            "kms:ViaService": f"{plan.random.choice(('s3', 'sqs', 'dynamodb'))}.{key['region']}.amazonaws.com"
        }
    }
    return _allow(_KEY, key["arn"], **({"Condition": via} if plan.happens("key condition") else {}))


def _secret(plan: Account) -> Json:
    arn = plan.one("secret")["arn"]
    return _allow("secretsmanager:GetSecretValue", plan.random.choice((arn, f"{arn[:-6]}??????", f"{arn[:-6]}*")))


def _table(plan: Account) -> Json:
    return _allow(_TABLE, [arn for table in plan.arns("table", 3) for arn in (table, f"{table}/index/*")])


_OWN: tuple[Callable[[Account], Json], ...] = (
    _logs, _objects, _objects, _send, _key, _secret, _table, _table,
    lambda plan: _allow("dynamodb:DescribeStream dynamodb:GetRecords dynamodb:GetShardIterator",
                        f"{plan.one('table')['arn']}/stream/*"),
    lambda plan: _allow(_QUEUE, plan.arns("queue", 2)),
    lambda plan: _allow("s3:ListBucket", plan.arns("bucket", 2),
                        Condition={"StringLike": {"s3:prefix": [f"{plan.random.choice(_PARTS)}/*", ""]}}),
    lambda plan: _allow("sns:Publish", plan.arns("topic", 2)),
    lambda plan: _allow("ssm:GetParameter ssm:GetParameters", plan.arns("parameter", 2)),
    lambda plan: _allow("lambda:InvokeFunction", [f"{plan.one('function')['arn']}{end}" for end in ("", ":*")]),
    lambda plan: _allow("events:PutEvents", plan.one("event-bus")["arn"]),
    lambda plan: _allow("states:StartExecution states:DescribeExecution", plan.one("state-machine")["arn"]),
    lambda _: _deny("s3:DeleteBucket dynamodb:DeleteTable"),
)  # fmt: skip


def _own(plan: Account, least: int, most: int) -> list[Json]:
    return [plan.its_own(plan.random.choice(_OWN)(plan)) for _ in range(plan.random.randint(least, most))]


def _statements(plan: Account, kind: str) -> list[Json]:
    """Return the inline statements of a role of a kind."""
    team, part = plan.random.choice(TEAMS), plan.random.choice(_PARTS)
    if kind == "service":
        return [*_own(plan, 34, 50), _allow("xray:PutTelemetryRecords xray:PutTraceSegments", "*")]
    if kind == "deploy":
        passed = {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}
        bounded = {"StringNotEquals": {"iam:PermissionsBoundary": _boundary(0)}}
        return [
            *_own(plan, 8, 20),
            _allow("cloudformation:*", f"arn:aws:cloudformation:*:{ACCOUNT}:stack/{team}-{part}-*"),
            _allow("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/service/{team}-*", Condition=passed),
            _allow("lambda:*", f"arn:aws:lambda:*:{ACCOUNT}:function:{team}-{part}-*"),
            _allow("dynamodb:CreateTable dynamodb:UpdateTable", f"arn:aws:dynamodb:*:{ACCOUNT}:table/{team}-*"),
            _allow("s3:CreateBucket s3:PutBucketPolicy", f"arn:aws:s3:::{team}-*"),
            _deny("iam:*", Condition=bounded),
        ]
    tagged = {"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}}
    unsafe = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
    return [
        *_own(plan, 8, 20),
        _allow("dynamodb:* sqs:* lambda:*", "*", Condition=tagged),
        _allow("s3:Get* s3:List*", [f"arn:aws:s3:::{team}-*", f"arn:aws:s3:::{team}-*/*"]),
        _allow("ssm:GetParameter*", f"arn:aws:ssm:*:{ACCOUNT}:parameter/{team}/*"),
        _deny("kms:ScheduleKeyDeletion s3:DeleteBucket", Condition=unsafe),
    ]


# ------------------------------------------------------------------ identities

_READS = ("dynamodb:Describe* dynamodb:Get* dynamodb:Query dynamodb:Scan iam:Get* iam:List* kms:Describe* lambda:Get* "
          "logs:Describe* logs:Get* s3:Get* s3:List* sqs:Get* sqs:Receive* ssm:Get* states:Describe*")  # fmt: skip
_FIXED = {
    "AdministratorAccess": _allow("*", "*"),
    "PowerUserAccess": {"Effect": "Allow", "NotAction": ["iam:*", "organizations:*"], "Resource": "*"},
    "ReadOnlyAccess": _allow(_READS, "*"),
    "service-role/AWSLambdaBasicExecutionRole": _allow(_LOGS, "*"),
}
_WIDE = {0.01: "AdministratorAccess", 0.02: "PowerUserAccess", 0.05: "ReadOnlyAccess"}
"""Share of roles, summed up, and what they have."""
_BOUNDARIES = (
    [_allow("dynamodb:* events:* kms:* lambda:* logs:* s3:* secretsmanager:* sns:* sqs:* ssm:* states:*", "*")],
    [{"Effect": "Allow", "NotAction": ["iam:*"], "Resource": "*"},
     _deny("*", Condition={"StringNotEquals": {"aws:RequestedRegion": list(REGIONS)}})],
    [_allow("*", "*"), _deny("iam:*", f"arn:aws:iam::{ACCOUNT}:role/people/*")],
)  # fmt: skip


def _boundary(number: int) -> str:
    return f"arn:aws:iam::{ACCOUNT}:policy/boundary-{number}"


def _managed(number: int) -> str:
    return f"arn:aws:iam::{ACCOUNT}:policy/{TEAMS[number % len(TEAMS)]}-shared-{number:05d}"


def _policy(arn: str, *versions: list[Json]) -> Json:
    listed = [
        {"VersionId": f"v{number}", "IsDefaultVersion": number == len(versions), "Document": _document(*statements),
         "CreateDate": "2024-01-01T09:00:00+00:00"}
        for number, statements in enumerate(versions, 1)
    ]  # fmt: skip
    name = arn.rpartition("/")[2]
    return {
        "PolicyName": name,
        "PolicyId": f"ANPA{name.upper()}",
        "Arn": arn,
        "Path": "/",
        "DefaultVersionId": f"v{len(versions)}",
        "AttachmentCount": 1,
        "PermissionsBoundaryUsageCount": 0,
        "IsAttachable": True,
        "CreateDate": "2024-01-01T09:00:00+00:00",
        "UpdateDate": "2025-01-01T09:00:00+00:00",
        "PolicyVersionList": listed[::-1],
    }


def policies(plan: Account) -> Iterable[Json]:
    """Yield the managed policies; most of the account's own have older versions, a statement more or less."""
    yield from (_policy(f"arn:aws:iam::aws:policy/{name}", [one]) for name, one in _FIXED.items())
    yield from (_policy(_boundary(number), statements) for number, statements in enumerate(_BOUNDARIES))
    for number in range(plan.managed):
        versions = [_own(plan, 12, 20)]
        for _ in range(plan.random.randint(2, 5)):
            versions.append([*versions[-1][1:], *_own(plan, 1, 1)])
        yield _policy(_managed(number), *versions)


def _trust(plan: Account, kind: str) -> Json:
    def trusts(who: Json, action: str = "sts:AssumeRole", **condition: Json) -> Json:
        more = {"Condition": condition} if condition else {}
        return _document({"Effect": "Allow", "Principal": who, "Action": action, **more})

    if kind == "service":
        return trusts({"Service": f"{plan.random.choice(('lambda', 'lambda', 'states', 'events'))}.amazonaws.com"})
    if kind == "people":
        saml = {"SAML:aud": "https://signin.aws.amazon.com/saml"}
        provider = f"arn:aws:iam::{ACCOUNT}:saml-provider/sso-{plan.random.randrange(3)}"
        return trusts({"Federated": provider}, "sts:AssumeRoleWithSAML", StringEquals=saml)
    partner = f"arn:aws:iam::{plan.random.choice(PARTNERS)}:role/deployer"
    provider = f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"
    repository = {"token.actions.githubusercontent.com:sub": f"repo:example/{plan.random.choice(TEAMS)}:*"}
    return plan.random.choice(
        (
            trusts({"AWS": partner}, StringEquals={"sts:ExternalId": f"{plan.random.getrandbits(48):012x}"}),
            trusts({"Federated": provider}, "sts:AssumeRoleWithWebIdentity", StringLike=repository),
            trusts({"AWS": [plan.role(), plan.role()]}),
            trusts({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}),
        )
    )


def _tags(plan: Account, team: str) -> list[Json]:
    values = {"team": team, "cost-centre": f"{plan.random.randrange(1000):04d}", "stage": "prod"}
    return [{"Key": key, "Value": value} for key, value in values.items()]


def role(plan: Account, number: int) -> Json:
    """Return a role."""
    arn = plan.role(number)
    kind = arn.split("/")[1]
    own = _statements(plan, kind)
    attached = [_managed(plan.random.randrange(plan.managed)) for _ in range(plan.random.randint(0, 3))]
    wide = plan.random.random()
    attached += [f"arn:aws:iam::aws:policy/{name}" for share, name in _WIDE.items() if wide < share][:1]
    made = {
        "Path": f"/{kind}/",
        "RoleName": arn.rpartition("/")[2],
        "RoleId": f"AROA{number:017d}",
        "Arn": arn,
        "CreateDate": "2024-01-01T09:00:00+00:00",
        "AssumeRolePolicyDocument": _trust(plan, kind),
        "InstanceProfileList": [],
        "RoleLastUsed": {"LastUsedDate": "2025-06-01T09:00:00+00:00", "Region": plan.random.choice(REGIONS)},
        "RolePolicyList": [
            {"PolicyName": f"{kind}-{start}", "PolicyDocument": _document(*own[start : start + 9])}
            for start in range(0, len(own), 9)
        ],
        "AttachedManagedPolicies": [
            {"PolicyName": one.rpartition("/")[2], "PolicyArn": one} for one in dict.fromkeys(attached)
        ],
        "Tags": _tags(plan, plan.random.choice(TEAMS)),
    }
    if kind == "deploy" or plan.happens("boundary"):
        made["PermissionsBoundary"] = {
            "PermissionsBoundaryType": "Policy",
            "PermissionsBoundaryArn": _boundary(plan.random.randrange(len(_BOUNDARIES))),
        }
    return made


def user(plan: Account, number: int) -> Json:
    """Return a user, who is in the group of a team."""
    home = _allow("s3:GetObject s3:PutObject", "arn:aws:s3:::billing-homes/${aws:username}/*")
    name = f"person-{number:05d}"
    return {
        "Path": "/people/",
        "UserName": name,
        "UserId": f"AIDA{number:017d}",
        "CreateDate": "2024-01-01T09:00:00+00:00",
        "Arn": f"arn:aws:iam::{ACCOUNT}:user/people/{name}",
        "UserPolicyList": [{"PolicyName": "home", "PolicyDocument": _document(home)}],
        "GroupList": [f"{TEAMS[number % len(TEAMS)]}-people"],
        "AttachedManagedPolicies": [],
        "Tags": _tags(plan, plan.random.choice(TEAMS)),
    }


def group(plan: Account, team: str) -> Json:
    """Return the group of a team."""
    inline = [{"PolicyName": "people", "PolicyDocument": _document(*_statements(plan, "people"))}]
    arn = f"arn:aws:iam::{ACCOUNT}:group/{team}-people"
    return {
        "Path": "/",
        "GroupName": f"{team}-people",
        "GroupId": f"AGPA{team.upper()}",
        "Arn": arn,
        "CreateDate": "2024-01-01T09:00:00+00:00",
        "GroupPolicyList": inline,
        "AttachedManagedPolicies": [],
    }


# ------------------------------------------------------------------ resources


def _resource_policy(plan: Account, kind: str, arn: str, region: str) -> list[Json]:
    """Return the statements of a resource's policy, none where it has none."""
    insecure = {"Bool": {"aws:SecureTransport": "false"}}
    named = {"AWS": [plan.role(), plan.role()]}
    match kind:
        case "function":
            source = f"arn:aws:events:{region}:{ACCOUNT}:rule/{arn.rpartition(':')[2]}"
            return [_allow("lambda:InvokeFunction", arn, Principal={"Service": "events.amazonaws.com"},
                           Condition={"ArnLike": {"aws:SourceArn": source}})]  # fmt: skip
        case "bucket":
            found = [_deny("s3:*", [arn, f"{arn}/*"], Principal="*", Condition=insecure)]
            if plan.happens("named"):
                found.append(_allow("s3:GetObject s3:ListBucket", [arn, f"{arn}/*"], Principal=named))
                spared = {"ArnNotLike": {"aws:PrincipalArn": named["AWS"]}}
                found.append(_deny("s3:PutBucketPolicy", arn, Principal="*", Condition=spared))
            if plan.happens("partner"):
                found.append(_allow("s3:GetObject", f"{arn}/*", Principal={"AWS": PARTNERS[0]}))
            if plan.happens("public"):
                found.append(_allow("s3:GetObject", f"{arn}/public/*", Principal="*"))
            return found
        case "topic":
            return [_allow("sns:Publish sns:Subscribe", arn, Principal={"AWS": "*"},
                           Condition={"StringEquals": {"AWS:SourceOwner": ACCOUNT}})]  # fmt: skip
        case "key":
            root = _allow("kms:*", "*", Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"})
            return [root, _allow("kms:Decrypt kms:GenerateDataKey*", "*", Principal=named)]
        case _:
            return []


def resource(plan: Account, kind: str, known: Json) -> Json:
    """Return a resource with its policy and its key."""
    made: Json = {"Arn": known["arn"], "Account": ACCOUNT, "Tags": _tags(plan, known["team"])}
    if statements := _resource_policy(plan, kind, known["arn"], known["region"]):
        made["Policy"] = _document(*statements)
    if kind in _ENCRYPTED and plan.happens("key"):
        made["KmsKeyArn"] = plan.one("key")["arn"]
    return made


def _controls() -> Json:
    elsewhere = {"StringNotEquals": {"aws:RequestedRegion": [*REGIONS, "eu-north-1"]}}
    full = _document(_allow("*", "*"))
    guard = _document(
        _deny("cloudtrail:StopLogging iam:CreateAccessKey organizations:LeaveOrganization"),
        {"Effect": "Deny", "NotAction": ["iam:*", "s3:*", "sts:*", "kms:*"], "Resource": "*", "Condition": elsewhere},
    )
    insecure = {"Bool": {"aws:SecureTransport": "false"}}
    perimeter = _document(_deny("s3:* sqs:* kms:*", Principal="*", Condition=insecure))
    return {"ServiceControlPolicies": [[full], [full, guard]], "ResourceControlPolicies": [[perimeter], []]}


# ------------------------------------------------------------------ writing


def _write(file: TextIO, **lists: Iterable[Json]) -> None:
    """Write lists item by item, as one object."""
    for number, (name, items) in enumerate(lists.items()):
        file.write(f'{"," if number else "{"}"{name}":[')
        file.writelines(
            ("," if index else "") + json.dumps(item, separators=(",", ":")) for index, item in enumerate(items)
        )
        file.write("]")
    file.write("}\n")


def write_account(folder: Path, roles: int, *, resources: int = 20_000, seed: int = 7, distinct: bool = False) -> int:
    """Write an account into a folder; return how many bytes.

    Parameters
    ----------
    folder
        Made where it is missing.
    roles, resources
        How many.
    seed
        Of the random numbers: the same gives the same bytes.
    distinct
        Whether no two statements of identity policies are equal.
    """
    plan = Account(roles, resources, seed, distinct=distinct)
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{name}.json" for name in ("authorization-details", "resources", "controls")]
    with paths[0].open("w", encoding="utf-8") as file:
        _write(
            file,
            UserDetailList=(user(plan, number) for number in range(max(roles // 10, 5))),
            GroupDetailList=(group(plan, team) for team in TEAMS),
            RoleDetailList=(role(plan, number) for number in range(roles)),
            Policies=policies(plan),
        )
    with paths[1].open("w", encoding="utf-8") as file:
        _write(file, Resources=(resource(plan, kind, one) for kind, many in plan.resources.items() for one in many))
    paths[2].write_text(json.dumps(_controls(), separators=(",", ":")) + "\n", encoding="utf-8")
    return sum(path.stat().st_size for path in paths)


def main() -> None:
    """Write one account."""
    parser = argparse.ArgumentParser(description="Write a made-up account.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--roles", type=int, default=500)
    parser.add_argument("--resources", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--distinct", action="store_true", help="no two statements of identity policies are equal")
    options = parser.parse_args()
    size = write_account(
        options.folder, options.roles, resources=options.resources, seed=options.seed, distinct=options.distinct
    )
    print(f"{size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
