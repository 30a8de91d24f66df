"""What is kept of values that may be secrets: their shape, never the value.

Two uses, one rule: the collector replaces such values before anything is written, and a reader does the same with an
export in which they stand in clear.
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import SplitResult, parse_qsl, urlsplit

import msgspec

from auditkit.exports._scripts import assignments, decoded
from auditkit.exports._secret_places import PLACES, Keep
from auditkit.inventory.integrations import uri_kept
from auditkit.inventory.origins import endpoint_kept, origin
from auditkit.inventory.records.functions import EnvironmentValue

__all__ = ["credential_in", "environment_value", "named_like_a_credential", "reduced", "why_secret"]

_DIGEST = 16

# Credentials that give themselves away by their form, whatever they are called.
_CREDENTIALS = {
    "AWS access key id": r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b",
    "private key": r"-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)",
    "JSON web token": r"\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*",
    "payment provider key": r"\b[sr]k_(?:live|test)_\w{8,}",
    "source host token": r"\b(?:gh[pousr]_\w{30,}|github_pat_\w{30,}|glpat-[\w-]{16,})",
    "chat token": r"\bxox[abprs]-[\w-]{10,}",
    "mail provider key": r"\bSG\.[\w-]{16,}\.[\w-]{16,}",
    "maps or mobile platform key": r"\bAIza[\w-]{30,}",
    "AI provider key": r"\bsk-(?:proj-|ant-|svcacct-)[\w-]{20,}|\bsk-[A-Za-z0-9]{32,}\b|\bhf_[A-Za-z0-9]{30,}",
    "package registry token": r"\bnpm_[A-Za-z0-9]{36}\b|\bpypi-[\w-]{50,}",
    "shop or hosting token": r"\bshp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}\b|\bdop_v1_[0-9a-f]{64}\b",
    "web hook": r"(?<=://)(?:hooks\.slack\.com/(?:services|workflows|triggers)/[\w/]{16,}"
    r"|(?:\w+\.)?discord(?:app)?\.com/api/webhooks/\d+/[\w-]{16,}|[\w.-]+\.webhook\.office\.com/webhookb2/\S{16,})",
    "userinfo in URL": r"(?<=://)[^\s/:@'\"]*:[^\s/@'\"]+(?=@)",
}
_CREDENTIAL = re.compile("|".join(f"(?P<g{number}>{form})" for number, form in enumerate(_CREDENTIALS.values())))
_REASONS = dict(zip((f"g{number}" for number in range(len(_CREDENTIALS))), _CREDENTIALS, strict=True))

_SECRET_KEY = re.compile(
    r"(?:pass(?:word|wd|phrase|code)?|pwd|secret|token|(?:\b|_)(?:salt|pepper)|api_?key|private_?key|access_?key|credentials?|signing_?key"
    r"|client_?secret|(?:secret|encryption|jwt|session|auth|master|hmac|cookie|shared)_?key)$",
    re.IGNORECASE,
)
# What is so named is the secret itself: nobody calls the name of one so.
_ITSELF_KEY = re.compile(
    r"(?:(?:jwt|session|cookie|csrf|signing|hmac|auth|flask|django|webhook)_?secret(?:_?key)?"
    r"|(?:jwt|signing|hmac|secret|flask|django)_?key)$",
    re.IGNORECASE,
)
_PASSWORD_KEY = re.compile(r"(?:pass(?:word|wd|phrase|code)?|pwd)$", re.IGNORECASE)
_NAME = re.compile(r"[a-z]{2,}(?:[-_.][a-z]+)*")  # of a secret kept elsewhere: words, without a digit
_WORD = re.compile(r"[a-z]{8,}")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)  # of a key in KMS
_KMS_KEY = re.compile(r"(?:encryption|master|shared)_?key$", re.IGNORECASE)
_WEAK = frozenset(
    {"admin", "changeit", "changeme", "default", "letmein", "password", "root", "secret", "test", "welcome"}
)
_IN_CONNECTION = re.compile(
    r"(?:^|[;,\s])(?:password|pwd|account_?key|shared_?access_?key|client_?secret)\s*=\s*(?![{$<*])[^;,\s]{3,}(?:[;,\s]|$)",
    re.IGNORECASE,
)
_SECRET_PARAMETER = re.compile(r"^(?:password|pwd|secret|token|api_?key|sig|signature)$", re.IGNORECASE)
_ARN = re.compile(r"arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:(?:\d{12}|aws)?:[^\s\"']+")
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?"
_TOP_LEVEL = (
    "com|org|net|io|dev|app|co|cloud|ai|info|biz|eu|uk|de|fr|nl|es|it|us|ca|au|jp|cn|in|br|ch|ie|se|"
    "aws|internal|local|example|test"
)
_HOST = re.compile(rf"((?:{_LABEL}\.)+(?:{_TOP_LEVEL}))(?::(\d{{1,5}}))?", re.IGNORECASE)
_REFERENCE = re.compile(
    r"/[\w./-]+|\{\{resolve:.*\}\}|\$\{.*\}|[a-z0-9_.-]+(?:/[a-z0-9_.-]+)+|(?:true|false|\d{1,6}|\*+)", re.IGNORECASE
)
_DENSE = re.compile(r"(?=.*[a-z])(?=.*[A-Z])(?=.*\d)[A-Za-z0-9+/_=-]{32,}")
_DENSE_TEXT = "dense text like a key"
_PLACEHOLDER = re.compile(r"\{\{resolve:[^{}]*\}\}")
_RESOLVED = re.compile(r"\{\{resolve:(?:(?P<secure>secretsmanager|ssm-secure)|ssm):")
_WRITTEN_OUT = "written out at deployment"
_FIELDS = (  # of JSON text, and of JSON text inside a string of it
    re.compile(r'(?P<before>"(?P<key>[^"\\]{1,100})"\s*:\s*")(?P<value>(?:[^"\\]|\\.)*)(?=")', re.DOTALL),
    re.compile(r'(?P<before>\\{1,7}"(?P<key>[^"\\]{1,100})\\{1,7}"\s*:\s*\\{1,7}")(?P<value>[^"\\]*)(?=\\{1,7}")'),
)
_OFF = frozenset({"0", "false", "no", "off", "none", "disable", "disabled"})
_ON = frozenset({"1", "true", "yes", "on", "enable", "enabled"})
# Names of switches: what they do when they are off, or on.
_SWITCHES = (
    (
        re.compile(
            r"NODE_TLS_REJECT_UNAUTHORIZED|PYTHONHTTPSVERIFY|(?:.*_)?(?:(?:SSL|TLS|CERT|HTTPS)_?VERIF(?:Y|ICATION)"
            r"(?:_CERTS?|_PEER)?|VERIFY_?(?:SSL|TLS|CERTS?|CERTIFICATES?|PEER)|REJECT_UNAUTHORIZED)",
            re.IGNORECASE,
        ),
        _OFF,
        "verification off",
    ),
    (
        re.compile(
            r"(?:.*_)?(?:SSL_NO_VERIFY|(?:TLS|SSL)_(?:SKIP_VERIFY|INSECURE)|INSECURE(?:_SKIP_VERIFY|_TLS|_SSL)?"
            r"|SKIP_(?:SSL|TLS)_VERIF\w+|DISABLE_(?:SSL|TLS)_VERIF\w+|TRUST_SERVER_CERTIFICATE)",
            re.IGNORECASE,
        ),
        _ON,
        "verification off",
    ),
    (
        re.compile(
            r"(?:.*_)?(?:PG|DB_?|REDIS_?|MYSQL_?)?(?:USE_?)?(?:SSL|TLS|ENCRYPT)(?:_?(?:ENABLED?|MODE|REQUIRED?))?",
            re.IGNORECASE,
        ),
        _OFF,
        "TLS off",
    ),
)
_OPEN_PARAMETER = re.compile(
    r"(?:^|[?&;\s,])((?:ssl-?mode|ssl|tls|verify|verify_ssl|sslverify|usessl|encrypt|verifyservercertificate|sslvalidate"
    r"|ssl_cert_reqs)=(?:disable|disabled|false|0|no|off|none)|ssl-?mode=(?:allow|prefer|preferred)"
    r"|(?:trustservercertificate|tlsinsecure|tlsallowinvalidcertificates|tlsallowinvalidhostnames)=(?:true|yes|1)"
    r"|security\.protocol=(?:sasl_)?plaintext)\b",
    re.IGNORECASE,
)


def environment_value(value: str, *, key: str = "") -> EnvironmentValue:
    """Return what may be kept of the value of an environment variable.

    Parameters
    ----------
    value
        The value in clear. It is in no field of the result, save where the whole of it is an ARN.
    key
        Name of the variable, which helps to tell a credential from a name.

    Returns
    -------
    EnvironmentValue
        Length in characters, first 16 hexadecimal digits of the SHA-256 (none of a credential: the digest of a short
        one can be guessed), and what can be told of scheme, host, port and secrecy.
    """
    url = _url(value)
    host = _HOST.fullmatch(value.strip()) if url is None else None
    secret = _why_secret(value, key, url) or _why_resolved(value, key)
    return EnvironmentValue(
        length=len(value),
        sha256="" if secret else hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGEST],
        scheme=url.scheme.lower() if url else "",
        host=(url.hostname or "") if url else (host.group(1).lower() if host else ""),
        port=_port(url) if url else (int(host.group(2)) if host and host.group(2) else None),
        arn=value if _ARN.fullmatch(value) else "",
        secret=bool(secret),
        reason="; ".join(reason for reason in (secret, _why_open(value, key)) if reason),
    )


def named_like_a_credential(name: str) -> bool:
    """Return whether a name, or the last part of a path, is one that credentials have: ``/shop/db/password``."""
    return _SECRET_KEY.search(name.rpartition("/")[2].replace("-", "_").replace(".", "_")) is not None


def why_secret(value: str, key: str) -> str:
    """Return why a value is taken for a secret, ``""`` where it is not; dense text alone may be many things."""
    reason = _why_secret(value, key, _url(value))
    return "" if reason == _DENSE_TEXT else reason


def credential_in(text: str) -> str:
    """Return what gives itself away in a text as a credential by its form alone, ``""`` where nothing does."""
    found = _CREDENTIAL.search(text)
    return _REASONS[found.lastgroup or ""] if found else ""


def _url(value: str) -> SplitResult | None:
    text = _PLACEHOLDER.sub("resolved", value.strip().removeprefix("jdbc:"))
    if "://" not in text or any(character.isspace() for character in text):
        return None
    try:
        url = urlsplit(text)
    except ValueError:  # an address in brackets that is none
        return None
    return url if url.scheme and url.hostname else None


def _port(url: SplitResult) -> int | None:
    try:
        return url.port
    except ValueError:  # not a number, or above 65535
        return None


def _why_secret(value: str, key: str, url: SplitResult | None) -> str:
    if found := credential_in(value):
        return found
    if url is not None:
        named = any(_SECRET_PARAMETER.match(name) for name, _ in parse_qsl(url.query))
        return "credential in the query of a URL" if named else ""
    if not value.strip() or _ARN.fullmatch(value) or _HOST.fullmatch(value.strip()):
        return ""
    if _SECRET_KEY.search(key) and not _REFERENCE.fullmatch(value):
        return "" if _names_one(value, key) else "named like a credential"
    if "=" in value and _IN_CONNECTION.search(value):
        return "password in a connection string"
    if value.lstrip().startswith(("{", "[")) and _text("", value) != value:
        return "a field named like a credential"
    return _DENSE_TEXT if _DENSE.fullmatch(value) else ""


def _why_resolved(value: str, key: str) -> str:
    """Say why a value is a secret that a template takes from elsewhere: what is deployed holds it in clear.

    CloudFormation User Guide, Get a secret or secret value from Secrets Manager, Considerations: it "may show up in
    the service whose resource it's being used in".
    """
    source = _RESOLVED.search(value)
    return _WRITTEN_OUT if source and (source["secure"] or _SECRET_KEY.search(key)) else ""


def _names_one(value: str, key: str) -> bool:
    """Return whether a value is taken for the name of a secret that is kept elsewhere, or the id of a key in KMS."""
    if _KMS_KEY.search(key) and _UUID.fullmatch(value):
        return True
    if not _NAME.fullmatch(value) or value in _WEAK or _PASSWORD_KEY.search(key) or _ITSELF_KEY.search(key):
        return False
    return not (_WORD.fullmatch(value) and re.search(r"secret|pass|key|token", value))


def _why_open(value: str, key: str) -> str:
    plain = value.strip().lower()
    for name, settings, meaning in _SWITCHES:
        if plain in settings and name.fullmatch(key):
            return meaning
    found = _OPEN_PARAMETER.search(value)
    return found.group(1).lower() if found else ""


_NAMES = ("Name", "name", "Key", "key", "ParameterKey", "OutputKey")
_VALUES = frozenset({"Value", "value", "ParameterValue", "ResolvedValue", "OutputValue"})

Change = Callable[[str, Any], Any]


def _digest(key: str, value: Any) -> Any:  # noqa: ANN401 -- any JSON value
    if not isinstance(value, str):
        return value
    kept = msgspec.to_builtins(environment_value(value, key=key))
    defaults: dict[str, object] = {"scheme": "", "host": "", "port": None, "arn": "", "reason": ""}
    return {name: part for name, part in kept.items() if name not in defaults or part != defaults[name]}


def _script(_: str, value: Any) -> Any:  # noqa: ANN401 -- any JSON value
    """Reduce a text of several words or lines to its shape, with why it holds a secret."""
    if not isinstance(value, str):
        return value
    text = decoded(value) or value
    set_to = (name for name, assigned in assignments(text) if why_secret(assigned, name.replace("-", "_")))
    reason = credential_in(text) or next((f"{name} is set to it in a text" for name in set_to), "")
    return {"length": len(value), "secret": bool(reason)} | ({"reason": reason} if reason else {})


def _literal(key: str, value: Any) -> Any:  # noqa: ANN401 -- any JSON value
    """Reduce the constants of a parameter mapping (``"'abc'"``); references (``"method.request..."``) stay."""
    constant = isinstance(value, str) and value.startswith("'") and value.endswith("'")
    return _digest(key, value[1:-1]) if constant else value


def _origin(_: str, value: Any) -> Any:  # noqa: ANN401 -- any JSON value
    """Reduce an address to scheme, host and port: the path of a web hook is often its password."""
    return origin(value) if isinstance(value, str) else value


def _backend(_: str, value: Any) -> Any:  # noqa: ANN401 -- any JSON value
    """Reduce the address of a backend to scheme, host and port; an ARN stays."""
    return uri_kept(value) if isinstance(value, str) else value


def _text(_: str, value: Any) -> Any:  # noqa: ANN401 -- any JSON value
    """Take out of JSON, or of a template of it, the values of fields that are named like a secret."""
    if not isinstance(value, str):
        return value
    for field in _FIELDS:
        value = field.sub(_field_kept, value)
    return value


def _field_kept(found: re.Match[str]) -> str:
    key, content = found["key"].replace("-", "_"), found["value"]
    if key.endswith(".$") or content.startswith(("{%", "<")):  # taken from elsewhere when it runs
        return found.group()
    reason = "named like a credential" if key.lower() == "authorization" else _why_secret(content, key, _url(content))
    if not reason or reason == _DENSE_TEXT:  # names of states are long words too
        return found.group()
    return f"{found['before']}[removed: {reason}]"


def _named(_: str, value: Any) -> Any:  # noqa: ANN401 -- any JSON value
    """Reduce the value of an object that has a name and a value; the name of a secret that is kept elsewhere stays."""
    if not isinstance(value, dict) or value.get("type", "PLAINTEXT") != "PLAINTEXT":
        return value
    name = next((value[field] for field in _NAMES if field in value), "")
    return {field: _digest(str(name), part) if field in _VALUES else part for field, part in value.items()}


def _subscription(_: str, value: Any) -> Any:  # noqa: ANN401 -- any JSON value
    """Reduce the endpoint of a subscription, by its protocol."""
    if not isinstance(value, dict) or not isinstance(value.get("Endpoint"), str):
        return value
    return {**value, "Endpoint": endpoint_kept(str(value.get("Protocol")), value["Endpoint"])}


def _schedule(_: str, value: Any) -> Any:  # noqa: ANN401 -- any JSON value
    """Reduce the input of a schedule: that of a call to a service names resources, any other is for code alone."""
    if not isinstance(value, dict) or "Input" not in value:
        return value
    calls = ":scheduler:::aws-sdk:" in str(value.get("Arn"))
    return {**value, "Input": (_text if calls else _digest)("Input", value["Input"])}


def _overwritten(key: str, value: Any) -> Any:  # noqa: ANN401 -- any JSON value
    """Reduce what a header or query parameter is set to; expressions and names of resources stay."""
    constant = isinstance(value, str) and not value.startswith("$") and key.startswith(("append:", "overwrite:"))
    return _digest(key, value) if constant else value


_CHANGES: Mapping[Keep, Change] = {
    Keep.NOTHING: lambda _key, _value: None,
    Keep.SCRIPT: _script,
    Keep.SHAPE: _digest,
    Keep.ORIGIN: _origin,
    Keep.BACKEND: _backend,
    Keep.REFERENCE: _literal,
    Keep.EXPRESSION: _overwritten,
    Keep.TEXT: _text,
    Keep.NAMED: _named,
    Keep.SUBSCRIPTION: _subscription,
    Keep.SCHEDULE: _schedule,
}


def reduced(service: str, operation: str, response: dict[str, Any]) -> dict[str, Any]:
    """Return a response in which every value that may be a secret is replaced.

    Environment and stage variables, API keys, client secrets, header values and tokens become objects with the fields
    of :class:`~auditkit.inventory.records.functions.EnvironmentValue`; presigned download addresses are dropped;
    anything else that has the form of a credential, wherever it stands, becomes ``"[removed: ...]"``.

    Parameters
    ----------
    service, operation
        The call, by botocore's names.
    response
        Its response; it is left as it is.
    """
    result: Any = response
    for path, keep in PLACES.get((service, operation), ()):
        result = _changed(result, path, keep, "")
    cleaned: dict[str, Any] = _scrubbed(result)
    return cleaned


def _changed(value: Any, path: tuple[str, ...], keep: Keep, key: str) -> Any:  # noqa: ANN401 -- any JSON value
    """Reduce what a path leads to: ``*`` is every item or member, ``**`` all that is below."""
    if not path:
        return _CHANGES[keep](key, value)
    step, rest = path[0], path[1:]
    if step == "**":
        return _changed_below(value, rest, keep, key)
    if isinstance(value, list) and step == "*":
        return [_changed(item, rest, keep, key) for item in value]
    if not isinstance(value, dict):
        return value
    if keep is Keep.NOTHING and not rest:
        return {name: item for name, item in value.items() if name != step}
    return {name: _changed(item, rest, keep, name) if step in {"*", name} else item for name, item in value.items()}


def _changed_below(value: Any, path: tuple[str, ...], keep: Keep, key: str) -> Any:  # noqa: ANN401 -- any JSON value
    if isinstance(value, list):
        return [_changed_below(item, path, keep, key) for item in value]
    if not isinstance(value, dict):
        return value
    below = {name: _changed_below(item, path, keep, name) for name, item in value.items()}
    return _changed(below, path, keep, key)


def _scrubbed(value: Any) -> Any:  # noqa: ANN401 -- any JSON value
    if isinstance(value, str):
        return _CREDENTIAL.sub(lambda found: f"[removed: {_REASONS[found.lastgroup or '']}]", value)
    if isinstance(value, dict):
        return {key: _scrubbed(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_scrubbed(item) for item in value]
    return value
