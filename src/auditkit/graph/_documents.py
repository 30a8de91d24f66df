"""Resource policies of the inventory as the policy engine reads them."""

from functools import lru_cache

import msgspec

from auditkit.inventory import PolicyText, Source
from auditkit.policy import Document, PolicyKind, parse

__all__ = ["parsed", "place"]


def parsed(policy: PolicyText) -> Document:
    """Return a resource policy as a document of the policy engine."""
    written = policy.written
    return _parsed_text(msgspec.json.encode(written) if isinstance(written, dict) else written)


def place(policy: PolicyText, pointer: str) -> Source:
    """Return the source of a place in a policy, from the pointer that the policy engine gives."""
    steps = [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]
    return policy.at(*steps)


@lru_cache(maxsize=1 << 14)
def _parsed_text(text: bytes) -> Document:
    return parse(text, kind=PolicyKind.RESOURCE)
