"""Web ACLs, and what they stand before."""

from typing import ClassVar

import msgspec

from auditkit.inventory.kinds import Kind
from auditkit.inventory.record import Record

__all__ = ["WebAcl", "WebAclRule", "WebAclUse"]


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
