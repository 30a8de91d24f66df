"""What guards and watches an account: web ACLs, trails, alarms, detectors, budgets, the coverage of scans."""

import re
from typing import ClassVar, NamedTuple

import msgspec
from msgspec import UNSET, UnsetType

from auditkit.inventory.kinds import Kind
from auditkit.inventory.record import Record, Source

__all__ = [
    "Alarm",
    "AnomalyMonitor",
    "Budget",
    "Detector",
    "EventSelectors",
    "ScanCoverage",
    "Trail",
    "WebAcl",
    "WebAclUse",
]


class Present(msgspec.Struct, frozen=True):
    """Something that is there; what it holds does not matter here."""


class GivenAction(msgspec.Struct, rename="pascal", frozen=True):
    """What is done with a match of a rule in a group, in place of what the group says."""

    allow: Present | None = None
    count: Present | None = None


class RuleActionOverride(msgspec.Struct, rename="pascal", frozen=True):
    """A rule of a group that does something else than the group says."""

    name: str
    action_to_use: GivenAction | None = None

    @property
    def lets_through(self) -> bool:
        """Whether a match passes."""
        use = self.action_to_use
        return use is not None and (use.allow is not None or use.count is not None)


class ExcludedRule(msgspec.Struct, rename="pascal", frozen=True):
    """A rule of a group that only counts, in the older form."""

    name: str


class ManagedRuleGroup(msgspec.Struct, rename="pascal", frozen=True):
    """A group of rules that somebody else keeps."""

    vendor_name: str
    name: str
    scope_down_statement: Present | None = None
    rule_action_overrides: tuple[RuleActionOverride, ...] = ()
    excluded_rules: tuple[ExcludedRule, ...] = ()

    @property
    def let_through(self) -> frozenset[str]:
        """Names of its rules whose matches pass."""
        overridden = {one.name for one in self.rule_action_overrides if one.lets_through}
        return frozenset(overridden | {one.name for one in self.excluded_rules})


class RateBased(msgspec.Struct, rename="pascal", frozen=True):
    """A count of requests: of all, or of those alone that a statement matches."""

    scope_down_statement: Present | None = None


class RuleGroupReference(msgspec.Struct, rename="pascal", frozen=True):
    """A group of rules of one's own, or of an administrator's; what is in it stands elsewhere."""

    arn: str = msgspec.field(name="ARN")


class WebAclStatement(msgspec.Struct, rename="pascal", frozen=True):
    """What a rule looks at, narrowed to counting requests and to groups of rules."""

    rate_based_statement: RateBased | None = None
    managed_rule_group_statement: ManagedRuleGroup | None = None
    rule_group_reference_statement: RuleGroupReference | None = None


class WebAclAction(msgspec.Struct, rename="pascal", frozen=True):
    """What a rule does with a match: ``Count`` lets it through."""

    count: Present | None = None


class WebAclRule(msgspec.Struct, rename="pascal", frozen=True):
    """A rule of a web ACL."""

    name: str
    statement: WebAclStatement | None = None
    action: WebAclAction | None = None
    override_action: WebAclAction | None = None

    @property
    def rate_based(self) -> bool:
        """Whether the rule counts requests."""
        return self.statement is not None and self.statement.rate_based_statement is not None

    @property
    def narrowed(self) -> bool:
        """Whether it looks at some requests alone, counting them or by a managed group."""
        told = self.statement
        parts = (told.rate_based_statement, told.managed_rule_group_statement) if told is not None else ()
        return any(part is not None and part.scope_down_statement is not None for part in parts)

    @property
    def counts_only(self) -> bool:
        """Whether matches are counted and let through."""
        return any(action is not None and action.count is not None for action in (self.action, self.override_action))

    @property
    def managed_group(self) -> str:
        """Name of the managed rule group that the rule uses, ``""`` for none."""
        group = self.statement.managed_rule_group_statement if self.statement is not None else None
        return group.name if group is not None else ""

    @property
    def let_through(self) -> frozenset[str]:
        """Names of the rules of its managed group whose matches pass."""
        group = self.statement.managed_rule_group_statement if self.statement is not None else None
        return group.let_through if group is not None else frozenset()

    @property
    def sold_by(self) -> str:
        """Vendor of the managed rule group that the rule uses, ``""`` for none and for AWS."""
        group = self.statement.managed_rule_group_statement if self.statement is not None else None
        return group.vendor_name if group is not None and group.vendor_name != "AWS" else ""

    @property
    def group(self) -> str:
        """ARN of the rule group, not a managed one, that the rule uses, ``""`` for none."""
        group = self.statement.rule_group_reference_statement if self.statement is not None else None
        return group.arn if group is not None else ""


