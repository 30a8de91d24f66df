"""Amazon CloudFront."""

from auditkit.exports._answers import Node, Tree
from auditkit.exports.cloudformation._resource import Resource
from auditkit.exports.cloudformation._telling import Telling

__all__ = ["tell"]


def tell(to: Telling) -> None:
    """Tell distributions, origin access controls and real-time logs."""
    for distribution in to.of("AWS::CloudFront::Distribution"):
        _distribution(to, distribution)
    for control in to.of("AWS::CloudFront::OriginAccessControl"):
        config = control.node.at("OriginAccessControlConfig")
        tree = to.fitted(config, "cloudfront.OriginAccessControlSummary", members={"Id": control.identity.name})
        found = {"OriginAccessControlList": {"Items": [tree]}}
        to.give(control, "cloudfront.ListOriginAccessControls", found, complete=False)
    for log in to.of("AWS::CloudFront::RealtimeLogConfig"):
        tree = to.tree(
            log, "cloudfront.RealtimeLogConfig", members={"ARN": log.identity.arn, "Name": log.identity.name}
        )
        to.give(log, "cloudfront.ListRealtimeLogConfigs", {"RealtimeLogConfigs": {"Items": [tree]}}, complete=False)


def _distribution(to: Telling, distribution: Resource) -> None:
    config = distribution.node.at("DistributionConfig")
    members: dict[str, object] = {
        "Id": distribution.identity.name,
        "ARN": distribution.identity.arn,
        "DomainName": distribution.identity.attributes["DomainName"],
    }
    given = Node(_listed(config.value), config.source) if config is not None else None
    tree = to.fitted(given, "cloudfront.DistributionSummary", {"Logging": ""}, members)
    tree.setdefault("Enabled", True)
    tree.setdefault("ViewerCertificate", {"CloudFrontDefaultCertificate": True, "MinimumProtocolVersion": "TLSv1"})
    to.give(distribution, "cloudfront.ListDistributions", {"DistributionList": {"Items": [tree]}}, complete=False)
    logging = config.at("Logging") if config is not None else None
    found = to.fitted(logging, "cloudfront.LoggingConfig", members={"Enabled": logging is not None})
    told = {"DistributionConfig": Tree(distribution.node.source, {"Logging": found})}
    to.give(distribution, "cloudfront.GetDistributionConfig", told, distribution.identity.name)


_LISTS = {"OriginSSLProtocols", "AllowedMethods", "CachedMethods", "Aliases", "TrustedKeyGroups", "TrustedSigners"}
_RENAMED = {"OriginCustomHeaders": "CustomHeaders", "IPV6Enabled": "IsIPV6Enabled", "Compress": "Compress"}
_OF_OBJECTS = {"Origins", "CacheBehaviors", "LambdaFunctionAssociations", "FunctionAssociations", "OriginCustomHeaders"}


def _listed(value: object) -> object:
    """Return a configuration whose lists are written as CloudFront's API writes them: as objects with ``Items``."""
    if isinstance(value, list):
        return [_listed(item) for item in value]
    if not isinstance(value, dict):
        return value
    found: dict[str, object] = {}
    for key, item in value.items():
        inner = _listed(item)
        if isinstance(item, list) and key in _LISTS | _OF_OBJECTS:
            wrapped: dict[str, object] = {"Quantity": len(item), "Items": inner}
            if key in {"TrustedKeyGroups", "TrustedSigners"}:
                wrapped["Enabled"] = bool(item)
            inner = wrapped
        found[_RENAMED.get(str(key), str(key))] = inner
    return found
