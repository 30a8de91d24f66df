"""What a resource policy trusts a service for: the sources that its conditions name, and whether they still exist."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import NamedTuple

from auditkit.areas.scene import Scene
from auditkit.graph._documents import parsed, place
from auditkit.inventory import CoverageState, PolicyText, Source
from auditkit.inventory.arn import parse_arn
from auditkit.policy import Condition, Statement

__all__ = ["Origin", "accounts_acted_for", "named_origins"]

_SOURCE_ARN, _ACCOUNT_KEYS = "aws:sourcearn", frozenset({"aws:sourceaccount", "aws:sourceowner"})
_LISTINGS = {
    "s3": ("s3.ListBuckets",),
    "sns": ("sns.ListTopics",),
    "sqs": ("sqs.ListQueues",),
    "events": ("events.ListRules",),
    "execute-api": ("apigateway.GetRestApis", "apigatewayv2.GetApis"),
    "logs": ("logs.DescribeLogGroups",),
    "states": ("stepfunctions.ListStateMachines",),
    "kinesis": ("kinesis.ListStreams",),
    "cognito-idp": ("cognito-idp.ListUserPools",),
    "iot": ("iot.ListTopicRules",),
    "elasticloadbalancing": ("elbv2.DescribeTargetGroups",),
    "scheduler": ("scheduler.ListSchedules",),
    "cloudfront": ("cloudfront.ListDistributions",),
    "appsync": ("appsync.ListGraphqlApis",),
    "bedrock": ("bedrock-agent.ListAgents",),
}
"""Calls that list what an ARN of a service names."""
_OF_THE_WORLD = frozenset({"s3", "cloudfront"})
"""Services that are listed once per account, whatever the region."""
_SEEN = frozenset({CoverageState.PRESENT, CoverageState.EMPTY})


class Origin(NamedTuple):
    """A source for which a service is trusted.

    Attributes
    ----------
    arn
        As the condition names it, wildcards included.
    service
        Of the ARN.
    account_pinned
        Whether the account is pinned too, by the ARN or by a condition.
    source
        The statement.
    """

    arn: str
    service: str
    account_pinned: bool
    source: Source

    @property
    def listing(self) -> str:
        """Calls that would tell whether it exists, for people; ``""`` where none is known."""
        return ", ".join(call.replace(".", ":", 1) for call in _LISTINGS.get(self.service, ()))

    def exists(self, scene: Scene) -> bool | None:
        """Return whether something of that ARN is in the export; ``None`` where the export would not show it."""
        arn = parse_arn(self.arn)
        if arn is None or self.service not in _LISTINGS:
            return None
        if self._named(scene):
            return True
        if arn.account and arn.account not in scene.own_accounts and "*" not in arn.account:
            return None
        return (
            None
            if not all(self._listed(scene, call, arn.account, arn.region) for call in _LISTINGS[self.service])
            else False
        )

    def _listed(self, scene: Scene, call: str, account: str, region: str) -> bool:
        service, _, operation = call.partition(".")
        if "*" in region or self.service in _OF_THE_WORLD:
            region = ""
        state = scene.inventory.coverage.state(
            service, operation, account=account if account.isdigit() else "", region=region
        )
        return state in {"present", "empty"}

    def _named(self, scene: Scene) -> bool:
        pattern = self.arn.removesuffix(":*") if self.service == "logs" else self.arn
        if self.service == "execute-api":  # of the ARN of a route, what names its API
            pattern = pattern.partition("/")[0]
        if "*" not in pattern and "?" not in pattern:
            return scene.exists(pattern)
        return any(fnmatchcase(known, pattern) for known in scene.known_of(self.service))


def named_origins(policy: PolicyText) -> Iterator[Origin]:
    """Yield the sources that the Allow statements of a policy name, in order."""
    for statement in parsed(policy).statements:
        if statement.effect == "Allow" and any(named.type == "Service" for named in statement.principals or ()):
            yield from _of_statement(policy, statement)


def _of_statement(policy: PolicyText, statement: Statement) -> Iterator[Origin]:
    pinned = any(_pins(condition) for condition in statement.conditions if condition.key.lower() in _ACCOUNT_KEYS)
    for condition in statement.conditions:
        if condition.key.lower() != _SOURCE_ARN:
            continue
        for value in condition.values:
            arn = parse_arn(value)
            if arn is not None:
                account = arn.account.isdigit()
                yield Origin(value, arn.service, pinned or account, place(policy, statement.pointer))


def _pins(condition: Condition) -> bool:
    """Return whether a condition names values and nothing that stands for many."""
    return not condition.operator.negated and not any(set(value) & {"*", "?"} for value in condition.values)


def accounts_acted_for(policy: PolicyText, known: frozenset[str]) -> Iterator[tuple[str, str, Source]]:
    """Yield the accounts, apart from some, for which alone statements let a service act.

    Parameters
    ----------
    policy
        A resource policy.
    known
        Accounts that are left out.

    Yields
    ------
    tuple of str, str and Source
        The account, the service (``"a service"`` where the statement is for anyone), and the statement.
    """
    for statement in parsed(policy).statements:
        named = [one for one in statement.principals or () if one.type in {"Service", "*"}]
        if statement.effect != "Allow" or not named:
            continue
        asked = [set(_accounts(one)) for one in statement.conditions if _pins_account(one)]
        for account in sorted(set.intersection(*asked) - known) if asked else ():
            who = next((one.value for one in named if one.type == "Service"), "a service")
            yield account, who, place(policy, statement.pointer)


def _pins_account(condition: Condition) -> bool:
    if condition.operator.negated or condition.key.lower() not in {*_ACCOUNT_KEYS, _SOURCE_ARN}:
        return False
    return bool(set(_accounts(condition)))


def _accounts(condition: Condition) -> Iterator[str]:
    for value in condition.values:
        arn = parse_arn(value)
        account = arn.account if arn is not None else value
        if account.isdecimal():
            yield account