class FirewallManagerStatement(msgspec.Struct, rename="pascal", frozen=True):
    """What a group that Firewall Manager puts in holds: a managed group, or one of its administrator's."""

    managed_rule_group_statement: ManagedRuleGroup | None = None
    rule_group_reference_statement: RuleGroupReference | None = None


class FirewallManagerGroup(msgspec.Struct, rename="pascal", frozen=True):
    """A group of rules that Firewall Manager puts before or after those of a web ACL."""

    name: str
    firewall_manager_statement: FirewallManagerStatement | None = None
    override_action: WebAclAction | None = None

    @property
    def rule(self) -> WebAclRule:
        """The group as a rule."""
        told, statement = self.firewall_manager_statement, None
        if told is not None:
            statement = WebAclStatement(
                managed_rule_group_statement=told.managed_rule_group_statement,
                rule_group_reference_statement=told.rule_group_reference_statement,
            )
        return WebAclRule(self.name, statement, override_action=self.override_action)


class WebAcl(Record, kw_only=True, rename="pascal"):
    """A web ACL (``wafv2.GetWebACL``)."""

    kind: ClassVar[Kind] = Kind.WEB_ACL

    arn: str = msgspec.field(name="ARN")
    acl_name: str = msgspec.field(name="Name")
    own_rules: tuple[WebAclRule, ...] = msgspec.field(default=(), name="Rules")
    first_groups: tuple[FirewallManagerGroup, ...] = msgspec.field(
        default=(), name="PreProcessFirewallManagerRuleGroups"
    )
    last_groups: tuple[FirewallManagerGroup, ...] = msgspec.field(
        default=(), name="PostProcessFirewallManagerRuleGroups"
    )

    @property
    def rules(self) -> tuple[WebAclRule, ...]:
        """All rules: those of Firewall Manager that come first, its own, and those that come last."""
        first, last = ([group.rule for group in groups] for groups in (self.first_groups, self.last_groups))
        return (*first, *self.own_rules, *last)


class WebAclUse(Record, kw_only=True, rename="pascal"):
    """Which web ACL stands before a resource (``wafv2.GetWebACLForResource``).

    Its id is ``acl-of:`` and the resource's ARN.

    Attributes
    ----------
    resource, acl
        ARNs; ``acl`` is ``""`` where none stands there.
    """

    kind: ClassVar[Kind] = Kind.WEB_ACL_USE

    resource: str = msgspec.field(default="", name="__resource")
    acl: str = msgspec.field(default="", name="__acl")


class DataResource(msgspec.Struct, rename="pascal", frozen=True):
    """Data events of one type that are recorded."""

    type: str
    values: tuple[str, ...] = ()


class EventSelector(msgspec.Struct, rename="pascal", frozen=True):
    """What a trail records, in the older form: ``ReadOnly``, ``WriteOnly`` or ``All``."""

    read_write_type: str | None = None
    include_management_events: bool | None = None
    data_resources: tuple[DataResource, ...] = ()


class FieldSelector(msgspec.Struct, rename="pascal", frozen=True):
    """A condition on a field of events."""

    field: str
    equals: tuple[str, ...] = ()
    starts_with: tuple[str, ...] = ()
    not_equals: tuple[str, ...] = ()
    not_starts_with: tuple[str, ...] = ()


class AdvancedEventSelector(msgspec.Struct, rename="pascal", frozen=True):
    """What a trail records, in the newer form: all conditions must hold."""

    field_selectors: tuple[FieldSelector, ...] = ()


class EventSelectors(msgspec.Struct, rename="pascal", frozen=True, kw_only=True):
    """What a trail records (``cloudtrail.GetEventSelectors``)."""

    event_selectors: tuple[EventSelector, ...] = ()
    advanced_event_selectors: tuple[AdvancedEventSelector, ...] = ()
    source: Source = msgspec.field(default=Source(""), name="__source")


