"""Load balancers that answer only who sends a header that a distribution adds: nobody gets round the distribution.

(Amazon CloudFront developer guide, *Restrict access to Application Load Balancers*.) What the header's value is, is not
kept of either, and taken to be the same.
"""

from auditkit.areas.scene import Scene
from auditkit.inventory.records.cloudfront import Distribution
from auditkit.inventory.records.loadbalancers import Action, Listener, ListenerRule, LoadBalancer

__all__ = ["let_in_by_header"]


def let_in_by_header(scene: Scene, balancer: LoadBalancer) -> list[Distribution]:
    """Return the distributions whose header every rule of a load balancer that leads on asks for; else none."""
    adding = _adding(scene, balancer)
    listeners = [one for one in scene.inventory.of(Listener) if one.load_balancer_arn == balancer.id]
    if not adding or not listeners or not all(one.rules_seen for one in listeners):
        return []
    if any(map(_leads_on, (action for one in listeners for action in one.default_actions))):
        return []
    own = {one.id for one in listeners}
    rules = [
        one for one in scene.inventory.of(ListenerRule) if one.listener in own and any(map(_leads_on, one.actions))
    ]
    found = [[front for name in _headers(rule) for front in adding.get(name, ())] for rule in rules]
    if not found or not all(found):
        return []
    return sorted({front.id: front for fronts in found for front in fronts}.values(), key=lambda one: one.id)


def _leads_on(action: Action) -> bool:
    return bool(action.target_groups)


def _headers(rule: ListenerRule) -> list[str]:
    """Return the names of the headers that a rule asks for, in lower case."""
    configs = (one.http_header_config for one in rule.conditions)
    return [one.http_header_name.lower() for one in configs if one is not None and one.http_header_name]


def _adding(scene: Scene, balancer: LoadBalancer) -> dict[str, list[Distribution]]:
    """Return the distributions before a load balancer by the headers that they add, in lower case."""
    host = (balancer.dns_name or "").lower()
    found: dict[str, list[Distribution]] = {}
    for distribution in scene.inventory.of(Distribution):
        for origin in distribution.origins or ():
            if host and origin.domain_name.lower() in {host, f"dualstack.{host}"}:
                for header in origin.custom_headers or ():
                    found.setdefault(header.header_name.lower(), []).append(distribution)
    return found
