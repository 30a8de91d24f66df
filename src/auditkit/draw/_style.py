"""Colours, chips and words that all pictures share.

White text on a chip has a contrast of at least 4.5:1 (WCAG 2.1, success criterion 1.4.3; a test holds the palette to
it). No meaning is carried by colour alone: families have a chip with a word, weak hops are dashed and thicker,
severities have a letter.
"""

from enum import StrEnum

import msgspec

from auditkit.cells import plain_text
from auditkit.graph.schema import Sensitivity
from auditkit.inventory import Kind

__all__ = ["FAMILY", "FONT", "LANES", "SENSITIVITY_CHIP", "Chip", "Family", "chip", "family", "shorten", "wrap"]

FONT = "DejaVu Sans"


class Family(StrEnum):
    """Group of kinds that share a colour and, in a diagram, a lane."""

    OUTSIDE = "outside"
    ENTRY = "entry"
    COMPUTE = "compute"
    EVENT = "event"
    STORE = "store"
    PRINCIPAL = "principal"


class Chip(msgspec.Struct, frozen=True):
    """A small coloured box with a word or a letter in white.

    Attributes
    ----------
    text
        What stands in it.
    colour
        Background, ``#rrggbb``.
    meaning
        For the legend.
    """

    text: str
    colour: str
    meaning: str = ""


COLOUR: dict[Family, str] = {
    Family.OUTSIDE: "#4f5b66",
    Family.ENTRY: "#5e3c99",
    Family.COMPUTE: "#b35806",
    Family.EVENT: "#9e1b66",
    Family.STORE: "#0b5394",
    Family.PRINCIPAL: "#00694e",
}

_FAMILY_KINDS: dict[Family, tuple[Kind, ...]] = {
    Family.OUTSIDE: (Kind.INTERNET, Kind.THIRD_PARTY, Kind.API_DESTINATION, Kind.CONNECTION),
    Family.ENTRY: (
        Kind.REST_API,
        Kind.HTTP_API,
        Kind.WEBSOCKET_API,
        Kind.GRAPHQL_API,
        Kind.ROUTE,
        Kind.AUTHORIZER,
        Kind.FUNCTION_URL,
        Kind.LOAD_BALANCER,
        Kind.LISTENER,
        Kind.TARGET_GROUP,
        Kind.DISTRIBUTION,
        Kind.USER_POOL,
        Kind.IDENTITY_POOL,
        Kind.AGENT,
        Kind.AGENT_GATEWAY,
        Kind.IOT_RULE,
        Kind.DOMAIN_NAME,
    ),
    Family.COMPUTE: (
        Kind.FUNCTION,
        Kind.FUNCTION_VERSION,
        Kind.FUNCTION_ALIAS,
        Kind.LAYER,
        Kind.STATE_MACHINE,
        Kind.CONTAINER_SERVICE,
        Kind.INSTANCE,
    ),
    Family.EVENT: (
        Kind.QUEUE,
        Kind.TOPIC,
        Kind.STREAM,
        Kind.TABLE_STREAM,
        Kind.DELIVERY_STREAM,
        Kind.EVENT_BUS,
        Kind.RULE,
        Kind.SCHEDULE,
        Kind.PIPE,
        Kind.SUBSCRIPTION,
        Kind.EVENT_SOURCE_MAPPING,
        Kind.ARCHIVE,
        Kind.KAFKA_CLUSTER,
        Kind.BROKER,
    ),
    Family.PRINCIPAL: (
        Kind.ROLE,
        Kind.USER,
        Kind.GROUP,
        Kind.MANAGED_POLICY,
        Kind.SERVICE,
        Kind.ACCOUNT,
        Kind.FEDERATION,
        Kind.ANONYMOUS,
        Kind.GRANT,
        Kind.SCOPE,
        Kind.ORGANIZATION_POLICY,
    ),
}
FAMILY: dict[Kind, Family] = {kind: group for group, kinds in _FAMILY_KINDS.items() for kind in kinds}
"""Family of each kind; what is not listed is a store."""

_CHIP_TEXT: dict[Kind, str] = {
    Kind.FUNCTION: "Lambda",
    Kind.STATE_MACHINE: "Steps",
    Kind.REST_API: "REST",
    Kind.HTTP_API: "HTTP",
    Kind.WEBSOCKET_API: "WS",
    Kind.GRAPHQL_API: "GraphQL",
    Kind.FUNCTION_URL: "URL",
    Kind.LOAD_BALANCER: "ALB",
    Kind.DISTRIBUTION: "CDN",
    Kind.USER_POOL: "Cognito",
    Kind.IDENTITY_POOL: "Identity",
    Kind.INTERNET: "Internet",
    Kind.THIRD_PARTY: "3rd party",
    Kind.API_DESTINATION: "API dest.",
    Kind.DELIVERY_STREAM: "Firehose",
    Kind.EVENT_BUS: "Bus",
    Kind.KAFKA_CLUSTER: "Kafka",
    Kind.SEARCH_DOMAIN: "Search",
    Kind.FILE_SYSTEM: "Files",
    Kind.LOG_GROUP: "Logs",
    Kind.TABLE_STREAM: "Stream",
    Kind.DATABASE_PROXY: "Proxy",
    Kind.CONTAINER_SERVICE: "ECS",
    Kind.EVENT_SOURCE_MAPPING: "Mapping",
    Kind.AGENT_GATEWAY: "Gateway",
    Kind.REPOSITORY: "Images",
}

LANES: dict[Family, str] = {
    Family.ENTRY: "Entries",
    Family.COMPUTE: "Functions",
    Family.EVENT: "Events and queues",
    Family.STORE: "Data stores",
    Family.PRINCIPAL: "Principals",
}
"""Heading of each lane inside an account, in the order data usually takes."""

SENSITIVITY_CHIP: dict[Sensitivity, Chip] = {
    Sensitivity.RESTRICTED: Chip("R", "#a50f15", "restricted"),
    Sensitivity.CONFIDENTIAL: Chip("C", "#a04000", "confidential"),
    Sensitivity.INTERNAL: Chip("I", "#4f6d7a", "internal"),
    Sensitivity.PUBLIC: Chip("P", "#3d7a3d", "public"),
    Sensitivity.UNKNOWN: Chip("?", "#6b6b6b", "not classified"),
}


def family(kind: Kind) -> Family:
    """Return the family of a kind."""
    return FAMILY.get(kind, Family.STORE)


def chip(kind: Kind) -> Chip:
    """Return the chip of a kind: its word on its family's colour."""
    return Chip(_CHIP_TEXT.get(kind, kind.value[:1].upper() + kind.value[1:]), COLOUR[family(kind)], family(kind).value)


def shorten(text: str, length: int = 34) -> str:
    """Return the text with control characters made visible, its middle left out past ``length``."""
    plain = plain_text(text)
    if len(plain) <= length:
        return plain
    head = (length - 1) * 3 // 5
    return f"{plain[:head]}…{plain[-(length - 1 - head) :]}"


def wrap(text: str, width: int = 22, lines: int = 2) -> list[str]:
    """Return the text on at most ``lines`` lines of about ``width`` characters, broken at its own separators."""
    left = shorten(text, width * lines)
    out: list[str] = []
    while len(left) > width and len(out) < lines - 1:
        cut = max((left.rfind(sep, width // 3, width) for sep in "-_/.: "), default=-1)
        cut = cut + 1 if cut > 0 else width
        out.append(left[:cut])
        left = left[cut:]
    out.append(left)
    return out
