"""Elastic Load Balancing: from a listener's rules to target groups, and from these to functions, instances and hosts.

Every rule of every listener is judged by itself: one that forwards plain HTTP stays one whatever another listener
redirects. The default action of a listener is a rule too.
"""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from auditkit.graph._build import Builder, Said
from auditkit.graph.admitting import admitted, prefix_lists
from auditkit.graph.edges._api_callers import call_function
from auditkit.graph.edges._inside import COMES_IN, INSIDE, leads_to
from auditkit.graph.factors import Level
from auditkit.graph.schema import INTERNET, EdgeKind, EntryKind, Interval, Node
from auditkit.inventory import Kind, Source
from auditkit.inventory.arn import arn_of
from auditkit.inventory.record import UnsetType
from auditkit.inventory.records.loadbalancers import (
    Action,
    Condition,
    Listener,
    ListenerRule,
    LoadBalancer,
    Target,
    TargetGroup,
)
from auditkit.inventory.records.network import IpPermission, ManagedPrefixList, SecurityGroup

__all__ = ["connect"]

_UNCHECKED: Level = (1, "Nothing checks requests.")
_TLS = frozenset({"HTTPS", "TLS", "QUIC", "TCP_QUIC"})
_ANYWHERE = frozenset({"0.0.0.0/0", "::/0"})
_OLD_POLICY = re.compile(r"TLS13-1-[01]-|TLS-1-[01]-|FS-1-1-|FS-2018|-2016-08|-2015-0\d|-2014-\d\d")
_NEW_POLICY = re.compile(r"TLS13-1-[23]-|TLS-1-2-|FS-1-2-")


class _Rule(NamedTuple):
    """A rule of a listener, the default action included."""

    id: str
    label: str
    conditions: tuple[Condition, ...]
    actions: tuple[Action, ...]
    record: ListenerRule | None
    sources: tuple[Source, ...]


class _Front(NamedTuple):
    """A listener with its load balancer, and who of the internet gets to it.

    ``distributions`` says that its security groups let in CloudFront alone, and whoever is behind it.
    """

    listener: Listener
    balancer: LoadBalancer | None
    conditions: tuple[str, ...] = ()
    unknown: str = ""
    distributions: bool = False

    @property
    def facing(self) -> bool:
        """Whether the load balancer has addresses on the internet, or may have some: it was not exported."""
        return self.balancer is None or self.balancer.scheme in {None, "internet-facing"}

    @property
    def vpc(self) -> str:
        """VPC of the load balancer."""
        return (self.balancer.vpc_id or "") if self.balancer else ""

    def label(self, rule: _Rule) -> str:
        """Return what a person calls a rule: load balancer, listener, and what requests it takes."""
        balancer = self.balancer.name if self.balancer else ""
        return f"{balancer} {self.listener.name} {rule.label}".strip()


def connect(build: Builder) -> None:
    """Say what the records of load balancers say."""
    balancers = {balancer.id: balancer for balancer in build.inventory.of(LoadBalancer)}
    for balancer in balancers.values():
        build.add(balancer, vpc=balancer.vpc_id or "")
        if balancer.dns_name:
            build.alias_host(balancer.dns_name, balancer.id)
            build.alias_host(f"dualstack.{balancer.dns_name}", balancer.id)
    rules: dict[str, list[ListenerRule]] = {}
    for rule in build.inventory.of(ListenerRule):
        rules.setdefault(rule.listener, []).append(rule)
    walls = {group.group_id: group for group in build.inventory.of(SecurityGroup)}
    lists = prefix_lists(build.inventory)
    for listener in build.inventory.of(Listener):
        before = balancers.get(listener.load_balancer_arn or "")
        front = _behind_groups(walls, lists, _Front(listener, before))
        _listener(build, front, rules.get(listener.id, []))
    for group in build.inventory.of(TargetGroup):
        _target_group(build, group)


def _listener(build: Builder, front: _Front, rules: list[ListenerRule]) -> None:
    listener, balancer = front.listener, front.balancer
    build.add(listener, vpc=front.vpc)
    if balancer is not None:
        leads_to(build, balancer.id, listener.id, sources=listener.sources[:1], label=listener.name)
    for rule in _rules(listener, rules):
        _rule(build, front, rule)


