"""What may be kept of an address: where it leads, never what gives access to it."""

import re

__all__ = ["endpoint_kept", "origin"]

_ADDRESS = re.compile(
    r"""(?P<scheme>(?:jdbc:)?[A-Za-z][A-Za-z0-9+.-]*://)?
        (?:[^/?#\\]*@)?                                        # user name and password
        (?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_-][A-Za-z0-9._-]*)
        (?P<port>:[0-9]{1,5})?
        (?:[/?#\\].*)?""",
    re.ASCII | re.DOTALL | re.VERBOSE,
)


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
    match = _ADDRESS.fullmatch(address.strip())
    if match is None:
        return ""
    return f"{(match['scheme'] or '')}{match['host']}".lower() + (match["port"] or "")


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
