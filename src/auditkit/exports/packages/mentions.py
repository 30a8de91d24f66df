"""What the text of code names outside itself: hosts, ARNs, and the names of known stores and functions.

Only texts in quotes count, so that links in comments do not; of an address scheme and host are taken, and of other
texts nothing but what is known by name already. Nothing else of the code is kept.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping

from auditkit.inventory import Source
from auditkit.inventory.arn import parse_arn
from auditkit.inventory.evidence.packages import Mention, MentionKind

__all__ = ["mentions_in"]

_SCHEMES = (
    rb"https?|wss?|ftps?|sftp|amqps?|mqtts?|rediss?|postgres(?:ql)?|mysql|mariadb|mongodb(?:\+srv)?|ldaps?|smtps?|kafka"
)
_URL = re.compile(
    rb"[\"'`](?:jdbc:)?(?P<scheme>" + _SCHEMES + rb")://(?:[^\s\"'`/?#@]{1,256}@)?"
    rb"(?P<host>(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,8}[A-Za-z]{2,24})(?=[:/?#\"'`\s,]|$)",
)
_TEXT = re.compile(rb"[\"'`]([A-Za-z0-9_./:@+=,-]{4,512})[\"'`]")
_NOWHERE = re.compile(
    r"(?:.*\.)?(?:example(?:\.com|\.org|\.net)?|test|invalid|localhost|local)\Z"  # RFC 2606
    r"|(?:www\.)?w3\.org\Z|(?:www\.)?json-schema\.org\Z|schemas\..+\Z|(?:www\.)?purl\.org\Z|xmlns\..+\Z|ns\.adobe\.com\Z"
)
_COMMON = frozenset(
    {"body", "data", "default", "dev", "error", "event", "false", "handler", "http", "https", "index", "json", "live"}
    | {"main", "message", "name", "none", "null", "prod", "production", "staging", "status", "test", "text", "true"}
)


def mentions_in(text: bytes, source: Source, names: Mapping[str, tuple[str, ...]]) -> Iterator[Mention]:
    """Yield what a text mentions.

    Parameters
    ----------
    text
        Content of a source or settings file.
    source
        Where it stands.
    names
        Ids of the records that a name may mean.
    """
    lines: list[int] = []

    def line_of(offset: int) -> int:
        if not lines:
            lines.extend(match.start() for match in re.finditer(rb"\n", text))
            lines.append(len(text))
        return bisect_right(lines, offset - 1) + 1

    for match in _URL.finditer(text):
        host = match["host"].decode("ascii").lower()
        if not _NOWHERE.match(host):
            scheme = match["scheme"].decode("ascii").lower()
            yield Mention(MentionKind.HOST, host, scheme, source, line_of(match.start()))
    for match in _TEXT.finditer(text):
        word = match[1].decode("ascii")
        if word.startswith("arn:"):
            if parse_arn(word) is not None:
                yield Mention(MentionKind.ARN, word, "", source, line_of(match.start()))
        elif word in names and word.lower() not in _COMMON:
            for found in names[word]:
                yield Mention(MentionKind.NAME, found, "", source, line_of(match.start()))