def _rules(listener: Listener, rules: list[ListenerRule]) -> Iterator[_Rule]:
    for rule in rules:
        yield _Rule(rule.id, _label(rule.conditions), rule.conditions, rule.actions, rule, rule.sources)
    if not any(rule.is_default for rule in rules) and listener.default_actions:
        source = listener.source.at("DefaultActions")
        yield _Rule(f"{listener.id}/default", "*", (), listener.default_actions, None, (source,))


def _label(conditions: tuple[Condition, ...]) -> str:
    methods: list[str] = []
    hosts: list[str] = []
    paths: list[str] = []
    for condition in conditions:
        methods += condition.http_request_method_config.values if condition.http_request_method_config else ()
        hosts += condition.host_header_config.values if condition.host_header_config else ()
        paths += condition.path_pattern_config.values if condition.path_pattern_config else ()
        if condition.field == "host-header" and condition.host_header_config is None:
            hosts += condition.values
        if condition.field == "path-pattern" and condition.path_pattern_config is None:
            paths += condition.values
    address = "|".join(dict.fromkeys(hosts)) + "|".join(dict.fromkeys(paths))
    return " ".join(part for part in ("|".join(dict.fromkeys(methods)), address) if part) or "*"


# ---------------------------------------------------------------- who gets in


def _behind_groups(walls: Mapping[str, SecurityGroup], lists: Mapping[str, ManagedPrefixList], front: _Front) -> _Front:
    """Return a listener with what getting to it from the internet hangs on, and what of it was not seen."""
    balancer = front.balancer
    if balancer is None or not balancer.security_groups:
        return front._replace(unknown="" if balancer is not None else "the load balancer")
    groups = [walls.get(group) for group in balancer.security_groups]
    seen = [group for group in groups if group is not None]
    rules = [rule for group in seen for rule in group.ip_permissions if _is_for(rule, front.listener.port)]
    found = admitted(rules, lists)
    if found.anyone:
        return front
    if found.distributions:
        return front._replace(distributions=True)
    if None in groups:
        return front._replace(unknown="security groups of the load balancer")
    if found.missing:
        return front._replace(unknown=", ".join(found.missing))
    return front._replace(conditions=("security group",))


def _is_for(rule: IpPermission, port: int | None) -> bool:
    """Return whether a rule is for a port; for any where it is not known which."""
    return (
        rule.ip_protocol == "-1"
        or port is None
        or ((rule.from_port is None or rule.from_port <= port) and (rule.to_port is None or port <= rule.to_port))
    )


def _encryption(listener: Listener, actions: tuple[Action, ...]) -> Level:
    protocol = listener.protocol or ""
    if protocol in _TLS:
        policy = listener.ssl_policy or ""
        if _OLD_POLICY.search(policy):
            return 0.25, f"{protocol}, but {policy} still accepts versions before TLS 1.2."
        if _NEW_POLICY.search(policy):
            return 0, f"{protocol}, TLS 1.2 at least ({policy})."
        return Interval(0, 0.25), f"{protocol}; which versions {policy or 'the policy'} accepts is not known."
    if protocol and any(action.type == "redirect" and _to_https(action) for action in actions):
        return 0.25, f"{protocol} answers with a redirect to HTTPS: the first request is in clear."
    if not protocol:
        return Interval(0, 1), "The listener's protocol was not exported."
    return 1, f"The listener takes {protocol}: plain text."


def _to_https(action: Action) -> bool:
    return action.redirect_config is not None and action.redirect_config.to_https


_BY_DISTRIBUTION = "Its security groups let in CloudFront alone, and so whoever makes a distribution of their own. "


def _authentication(front: _Front, rule: _Rule) -> tuple[EntryKind, Level]:
    listener, first = front.listener, _BY_DISTRIBUTION if front.distributions else ""
    for action in rule.actions:
        config = action.authenticate_oidc_config or action.authenticate_cognito_config
        if action.type.startswith("authenticate-"):
            if config is not None and config.on_unauthenticated_request == "allow":
                return EntryKind.ANONYMOUS, (1, f"{action.type} lets callers through who did not sign in (allow).")
            return EntryKind.AUTHENTICATED, (0, f"The rule asks to sign in ({action.type}).")
        if action.type == "jwt-validation":
            return EntryKind.AUTHENTICATED, (0, "The rule verifies a token (jwt-validation).")
    mutual = listener.mutual_authentication
    if mutual is not None and mutual.mode == "verify":
        return EntryKind.AUTHENTICATED, (0, "The listener verifies a client certificate (mutual TLS).")
    if any(condition.field == "http-header" for condition in rule.conditions):
        reason = "A header must have a value that is not read: it may be a shared secret, and nobody is authenticated."
        return EntryKind.ANONYMOUS, (Interval(0.5, 1), f"{first}{reason}")
    return EntryKind.ANONYMOUS, (1, f"{first}The rule authenticates nobody.")