class Trail(Record, kw_only=True, rename="pascal"):
    """A trail (``cloudtrail.DescribeTrails``, ``cloudtrail.GetTrailStatus``, ``cloudtrail.GetEventSelectors``)."""

    kind: ClassVar[Kind] = Kind.TRAIL

    trail_name: str = msgspec.field(default="", name="Name")
    trail_arn: str = msgspec.field(name="TrailARN")
    s3_bucket_name: str | None = None
    is_multi_region_trail: bool | None = None
    is_organization_trail: bool | None = None
    home_region: str | None = None
    log_file_validation_enabled: bool | None = None
    is_logging: bool | UnsetType | None = msgspec.field(default=UNSET, name="__is_logging")
    selectors: EventSelectors | UnsetType | None = msgspec.field(default=UNSET, name="__selectors")


class Dimension(msgspec.Struct, rename="pascal", frozen=True):
    """A dimension of a metric."""

    name: str
    value: str


class Metric(msgspec.Struct, rename="pascal", frozen=True):
    """A metric of one resource, or of all without dimensions."""

    namespace: str | None = None
    metric_name: str | None = None
    dimensions: tuple[Dimension, ...] = ()


class MetricStat(msgspec.Struct, rename="pascal", frozen=True):
    """A statistic of a metric."""

    metric: Metric


class MetricQuery(msgspec.Struct, rename="pascal", frozen=True):
    """A part of what an alarm computes: a metric, or an expression over the others."""

    metric_stat: MetricStat | None = None
    expression: str | None = None

    @property
    def survey(self) -> "Survey | None":
        """What an expression of Metrics Insights looks at; ``None`` where it is none."""
        found = _SELECT.match(self.expression or "")
        if found is None:
            return None
        namespace = found["schema"] or found["namespace"] or found["plain"]
        return Survey(namespace.strip(), found["metric"], (found["where"] or "").strip())


class Survey(NamedTuple):
    """A metric of all resources of a namespace, or of those that a condition names.

    Attributes
    ----------
    namespace, metric_name
        The metric.
    where
        The condition, ``""`` for none.
    """

    namespace: str
    metric_name: str
    where: str

    def covers(self, dimension: str, value: str) -> bool | None:
        """Return whether it looks at the resource of a dimension; ``None`` where its condition is not understood."""
        if not self.where:
            return True
        parts = [_EQUALS.fullmatch(part.strip()) for part in re.split(r"\bAND\b", self.where, flags=re.IGNORECASE)]
        ours = [part["value"] == value for part in parts if part is not None and part["name"] == dimension]
        if not all(ours):
            return False
        return True if ours and len(ours) == len(parts) else None


_SELECT = re.compile(
    r"""\s*SELECT\s+\w+\s*\(\s*"?(?P<metric>\w+)"?\s*\)\s+FROM\s+
    (?:SCHEMA\s*\(\s*(?:"(?P<schema>[^"]+)"|(?P<plain>[\w/]+))[^)]*\)|"(?P<namespace>[^"]+)")\s*
    (?:WHERE\s+(?P<where>.+?)\s*)?(?:(?:GROUP\s+BY|ORDER\s+BY|LIMIT)\b.*)?$""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
"""A query (Amazon CloudWatch user guide, *Metrics Insights query components and syntax*)."""
_EQUALS = re.compile(r"""\s*"?(?P<name>[\w.]+)"?\s*=\s*'(?P<value>[^']*)'\s*""")


