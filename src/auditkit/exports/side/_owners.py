"""Whose a scan or a bill of materials is, where its content does not say: by the name of its file.

``<account>/<region>/sarif/<function>.sarif``, ``.../sbom/<function>.cdx.json``, or the ARN, quoted, instead of the
name.
"""

import re
from pathlib import PurePosixPath
from urllib.parse import unquote

from auditkit.exports._reading import Reading
from auditkit.inventory.arn import parse_arn
from auditkit.inventory.records.functions import Function

__all__ = ["arns_in", "owners"]

_SUFFIX = re.compile(r"(?:[._-](?:sarif|cdx|bom|sbom))?\.(?:json|sarif)$", re.IGNORECASE)
_FUNCTION = re.compile(
    r"arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:(?:function:[A-Za-z0-9-_.]+(?::\d+)?|layer:[A-Za-z0-9-_]+:\d+)"
)


def arns_in(*texts: object) -> tuple[str, ...]:
    """Return the ARNs of functions, their versions and layer versions that stand in some texts, sorted."""
    return tuple(sorted({arn for text in texts if isinstance(text, str) for arn in _FUNCTION.findall(text)}))


def owners(file: str, account: str, region: str, reading: Reading) -> tuple[str, ...]:
    """Return the ARN of the function that a file is named after; none where there is none of that name.

    Parameters
    ----------
    file
        Name of the file in sources.
    account, region
        Where to look.
    reading
        When all functions have been read.
    """
    stem = unquote(_SUFFIX.sub("", PurePosixPath(file).name))
    if parse_arn(stem) is not None:
        return (stem,)
    found = reading.find(Function, stem, account=account, region=region) if stem else ()
    return (found[0].id,) if len(found) == 1 else ()
