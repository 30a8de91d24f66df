"""Host names: which are AWS's own, which are private, which are a third party's."""

import ipaddress
import re

from auditkit.graph._refs import Reference, reference
from auditkit.inventory import Kind
from auditkit.inventory.arn import UNKNOWN_REGION

__all__ = ["host_of", "host_reference", "is_private"]

_AWS = re.compile(
    r"(?:.+\.)?(?:amazonaws\.com(?:\.cn)?|amazonaws\.eu|api\.aws|on\.aws|awsapps\.com|cloudfront\.net|"
    r"awsglobalaccelerator\.com|amazoncognito\.com|elasticbeanstalk\.com|awsapprunner\.com|amplifyapp\.com)\Z"
)
_BUCKET = re.compile(
    r"(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\.s3(?:[.-](?:dualstack\.|website[.-]|fips\.)?"
    rf"(?:[a-z]{{2}}[a-z0-9-]*-\d|{UNKNOWN_REGION}))?\.amazonaws\.com(?P<cn>\.cn)?\Z"
)
_API = re.compile(
    r"(?P<api>[a-z0-9]+)(?:-vpce-[a-z0-9]+)?\.execute-api\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(\.cn)?\Z"
)
_SERVICE = re.compile(
    r"(?P<service>[a-z0-9-]+)(?:\.(?:[a-z]{2}(?:-[a-z]+)+-\d|unknown-region))?(?:\.(?:vpce))?\.amazonaws\.com(?:\.cn)?\Z"
)
_PRIVATE_SUFFIXES = (".internal", ".local", ".lan", ".corp", ".home.arpa", ".localdomain", ".intranet", ".private")


def host_of(host: str) -> str:
    """Return a host name in its one spelling: lower case, without brackets, trailing dot and port."""
    text = host.strip().lower().rstrip(".")
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.rpartition(":")[0] if text.count(":") == 1 else text


def is_private(host: str) -> bool:
    """Return whether a host name or address is one that the internet cannot resolve or route."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "." not in host or host.endswith(_PRIVATE_SUFFIXES)
    return not address.is_global


def host_reference(host: str) -> Reference:
    """Return what a host name points at.

    Parameters
    ----------
    host
        Host name or address, with or without port.

    Returns
    -------
    Reference
        A bucket by its virtual host, ``service:...`` for an endpoint of an AWS service, ``host:...`` for a host of an
        AWS resource (a database, an API, a distribution) or a private one, and ``thirdparty:...`` for all others.
    """
    name = host_of(host)
    bucket = _BUCKET.match(name)
    if bucket:
        return reference(f"arn:{'aws-cn' if bucket['cn'] else 'aws'}:s3:::{bucket['bucket']}")
    if _AWS.match(name):
        service = _SERVICE.match(name)
        if service:
            return reference(f"{service['service']}.amazonaws.com")
        api = _API.match(name)
        return Reference(f"host:{name}", Kind.HOST, name, region=api["region"] if api else "")
    if is_private(name):
        return Reference(f"host:{name}", Kind.HOST, name)
    return Reference(f"thirdparty:{name}", Kind.THIRD_PARTY, name)
