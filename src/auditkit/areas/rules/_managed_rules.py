"""Rules of web ACLs that others keep: whether known attacks are blocked."""

from collections.abc import Iterator

from auditkit.areas.answers import Answer, failed, passed, some, unknown, warned
from auditkit.areas.rules._walls import acl_before, groups_of, public_entries, unwalled
from auditkit.areas.scene import Scene
from auditkit.inventory.records.webacls import WebAcl, WebAclRule

__all__ = ["waf_managed_rules"]

_GROUPS = ("AWSManagedRulesCommonRuleSet", "AWSManagedRulesSQLiRuleSet", "AWSManagedRulesKnownBadInputsRuleSet")


def waf_managed_rules(scene: Scene) -> Iterator[Answer]:
    """Judge whether known attacks are blocked before every public entry."""
    yield from unwalled(scene)
    for record, place, arn, at in public_entries(scene):
        acl = acl_before(scene, arn) if arn else None
        if arn is None:
            yield unknown(record, "wafv2:GetWebACLForResource", at=at, place=place)
        elif not arn:
            yield failed(record, "no web ACL stands before it", at=at, place=place)
        elif acl is None:
            yield unknown(record, f"wafv2:GetWebACL of {arn}", at=at, place=place)
        else:
            groups = [rule for rule in acl.rules if rule.managed_group in _GROUPS]
            blocking = [rule for rule in groups if not rule.counts_only]
            names = some(rule.managed_group for rule in blocking)
            where = (at, acl.source.at("Rules"))
            if blocking and (lacks := [_lacks(rule) for rule in blocking]) and all(lacks):
                yield warned(record, f"{acl.name} blocks by {names}, but {some(lacks)}", at=where, place=place)
            elif blocking:
                yield passed(record, f"{acl.name} blocks by {names}", at=where, place=place)
            elif hidden := _others(acl):
                yield unknown(record, [f"what {one} blocks" for one in hidden], at=where, place=place)
            elif groups:
                yield warned(record, f"{acl.name} has rules against attacks, and only counts", at=where, place=place)
            else:
                yield warned(record, f"{acl.name} has no managed rules against attacks", at=where, place=place)


def _others(acl: WebAcl) -> list[str]:
    """Return the groups of which a web ACL does more than count, and of which nobody here knows what is in them."""
    sold = {f"{rule.managed_group} of {rule.sold_by}" for rule in acl.rules if rule.sold_by and not rule.counts_only}
    return sorted(sold | {f"{group} (wafv2:GetRuleGroup)" for group in groups_of(acl)})


_NO_ATTACKS = ("SizeRestrictions_", "NoUserAgent_", "UserAgent_BadBots_")
"""How rules begin that look at sizes and at programs, not at attacks (AWS WAF developer guide, *Baseline rule groups*):
what is right is often larger, or calls itself nothing, and these are turned to count with reason."""


def _lacks(rule: WebAclRule) -> str:
    """Return what a group that blocks does not block; ``""`` where it is as its keeper made it."""
    if rule.narrowed:
        return "of some requests alone (a scope-down statement)"
    passing = sorted(name for name in rule.let_through if not name.startswith(_NO_ATTACKS))
    return f"lets matches of {some(passing)} through" if passing else ""