class Alarm(Record, kw_only=True, rename="pascal"):
    """An alarm on a metric, on several, or on other alarms (``cloudwatch.DescribeAlarms``).

    Attributes
    ----------
    metrics
        What it computes with, where that is more than one metric as it is.
    alarm_rule
        Of an alarm on other alarms, the states of theirs in which it goes off.
    """

    kind: ClassVar[Kind] = Kind.ALARM

    alarm_name: str
    alarm_arn: str
    actions_enabled: bool | None = None
    alarm_actions: tuple[str, ...] = ()
    comparison_operator: str | None = None
    metric_name: str | None = None
    namespace: str | None = None
    dimensions: tuple[Dimension, ...] = ()
    metrics: tuple[MetricQuery, ...] = ()
    alarm_rule: str | None = None

    @property
    def acts(self) -> bool:
        """Whether it does anything when it goes off."""
        return self.actions_enabled is not False and bool(self.alarm_actions)

    @property
    def rises(self) -> bool:
        """Whether it goes off when there is much of what it measures, not only when there is little."""
        return self.comparison_operator is None or "Greater" in self.comparison_operator

    @property
    def measured(self) -> tuple[Metric, ...]:
        """The metrics that it looks at."""
        own = [Metric(self.namespace, self.metric_name, self.dimensions)] if self.metric_name else []
        return (*own, *(query.metric_stat.metric for query in self.metrics if query.metric_stat is not None))

    @property
    def surveys(self) -> tuple[Survey, ...]:
        """What it looks at by queries of Metrics Insights."""
        return tuple(found for query in self.metrics if (found := query.survey) is not None)

    @property
    def any_of(self) -> frozenset[str]:
        """Names or ARNs of the other alarms any one of which sets it off; none where it takes several at once."""
        rule = self.alarm_rule or ""
        parts = [_STATE.fullmatch(part.strip()) for part in re.split(r"\bOR\b", rule)]
        return frozenset(part["quoted"] or part["name"] for part in parts if part) if all(parts) else frozenset()


_STATE = re.compile(r'\(*\s*ALARM\s*\(\s*(?:"(?P<quoted>[^"]+)"|(?P<name>[^"()\s]+))\s*\)[\s)]*')


class DetectorFeature(msgspec.Struct, rename="pascal", frozen=True):
    """A feature of a detector: ``ENABLED`` or ``DISABLED``."""

    name: str
    status: str | None = None


class Detector(Record, kw_only=True, rename="pascal"):
    """A detector of GuardDuty in a region (``guardduty.GetDetector``).

    Its id is ``settings:guardduty:<account>:<region>``.
    """

    kind: ClassVar[Kind] = Kind.DETECTOR

    status: str | None = None
    features: tuple[DetectorFeature, ...] = ()


class Budget(Record, kw_only=True, rename="pascal"):
    """A budget (``budgets.DescribeBudgets``), and what is known of whom it tells.

    Attributes
    ----------
    cost_filters
        What of the account it looks at: values by dimension, such as ``Service``; ``None`` for all.
    notifications
        How many notifications it has (``DescribeBudgetNotificationsForAccount``).
    """

    kind: ClassVar[Kind] = Kind.BUDGET

    budget_name: str
    budget_type: str | None = None
    cost_filters: dict[str, tuple[str, ...]] | None = None
    notifications: int | UnsetType = msgspec.field(default=UNSET, name="__notifications")


class BudgetNotifications(msgspec.Struct, rename="pascal", frozen=True):
    """What a budget tells, each a threshold with its subscribers."""

    budget_name: str
    notifications: tuple[object, ...] = ()


class AnomalySubscriber(msgspec.Struct, rename="pascal", frozen=True):
    """Who is told of anomalies: ``CONFIRMED`` or ``DECLINED``."""

    status: str | None = None


class AnomalySubscription(msgspec.Struct, rename="pascal", frozen=True):
    """Of which monitors whom is told."""

    monitor_arn_list: tuple[str, ...] = ()
    subscribers: tuple[AnomalySubscriber, ...] = ()


class AnomalyMonitor(Record, kw_only=True, rename="pascal"):
    """A monitor of cost anomalies (``ce.GetAnomalyMonitors``).

    Attributes
    ----------
    subscribed
        Whether somebody is told of what it finds (``ce.GetAnomalySubscriptions``).
    """

    kind: ClassVar[Kind] = Kind.ANOMALY_MONITOR

    monitor_arn: str
    monitor_name: str
    monitor_type: str | None = None
    subscribed: bool | UnsetType = msgspec.field(default=UNSET, name="__subscribed")


class ScanStatus(msgspec.Struct, rename="camel", frozen=True):
    """Whether a resource is scanned: ``ACTIVE`` or ``INACTIVE``, and why."""

    status_code: str
    reason: str | None = None


class ScanCoverage(Record, kw_only=True, rename="camel"):
    """What Inspector scans (``inspector2.ListCoverage``).

    Its id is ``scan:<PACKAGE or CODE>:<id of the resource>``.
    """

    kind: ClassVar[Kind] = Kind.SCAN_COVERAGE

    resource_type: str
    resource_id: str
    scan_type: str
    scan_status: ScanStatus | None = None
