"""What is kept of the value of an environment variable: a digest, where it points to, and whether it is a credential.

The value itself never leaves this module, not even in a message.
"""

import hashlib
import math
import re
from collections import Counter
from typing import Any
from urllib.parse import urlsplit

import msgspec

from auditkit.exports._reading import Reading
from auditkit.inventory import Source
from auditkit.inventory.arn import parse_arn
from auditkit.inventory.record import UNSET, UnsetType
from auditkit.inventory.records.functions import EnvironmentValue

__all__ = ["Collected", "environment", "environment_value"]

_DIGITS = 16
_CREDENTIALS = (
    ("AWS access key id", re.compile(r"(?<![A-Z0-9])(?:AKIA|ASIA)[A-Z2-7]{16}(?![A-Z0-9])")),
    ("private key", re.compile(r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY")),
    ("JSON web token", re.compile(r"\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*")),
    ("GitHub token", re.compile(r"\b(?:gh[opsur]_[A-Za-z0-9]{30,}|github_pat_\w{30,})")),
    ("Slack token", re.compile(r"\bxox[abeoprs]-[\w-]{10,}")),
    ("Stripe key", re.compile(r"\b(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{10,}")),
    ("Google API key", re.compile(r"\bAIza[\w-]{35}")),
    ("SendGrid key", re.compile(r"\bSG\.[\w-]{16,}\.[\w-]{16,}")),
    ("webhook address", re.compile(r"https://hooks\.slack\.com/(?:services|workflows|triggers)/\w+")),
    (
        "password in connection string",
        re.compile(r"(?i)(?:^|[;&?\s])(?:password|pwd|accountkey|sharedaccesskey)=[^;&\s]+"),
    ),
)
_USERINFO = re.compile(r"(?i)^[a-z][a-z0-9+.:-]*://[^/?#\s]*:[^/?#\s]+@")
_PASSWORD_KEY = re.compile(r"(?i)passw(?:or)?d|passphrase|(?:^|_)pass$|(?:^|_)pwd(?:_|$)")
_SECRET_KEY = re.compile(
    r"(?i)secret|token|credential|api_?key|access_?key|private_?key|signing_?key|encryption_?key|license_?key|auth_?key"
    r"|webhook|salt(?:_|$)|(?:^|_)key$|(?:^|_)auth$"
)
_REFERENCE_KEY = re.compile(
    r"(?i)_(?:arns?|names?|ids?|urls?|uri|table|queue|topic|bucket|stream|param(?:eter)?s?|path|prefix|ttl|expir\w*|age|min(?:ute)?s"
    r"|sec(?:ond)?s|hours|days|length|size|enabled|type|hosts?|endpoint|region|alias|file|header|issuer|audience|algorithm"
    r"|version|policy|provider|store|field|column|function|lambda)$|^(?:aws_)?(?:lambda|region)"
)
_PLACEHOLDER = frozenset({"", "true", "false", "yes", "no", "on", "off", "none", "null", "0", "1"})
_OFF = frozenset({"0", "false", "no", "off", "none", "disable", "disabled"})
_ON = frozenset({"1", "true", "yes", "on", "enable", "enabled"})
_VERIFY_KEY = re.compile(
    r"(?i)^(?:NODE_TLS_REJECT_UNAUTHORIZED|PYTHONHTTPSVERIFY)$|(?:^|_)(?:(?:SSL|TLS|CERT|HTTPS)_?VERIF(?:Y|ICATION)(?:_CERTS?|_PEER)?"
    r"|VERIFY_?(?:SSL|TLS|CERTS?|CERTIFICATES?|PEER)|REJECT_UNAUTHORIZED)$"
)
_INSECURE_KEY = re.compile(
    r"(?i)(?:^|_)(?:INSECURE(?:_SKIP_VERIFY|_TLS|_SSL|_CONNECTION)?|(?:SSL|TLS)_(?:NO_VERIFY|INSECURE|SKIP_VERIFY|ALLOW_INVALID\w*)"
    r"|SKIP_(?:SSL|TLS)_VERIF\w+|TRUST_SERVER_CERTIFICATE|DISABLE_(?:SSL|TLS)_VERIF\w+|ALLOW_INSECURE\w*)$"
)
_TLS_KEY = re.compile(
    r"(?i)(?:^|_)(?:USE_?)?(?:SSL|TLS)(?:_?(?:ENABLED?|MODE|REQUIRED?))?$|^PGSSLMODE$|(?:^|_)SSLMODE$|(?:^|_)ENCRYPT$"
)
_PLAINTEXT = re.compile(
    r"(?i)(?:[?&;\s]|^)(?:ssl-?mode=disabled?|(?:use)?ssl=(?:false|0|off)|tls=(?:false|0|off)|encrypt=(?:false|no)|security\.protocol="
    r"(?:PLAINTEXT|SASL_PLAINTEXT))(?:$|[&;\s])"
)
_ACCEPTED = re.compile(r"(?i)(?:[?&;\s]|^)ssl-?mode=(?:allow|prefer(?:red)?)(?:$|[&;\s])")
_UNVERIFIED = re.compile(
    r"(?i)(?:[?&;\s]|^)(?:trustservercertificate=(?:true|yes)|tlsinsecure=true|tlsallowinvalid(?:certificates|hostnames)=true"
    r"|ssl_cert_reqs=none|verifyservercertificate=false|sslvalidate=false)(?:$|[&;\s])"
)
_HOST = re.compile(
    r"(?i)^((?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\.)+[a-z][a-z0-9-]*[a-z0-9]\.?|localhost|\d{1,3}(?:\.\d{1,3}){3})(?::(\d{1,5}))?$"
)
_HOST_KEY = re.compile(
    r"(?i)host|endpoint|server|domain|broker|bootstrap|address|(?:^|_)addr|redis|cache|proxy|url|uri|fqdn|dsn|origin"
)
_AWS_HOST = re.compile(r"(?i)\.(?:amazonaws\.com(?:\.cn)?|api\.aws|on\.aws|cloudfront\.net)\.?$")
_MIN_RANDOM = 16
_MIN_ENTROPY = 3.0


class Collected(msgspec.Struct):
    """What a collector leaves of a value."""

    length: int
    sha256: str = ""
    scheme: str = ""
    host: str = ""
    port: int | None = None
    arn: str = ""
    secret: bool = False
    reason: str = ""


class _Environment(msgspec.Struct, rename="pascal"):
    """API shape ``EnvironmentResponse``."""

    variables: dict[str, Any] | None = None
    error: dict[str, Any] | None = None


def environment(value: object, source: Source, reading: Reading) -> dict[str, EnvironmentValue] | UnsetType | None:
    """Return the variables of a function's ``Environment``.

    Returns
    -------
    dict, UNSET or None
        ``None`` for a function without variables; :data:`UNSET` where Lambda could not decrypt them, or where the shape
        is not understood (noted as not read).
    """
    if value is None:
        return None
    block = reading.decode(_Environment, value, source)
    if block is None:
        return UNSET
    if block.error is not None:
        reading.not_read(source.at("Error"), "environment variables were not readable for whoever made the export")
        return UNSET
    if not block.variables:
        return None
    kept: dict[str, EnvironmentValue] = {}
    for key, content in sorted(block.variables.items()):
        value: str | Collected | None = _plain(content)
        if value is None:
            value = reading.decode(Collected, content, source.at("Variables", key))
        if value is not None:
            kept[key] = environment_value(key, value)
    return kept


def _plain(content: object) -> str | None:
    """Return a value as the text a function would see, ``None`` for what is no plain value."""
    if isinstance(content, bool):
        return "true" if content else "false"
    if content is None:
        return ""
    return str(content) if isinstance(content, str | int | float) else None


def environment_value(key: str, value: str | Collected) -> EnvironmentValue:
    """Return what is kept of a value.

    Parameters
    ----------
    key
        Name of the variable: tells a password from a table's name.
    value
        The plain value, or what a collector left of it.
    """
    if isinstance(value, Collected):
        return _as_collected(value)
    reasons = _credential_reasons(key, value)
    secret = bool(reasons)
    reasons += _transport_reasons(key, value)
    scheme, host, port = _endpoint(key, value)
    return EnvironmentValue(
        length=len(value),
        sha256="" if secret else hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS],
        scheme=scheme,
        host=host,
        port=port,
        arn=value if parse_arn(value) and not secret else "",
        secret=secret,
        reason="; ".join(reasons),
    )


def _as_collected(value: Collected) -> EnvironmentValue:
    """Return what a collector left, cut down to what may be kept: an object may have been written by hand."""
    scheme, host, port = _url(f"{value.scheme or 'none'}://{value.host}") if value.host else ("", "", None)
    return EnvironmentValue(
        length=value.length,
        sha256="" if value.secret else "".join(re.findall(r"[0-9a-f]", value.sha256.lower()))[:_DIGITS],
        scheme=scheme if value.scheme else "",
        host=host,
        port=value.port or port,
        arn=value.arn if parse_arn(value.arn) else "",
        secret=value.secret,
        reason=value.reason if re.fullmatch(r"[A-Za-z ;,'-]{0,120}", value.reason) else "",
    )


def _credential_reasons(key: str, value: str) -> list[str]:
    reasons = [reason for reason, pattern in _CREDENTIALS if pattern.search(value)]
    if _USERINFO.match(value):
        reasons.append("userinfo in URL")
    if not reasons and not _points_elsewhere(key, value):
        if _PASSWORD_KEY.search(key):
            reasons.append("value of a password variable")
        elif _SECRET_KEY.search(key) and _looks_random(value):
            reasons.append("random value of a secret's variable")
    return reasons


def _points_elsewhere(key: str, value: str) -> bool:
    """Return whether a value is a reference to a secret, a switch or a number, and not the secret."""
    return (
        value.strip().lower() in _PLACEHOLDER
        or parse_arn(value) is not None
        or "://" in value
        or _REFERENCE_KEY.search(key) is not None
    )


def _looks_random(value: str) -> bool:
    if len(value) < _MIN_RANDOM or any(character.isspace() for character in value):
        return False
    counts = Counter(value)
    entropy = -sum(count / len(value) * math.log2(count / len(value)) for count in counts.values())
    letters = any(character.isalpha() for character in value)
    digits = any(character.isdigit() for character in value)
    return entropy >= _MIN_ENTROPY and letters and digits


def _transport_reasons(key: str, value: str) -> list[str]:
    plain = value.strip().lower()
    reasons = []
    if (
        (_VERIFY_KEY.search(key) and plain in _OFF)
        or ((_INSECURE_KEY.search(key) or key.upper() == "GIT_SSL_NO_VERIFY") and plain in _ON)
        or _UNVERIFIED.search(value)
    ):
        reasons.append("verification off")
    if (_TLS_KEY.search(key) and plain in _OFF) or _PLAINTEXT.search(value):
        reasons.append("TLS off")
    elif (_TLS_KEY.search(key) and plain in {"allow", "prefer", "preferred"}) or _ACCEPTED.search(value):
        reasons.append("plaintext accepted")
    return reasons


def _endpoint(key: str, value: str) -> tuple[str, str, int | None]:
    """Return scheme, host and port of a value that is a URL or a host name; never user name, path or query."""
    text = value.strip()
    if any(character.isspace() for character in text):
        return "", "", None
    if "://" in text:
        return _url(text.removeprefix("jdbc:"))
    match = _HOST.match(text.split(",", 1)[0])
    if match and (match[2] or _HOST_KEY.search(key) or _AWS_HOST.search(match[1])):
        port = int(match[2]) if match[2] else None
        return "", match[1].rstrip(".").lower(), port
    return "", "", None


def _url(text: str) -> tuple[str, str, int | None]:
    scheme = text.split("://", 1)[0].lower()
    if not re.fullmatch(r"[a-z][a-z0-9+.:-]*", scheme):
        return "", "", None
    authority = re.split(r"[/?#;\\]", text.split("://", 1)[1], maxsplit=1)[0]
    first = authority.rsplit("@", 1)[-1].split(",", 1)[0]
    try:
        parts = urlsplit(f"//{first}")
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return scheme, "", None
    return (scheme, host, port) if re.fullmatch(r"[\w.:%-]*", host) else (scheme, "", None)
