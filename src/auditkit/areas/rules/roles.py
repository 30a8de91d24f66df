"""Every function a perimeter: what its role may do beyond what it needs, and who else may take the role on."""

from collections.abc import Iterable, Iterator

import numpy as np

from auditkit.areas._grants import Alike
from auditkit.areas.answers import Answer, Rule, failed, passed, some, unknown, warned
from auditkit.areas.model import Verdict
from auditkit.areas.owners import team_of
from auditkit.areas.rules._federation import critical, federations
from auditkit.areas.rules._holding import unless_restricted
from auditkit.areas.rules.policies import is_whole_account
from auditkit.areas.rules.wildcards import unseen_roles
from auditkit.areas.scene import Scene, is_given, not_decided
from auditkit.areas.versions import InUse, in_use
from auditkit.graph._build import Builder
from auditkit.graph._documents import parsed, place
from auditkit.graph._merging import edge_key
from auditkit.graph.admitting import admitted, prefix_lists
from auditkit.graph.escalation import escalations_of, led_beyond, what_hangs
from auditkit.graph.grounds import LAYERS, LIMITS, statement_sources
from auditkit.graph.network_paths import leaves_vpc, wide_endpoints
from auditkit.graph.outsiders import Opening, openings_of_policy
from auditkit.graph.schema import Edge, EdgeKind, Node
from auditkit.inventory import CoverageState, Kind, PolicyText, UnsetType
from auditkit.inventory.arn import parse_arn
from auditkit.inventory.records.functions import Function
from auditkit.inventory.records.identities import Role
from auditkit.policy import Condition, Statement

__all__ = ["RULES"]

_SERVICE_LINKED = "/aws-service-role/"
_POLICIES = "iam:GetAccountAuthorizationDetails"


# ------------------------------------------------------------ administrators


def role_admin(scene: Scene) -> Iterator[Answer]:
    """Judge whether a role that something acts in is an administrator's, or can become one."""
    found = {one.principal: one for one in escalations_of(scene.inventory).principals}
    further = led_beyond(scene.inventory)
    yield from unseen_roles(scene)
    for arn, role, by in scene.roles_of_runs:
        one = found.get(arn)
        if role is None or one is None:
            yield unknown(arn, _POLICIES, at=by[0])
            continue
        at = [role.source, *(source for step in one.path for source in statement_sources(step.statements))]
        hangs = [text for step in one.path if step.conditional for text in what_hangs(step)]
        if one.admin:
            yield failed(role, "it is an administrator's role", at=role.source)
        elif one.escalates and not hangs:
            how = ", then ".join(step.title for step in one.path)
            yield failed(role, f"whoever holds it can become an administrator: {how}", at=at)
        elif one.escalates:
            how = ", then ".join(step.title for step in one.path)
            yield warned(role, f"whoever holds it may become an administrator: {how}; it hangs on {some(hangs)}", at=at)
        elif giving := [LAYERS[layer] for layer in one.unseen if layer not in LIMITS]:
            yield unknown(role, giving, at=role.source)
        elif steps := further.get(arn):
            others = f"the roles of the account that the export does not hold ({', then '.join(steps)})"
            yield unknown(role, others, at=role.source)
        else:
            yield passed(role, "it is no administrator's role, and no known technique leads to one", at=role.source)


# ------------------------------------------------------------- shared roles


def role_shared(scene: Scene) -> Iterator[Answer]:
    """Judge whether several functions run as one role."""
    for arn, role, functions in scene.roles_of_code:
        at = [function.source.at("Role") for function in functions]
        what = role if role is not None else arn
        if len(functions) == 1:
            yield _alone(scene, arn, what, functions[0])
            continue
        names = some(function.name for function in functions)
        teams = {team_of(function.tags) for function in functions if not isinstance(function.tags, UnsetType)} - {""}
        if len(teams) > 1:
            yield failed(what, f"{len(functions)} functions of {len(teams)} owners run as it: {names}", at=at)
        else:
            yield warned(what, f"{len(functions)} functions run as it: {names}", at=at)


_UNSEEN = frozenset({CoverageState.MISSING, CoverageState.DENIED})


def _alone(scene: Scene, arn: str, what: Role | str, function: Function) -> Answer:
    """Return the answer for a role that one function is seen to run as; a role is for all regions of its account."""
    parsed_arn = parse_arn(arn)
    account = parsed_arn.account if parsed_arn is not None else function.account
    listings = scene.calls("lambda.ListFunctions", account)
    unseen = sorted({call.region for call in listings if call.state in _UNSEEN and call.complete})
    if unseen:
        return unknown(what, f"lambda:ListFunctions in {some(unseen)}", at=function.source.at("Role"))
    return passed(what, f"only {function.name} runs as it", at=function.source.at("Role"))


# ------------------------------------------------------------ lateral moves

