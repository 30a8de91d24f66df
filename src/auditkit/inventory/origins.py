"""What may be kept of an address: where it leads, never what gives access to it."""

import re
from urllib.parse import urlsplit

__all__ = ["endpoint_kept", "origin"]

_SCHEME = re.compile(r"^(?P<prefix>jdbc:)?(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://", re.ASCII)


def origin(address: str) -> str:
    """Return scheme, host and port of an address; user name, password, path, query and fragment are dropped.

    Parameters
    ----------
    address
        A URL, a JDBC URL or a bare host name.

    Returns
    -------
    str
        ``"https://api.example.com"``, ``"jdbc:redshift://host:5439"``, ``"host.example.com"``; ``""`` where no host can
        be made out, so that nothing unknown is kept.
    """
    text = address.strip()
    match = _SCHEME.match(text)
    prefix = match["prefix"] or "" if match else ""
    try:
        parts = urlsplit(text[len(prefix) :] if match else f"//{text}")
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return ""
    if not host:
        return ""
    if ":" in host:
        host = f"[{host}]"
    scheme = f"{prefix}{parts.scheme}://" if parts.scheme else ""
    return f"{scheme}{host}" if port is None else f"{scheme}{host}:{port}"


def endpoint_kept(protocol: str, endpoint: str) -> str:
    """Return what may be kept of the endpoint of an SNS subscription.

    Addresses and telephone numbers of persons are personal data, and the path or query of a web hook is often its
    password.

    Parameters
    ----------
    protocol
        Protocol of the subscription: ``"lambda"``, ``"https"``, ``"email"`` ...
    endpoint
        Its endpoint as SNS gives it, or as it was kept already.

    Returns
    -------
    str
        The ARN of a resource; scheme and host of a web hook; ``"@domain"`` of a mail address; the platform application
        of a mobile endpoint; ``""`` for anything else.
    """
    if protocol in {"http", "https"}:
        return origin(endpoint)
    if protocol.startswith("email"):
        _, at, domain = endpoint.rpartition("@")
        return f"@{domain.lower()}" if at else ""
    if not endpoint.startswith("arn:"):
        return ""
    return endpoint.rpartition("/")[0] if protocol == "application" and endpoint.count("/") > 2 else endpoint  # noqa: PLR2004 -- endpoint/PLATFORM/APP/device