def _rule(build: Builder, front: _Front, rule: _Rule) -> None:
    groups = tuple(dict.fromkeys(arn for action in rule.actions for arn in action.target_groups))
    redirects = any(action.type == "redirect" for action in rule.actions)
    entry, authentication = _authentication(front, rule)
    conditions = (*front.conditions, *(("source-ip",) if _is_limited(rule) else ()))
    _add(build, front, rule, entry if groups and front.facing else None)
    if front.facing and (groups or redirects):
        _from_outside(build, front, rule, conditions, authentication)
    leads_to(
        build,
        front.listener.id,
        rule.id,
        sources=rule.sources,
        label=rule.label,
        authentication=authentication,
        validation=_UNCHECKED,
    )
    for arn in groups:
        said: Said = {
            **INSIDE,
            "authentication": (0, "Inside the service."),
            "validation": _UNCHECKED,
            "label": rule.label,
            "conditions": conditions,
            "unknown": front.unknown,
        }
        build.triggers(rule.id, build.ref(arn), hop="door->behind", sources=rule.sources, **said)


def _is_limited(rule: _Rule) -> bool:
    """Return whether a rule is for some addresses alone."""
    return any(
        condition.source_ip_config is not None and not _ANYWHERE & set(condition.source_ip_config.values)
        for condition in rule.conditions
    )


def _from_outside(
    build: Builder, front: _Front, rule: _Rule, conditions: tuple[str, ...], authentication: Level
) -> None:
    """Let the internet reach a rule."""
    build.flow(
        INTERNET,
        rule.id,
        kind=EdgeKind.DELIVERS,
        hop="client->alb",
        sources=(*rule.sources, *front.listener.sources[:1]),
        label=rule.label,
        conditions=conditions,
        unknown=front.unknown,
        authentication=authentication,
        encryption=_encryption(front.listener, rule.actions),
        network=(
            0.5,
            "The load balancer is internet-facing." if front.balancer else "Whether it is internal is not seen.",
        ),
        third_party=COMES_IN,
    )


def _add(build: Builder, front: _Front, rule: _Rule, entry: EntryKind | None) -> None:
    if rule.record is not None:
        build.add(rule.record, label=front.label(rule), entry=entry, vpc=front.vpc)
        return
    build.node(
        rule.id,
        Node(
            kind=Kind.ROUTE,
            label=front.label(rule),
            account=front.listener.account,
            region=front.listener.region,
            boundary=build.boundary(account=front.listener.account, vpc=front.vpc),
            sources=rule.sources,
            entry=entry,
        ),
    )


# ---------------------------------------------------------------- targets


def _target_group(build: Builder, group: TargetGroup) -> None:
    build.add(group, vpc=group.vpc_id or "")
    if isinstance(group.targets, UnsetType):
        return
    for target in group.targets:
        if target.target.id.startswith("arn:") and ":function:" in target.target.id:
            call_function(
                build,
                group.id,
                target.target.id,
                hop="alb->lambda",
                service="elasticloadbalancing.amazonaws.com",
                origins=(group.id,),
                account=group.account,
                sources=(target.source,),
                label=group.name,
            )
        else:
            _backend(build, group, target)


def _backend(build: Builder, group: TargetGroup, target: Target) -> None:
    """Connect a target group with an instance, an address or another load balancer."""
    name = target.target.id
    if name.startswith("arn:"):
        end = build.ref(name)
    elif name.startswith("i-"):
        end = build.ref(arn_of("ec2", f"instance/{name}", account=group.account, region=group.region))
    else:
        end = build.third_party(name)
    clear = group.protocol not in _TLS
    level: Level = (
        (1, f"The target group speaks {group.protocol}: plain text.")
        if clear
        else (0, f"The target group speaks {group.protocol}.")
    )
    build.triggers(
        group.id,
        end,
        hop="alb->http-target",
        sources=(target.source, *group.sources[:1]),
        label=group.name,
        encryption=level if group.protocol else (Interval(0, 1), "The protocol was not exported."),
    )