_LATERAL = (EdgeKind.INVOKES, EdgeKind.CHANGES_CODE, EdgeKind.ASSUMES, EdgeKind.ESCALATES)
_DECLARED = (EdgeKind.CALLS, EdgeKind.DELIVERS, EdgeKind.INVOKES)
_WORDS = {
    EdgeKind.INVOKES: "invoke",
    EdgeKind.CHANGES_CODE: "change the code of",
    EdgeKind.ASSUMES: "take on",
    EdgeKind.ESCALATES: "become",
}
_ACTORS = frozenset({Kind.FUNCTION, Kind.STATE_MACHINE, Kind.ROLE, Kind.USER, Kind.GROUP})


def lateral_invoke(scene: Scene) -> Iterator[Answer]:
    """Judge whether a function may act on other functions, state machines or roles that it does not call."""
    for function, code, version in in_use(scene, "role"):
        role, at = code.role or "", code.source.at("Role")
        if not scene.permissions.knows(role):
            yield unknown(function, f"{_POLICIES} ({role})", at=at, place=version)
            continue
        calls = {target for target, _ in scene.out_of(function.id, *_DECLARED, permitted=False)}
        ways = _apart_from(scene, _acting(scene, function.id, role), {*calls, function.id, role})
        found = [one for one in ways if is_given(one.edge)]
        open_ = not_decided(one.edge for one in ways)
        open_ = open_ or tuple(f"{part.source}: {part.reason}" for part in scene.not_understood.get(role, ()))
        if not found and open_:
            yield unknown(function, open_, at=at, place=version)
            continue
        if not found:
            said = "its role acts on no function, state machine or role that it does not call"
            yield passed(function, said, at=at, place=version)
            continue
        where = [source for one in found for source in one.edge.sources]
        yield failed(function, _moves(scene, found), at=where, place=version)


def _acting(scene: Scene, function: str, role: str) -> list[Alike]:
    """Return what a function may do in a role to what acts."""
    if scene.acts_apart(function, *_LATERAL):
        return scene.acting_alike(function, role, *_LATERAL)
    return scene.neighbours.alike_on(role, *_LATERAL, holds=_any, is_one=_acts)


def _any(_edge: Edge) -> bool:
    return True


def _apart_from(scene: Scene, ways: Iterable[Alike], known: Iterable[str]) -> list[Alike]:
    """Return ways to what acts, without those to some nodes, by their first target."""
    counts = scene.neighbours.where(_acts).copy()
    counts[[place for one in known if (place := scene.neighbours.place(one)) >= 0]] = False
    left = (Alike(one.edge, one.places[counts[one.places]]) for one in ways)
    return sorted((one for one in left if len(one.places)), key=lambda one: (int(one.places[0]), edge_key(one.edge)))


def _acts(node: Node) -> bool:
    return node.kind in _ACTORS


def _moves(scene: Scene, found: list[Alike]) -> str:
    said = []
    for kind, word in _WORDS.items():
        targets = [one.places for one in found if one.edge.kind is kind]
        if targets:
            said.append(f"{word} {scene.neighbours.labels.some_sorted(np.concatenate(targets))}")
    return "its role may " + "; ".join(said)


# ------------------------------------------------------------------- trust


def trust_policy(scene: Scene) -> Iterator[Answer]:
    """Judge who may assume each role, outsider by outsider, and of a function's role also who inside."""
    for role in scene.inventory.of(Role):
        if (role.path or "").startswith(_SERVICE_LINKED):
            continue
        policy = role.trust_policy
        if not isinstance(policy, PolicyText):
            yield unknown(role, "the trust policy", at=role.source)
            continue
        asked = (_assumers(scene, role, policy), federations(role, policy), _insiders(scene, role, policy))
        answers = dict.fromkeys(answer for answers in asked for answer in answers)
        yield from answers
        if not answers:
            said = "its trust policy lets nobody outside assume it without a condition"
            yield passed(role, said, at=policy.source)


def _assumers(scene: Scene, role: Role, policy: PolicyText) -> Iterator[Answer]:
    openings = openings_of_policy(
        policy,
        resource=role.id,
        owner=role.account,
        unsigned=False,
        known=scene.own_accounts,
        services=False,  # a service acts for whoever was allowed to pass it the role
    )
    statements = {place(policy, one.pointer): one for one in parsed(policy).statements}

    def narrowed(opening: Opening) -> bool:
        return all(_is_narrowed(statements[at]) for at in opening.sources if at in statements)

    for opening in openings:
        outsider = opening.outsider
        if opening.unknown:
            yield unknown(role, opening.unknown, at=opening.sources, place=outsider)
        elif outsider == "*" and not (opening.conditions and narrowed(opening)):
            yield critical(role, "anyone with an AWS account may assume it", opening.sources, outsider)
        elif outsider == "*":
            said = f"anyone may assume it who meets {some(opening.conditions)}"
            yield warned(role, said, at=opening.sources, place=outsider)
        elif scene.trusted(outsider) or (opening.conditions and narrowed(opening)):
            continue
        elif is_whole_account(outsider):
            said = f"every principal of another account, {outsider}, may assume it, without an external id"
            yield failed(role, said, at=opening.sources, place=outsider)
        else:
            said = f"{outsider} of another account may assume it, without a condition that narrows who"
            yield warned(role, said, at=opening.sources, place=outsider)


