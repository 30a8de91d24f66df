"""Fields of names that hang on other resources: see the forms in ``identities.toml``."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from auditkit.exports.cloudformation._identity import Naming, spelled
from auditkit.exports.cloudformation._values import Symbols

__all__ = ["special_fields"]


class _Fields(msgspec.Struct):
    naming: Naming
    own: Mapping[str, Any]
    symbols: Symbols

    def text(self, key: str) -> str:
        return spelled(self.own.get(key))

    def function(self) -> str:
        """Return the ARN of the function that a version, an alias or a URL is of."""
        name = self.text("FunctionName") or self.text("TargetFunctionArn")
        if name.startswith("arn:"):
            return name
        account, found, bare = name.rpartition(":function:")
        place = account if found and account.isdigit() else self.naming.account
        region, partition = self.naming.region, self.naming.partition
        return f"arn:{partition}:lambda:{region}:{place}:function:{bare or self.naming.logical}"

    def bus(self) -> str:
        """Return the name of a rule's bus and a slash; nothing for the default bus."""
        name = self.text("EventBusName")
        name = name.partition(":event-bus/")[2] if name.startswith("arn:") else name
        return "" if name in {"", "default"} else f"{name}/"

    def machine(self) -> str:
        """Return the ARN of the state machine that an alias is of."""
        for key in ("RoutingConfiguration", "DeploymentPreference"):
            value = self.own.get(key)
            for item in value if isinstance(value, list) else [value]:
                arn = spelled(item.get("StateMachineVersionArn")) if isinstance(item, dict) else ""
                if arn:
                    return arn.rpartition(":")[0]
        return self.symbols.symbol(self.naming.stack, self.naming.logical, "StateMachine")


def special_fields(naming: Naming, own: Mapping[str, Any], symbols: Symbols) -> dict[str, Callable[[], str]]:
    """Return the fields of names that hang on other resources, by name; each is found when it is asked for."""
    fields = _Fields(naming, own, symbols)
    text = fields.text
    return {
        "BALANCER": lambda: text("LoadBalancerArn").partition(":loadbalancer/")[2] or "app/unknown/unknown",
        "BUS": fields.bus,
        "FUNCTION": fields.function,
        "ISSUER": lambda: text("Url").partition("://")[2] or text("Url") or naming.logical,
        "LISTENER": lambda: text("ListenerArn").partition(":listener/")[2] or "app/unknown/unknown/unknown",
        "MACHINE": fields.machine,
        "NAME": lambda: (text("Name") or f"{naming.stack}-{naming.logical}").removeprefix("/"),
        "SCOPE": lambda: "global" if text("Scope") == "CLOUDFRONT" else "regional",
        "TYPE": lambda: {"network": "net", "gateway": "gwy"}.get(text("Type"), "app"),
    }
