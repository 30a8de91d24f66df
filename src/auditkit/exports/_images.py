"""Which functions run a container image."""

import re

from auditkit.exports._reading import Reading
from auditkit.inventory.records.functions import Function

__all__ = ["digests_in", "functions_of_images"]

_DIGEST = re.compile(r"\bsha256:[0-9a-f]{64}\b")


def digests_in(*texts: object) -> frozenset[str]:
    """Return the digests (``"sha256:..."``) that stand in some texts."""
    return frozenset(digest for text in texts if isinstance(text, str) for digest in _DIGEST.findall(text))


def functions_of_images(digests: frozenset[str], reading: Reading) -> tuple[str, ...]:
    """Return the ARNs of the functions that run one of some images, sorted; when all functions have been read."""
    if not digests:
        return ()
    found = {
        function.id
        for function in reading.find(Function)
        if digests & digests_in(function.resolved_image_uri, function.image_uri)
    }
    return tuple(sorted(found))
