"""AWS WAF in Terraform: web ACLs, and what they stand before."""

from auditkit.exports._answers import Node
from auditkit.exports.terraform._out import Out
from auditkit.exports.terraform._resources import Estate

__all__ = ["acls_of_stages", "translate"]

_ASSOCIATION = "aws_wafv2_web_acl_association"


def translate(estate: Estate, out: Out) -> None:
    """Hand over web ACLs, and the load balancers and user pools that they stand before."""
    for acl in estate.of("aws_wafv2_web_acl"):
        tree = acl.fit("wafv2", "WebACL", rule="Rules", arn="ARN")
        out.give(acl, "wafv2.GetWebACL", {"WebACL": tree}, acl.arn)
    for use in estate.of(_ASSOCIATION):
        if "/restapis/" not in use.text("resource_arn"):
            tree = {"WebACL": {"ARN": use.either("web_acl_arn")}}
            out.give(use, "wafv2.GetWebACLForResource", tree, use.text("resource_arn"))


def acls_of_stages(estate: Estate) -> dict[str, Node | None]:
    """Return the ARN of the web ACL before a stage, by the end of the stage's ARN."""
    found = {}
    for use in estate.of(_ASSOCIATION):
        _, marked, stage = use.text("resource_arn").partition("/restapis/")
        if marked:
            found[stage] = use.either("web_acl_arn")
    return found