_CHOSEN = ("sts:rolesessionname", "sts:sourceidentity", "sts:transitivetagkeys", "aws:tagkeys", "aws:requesttag/")
"""Keys, or beginnings of keys, whose value whoever takes on the role chooses."""
_WHEN = frozenset({"aws:currenttime", "aws:epochtime", "aws:securetransport", "sts:durationseconds"})
_MFA = "aws:multifactorauthpresent"


def _is_narrowed(statement: Statement) -> bool:
    """Return whether conditions narrow who may take on a role, and not only when, how, or all but some."""
    return not statement.conditions or any(map(_narrows, statement.conditions))


def _narrows(condition: Condition) -> bool:
    key, operator = condition.key.lower(), condition.operator
    if operator.negated or key in _WHEN or key.startswith(_CHOSEN) or (key == _MFA and operator.if_exists):
        return False
    if key == "sts:externalid":
        return not operator.if_exists and operator.family != "null" and all(one.strip("*?") for one in condition.values)
    return True


def _insiders(scene: Scene, role: Role, policy: PolicyText) -> Iterator[Answer]:
    if role.id not in scene.functions_of_role:
        return
    for statement in parsed(policy).statements:
        if statement.effect != "Allow" or statement.conditions:
            continue
        for named in statement.principals or ():
            if named.type == "AWS" and named.value in {role.account, f"arn:aws:iam::{role.account}:root"}:
                said = "a function runs as it, and any principal of the account that may assume roles can take it on"
                yield failed(role, said, at=place(policy, statement.pointer), place=named.value)


# ------------------------------------------------------------------ egress


def least_network(scene: Scene) -> Iterator[Answer]:
    """Judge whether a function that holds restricted data can send it anywhere."""
    build = Builder(scene.inventory, case=scene.case)
    for used in in_use(scene, "vpc_config"):
        besides = unless_restricted(scene, used.function, place=used.place)
        if besides is not None and besides.verdict is Verdict.NOT_APPLICABLE:
            yield besides
        else:
            yield _egress(scene, build, used, besides)


def _egress(scene: Scene, build: Builder, used: InUse, besides: Answer | None) -> Answer:
    """Return the answer for a function, or a version of it, that holds restricted data, or may: `besides` then."""
    function, code, place = used
    at, config = code.source.at("VpcConfig"), code.vpc_config
    if config is None or not config.subnet_ids:
        said = "it holds restricted data, and nothing limits where it can send to: it is in no VPC"
        return besides or warned(function, said, at=at, place=place)
    walls = [scene.security_groups.get(name) for name in config.security_group_ids]
    lists = prefix_lists(scene.inventory)
    found = {one.group_id: admitted(one.ip_permissions_egress, lists) for one in walls if one is not None}
    wide = [one for one in walls if one is not None and found[one.group_id].anyone]
    if wide and leaves_vpc(build, config.subnet_ids) is False:
        return _by_endpoints(build, used, besides)
    if wide:
        said = f"it holds restricted data, and {some(group.group_id for group in wide)} lets it send anywhere"
        sources = [at, *(group.source.at("IpPermissionsEgress") for group in wide)]
        return besides or warned(function, said, at=sources, place=place)
    if None in walls or not walls:
        return unknown(function, "ec2:DescribeSecurityGroups", at=at, place=place)
    if lacks := [missing for one in found.values() for missing in one.missing]:
        return unknown(function, dict.fromkeys(lacks), at=at, place=place)
    return passed(function, "its security groups limit where it can send to", at=at, place=place)


def _by_endpoints(build: Builder, used: InUse, besides: Answer | None) -> Answer:
    """Return the answer for code whose subnets lead out of their VPC by endpoints alone."""
    function, code, place = used
    subnets = code.vpc_config.subnet_ids if code.vpc_config is not None else ()
    at, wide = code.source.at("VpcConfig", "SubnetIds"), wide_endpoints(build, subnets)
    if wide is None:
        return unknown(function, "ec2:DescribeVpcEndpoints", at=at, place=place)
    if not wide:
        return passed(function, "its subnets have no way out of their VPC that is not limited", at=at, place=place)
    names = some(one.vpc_endpoint_id for one in wide)
    said = f"it holds restricted data, and nothing limits what passes {names}, its only way out of the VPC"
    if all(isinstance(one.policy, UnsetType) for one in wide):
        return unknown(function, f"the policy of {names}", at=at, place=place)
    return besides or warned(function, said, at=[at, *(one.source for one in wide)], place=place)


RULES: dict[str, Rule] = {
    "perim.role-admin": role_admin,
    "perim.role-shared": role_shared,
    "perim.lateral-invoke": lateral_invoke,
    "perim.trust-policy": trust_policy,
    "perim.least-network": least_network,
}
