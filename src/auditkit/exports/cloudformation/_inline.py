"""Code of functions that stands in a template."""

from auditkit.exports._inline import InlineCode
from auditkit.exports._reading import Reading
from auditkit.exports.cloudformation._estate import Estate

__all__ = ["tell_inline"]


def tell_inline(estate: Estate, reading: Reading) -> None:
    """Tell the code that templates hold."""
    code = InlineCode()
    for resource in estate.resources:
        if resource.type != "AWS::Lambda::Function":
            continue
        properties = resource.raw.get("Properties")
        held = properties.get("Code") if isinstance(properties, dict) else None
        if isinstance(held, dict) and "ZipFile" in held:
            at = estate.located(resource.source.at("Properties", "Code", "ZipFile"))
            code.take(held["ZipFile"], at, resource.identity.arn, resource.text("Runtime"))
    code.tell(reading)
