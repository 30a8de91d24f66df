"""AWS WAF: web ACLs, and what they stand before."""

from auditkit.exports.cloudformation._telling import Telling, place_of

__all__ = ["acl_of_stage", "tell"]

_ASSOCIATION = "AWS::WAFv2::WebACLAssociation"


def tell(to: Telling) -> None:
    """Tell web ACLs, and the load balancers and user pools that they stand before; stages are told with their API."""
    for acl in to.of("AWS::WAFv2::WebACL"):
        arn = acl.identity.arn
        tree = to.tree(acl, "wafv2.WebACL", members={"ARN": arn, "Name": acl.identity.name})
        to.give(acl, "wafv2.GetWebACL", {"WebACL": tree}, arn)
    for use in to.of(_ASSOCIATION):
        if "/restapis/" not in use.text("ResourceArn"):
            shown = {"WebACL": {"ARN": use.node.at("WebACLArn")}}
            to.give(use, "wafv2.GetWebACLForResource", shown, use.text("ResourceArn"))


def acl_of_stage(to: Telling) -> dict[tuple[str, str], object]:
    """Return where the ARN of the web ACL before a stage stands, by the stage's region and the end of its ARN."""
    found: dict[tuple[str, str], object] = {}
    for use in to.of(_ASSOCIATION):
        _, marked, stage = use.text("ResourceArn").partition("/restapis/")
        if marked:
            found[place_of(use).region, stage] = use.node.at("WebACLArn")
    return found
