"""Who asks: a profile, a role, or a role of the same name in several accounts; and which regions there are to ask."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import boto3
import botocore.session
import msgspec
from botocore.credentials import AssumeRoleCredentialFetcher, DeferredRefreshableCredentials
from botocore.exceptions import BotoCoreError, ClientError, ProfileNotFound, UnknownRegionError

from auditkit.collect.clients import Clients
from auditkit.errors import CollectError

__all__ = ["Access", "Regions", "identity", "regions_of", "sessions"]

_HOME = "us-east-1"
_SESSION_NAME = "auditkit-collect"


class Access(msgspec.Struct, frozen=True, kw_only=True):
    """How the accounts are reached.

    Attributes
    ----------
    profile
        Profile of the AWS configuration, ``""`` for what boto3 finds by itself.
    role_arn
        Role to assume first.
    external_id
        That the roles ask for.
    accounts
        Accounts to ask, each through its role `role_name`; none for the account of the credentials.
    role_name
        Role to assume in each of them.
    endpoint_url
        Address to ask instead of AWS's own.
    """

    profile: str = ""
    role_arn: str = ""
    external_id: str = ""
    accounts: tuple[str, ...] = ()
    role_name: str = ""
    endpoint_url: str = ""


class Regions(msgspec.Struct, frozen=True):
    """Regions of an account, as it says itself; `known` is False where it does not."""

    enabled: tuple[str, ...] = ()
    not_enabled: tuple[str, ...] = ()
    known: bool = True


def sessions(access: Access) -> Iterator[tuple[str, boto3.session.Session]]:
    """Yield a session for each account, and the account where it is known beforehand.

    Credentials of a role are renewed as they run out.

    Raises
    ------
    CollectError
        There is no such profile, or there are no credentials.
    """
    try:
        first = boto3.session.Session(profile_name=access.profile or None)
        credentials = first.get_credentials()
    except (ProfileNotFound, BotoCoreError) as error:
        raise CollectError(str(error)) from error
    if credentials is None:
        raise CollectError("no AWS credentials found; name a profile, or set them as for the AWS command line")
    if access.role_arn:
        first = _assumed(first, access.role_arn, access)
    if not access.accounts:
        yield "", first
        return
    partition = _partition(first)
    for account in access.accounts:
        yield account, _assumed(first, f"arn:{partition}:iam::{account}:role/{access.role_name}", access)


def _partition(session: boto3.session.Session) -> str:
    try:
        return str(session.get_partition_for_region(session.region_name or _HOME))
    except UnknownRegionError as error:
        raise CollectError(str(error)) from error


def _assumed(session: boto3.session.Session, role_arn: str, access: Access) -> boto3.session.Session:
    """Return a session with the credentials of a role, which is assumed when it is first used."""
    region = session.region_name or _HOME
    source: Any = session

    def client(service: str, **credentials: str) -> Any:  # noqa: ANN401 -- boto3 has no types
        return source.client(service, region_name=region, endpoint_url=access.endpoint_url or None, **credentials)

    asked = {"RoleSessionName": _SESSION_NAME}
    if access.external_id:
        asked["ExternalId"] = access.external_id
    fetcher = AssumeRoleCredentialFetcher(client, session.get_credentials(), role_arn, extra_args=asked)
    core = botocore.session.Session()
    core._credentials = DeferredRefreshableCredentials(  # type: ignore[attr-defined]  # noqa: SLF001 -- no other way to credentials that renew themselves
        method="assume-role", refresh_using=fetcher.fetch_credentials
    )
    return boto3.session.Session(botocore_session=core, region_name=region)


def identity(clients: Clients) -> Mapping[str, str]:
    """Return account and ARN of whoever asks, as ``Account`` and ``Arn``, or ``Error`` with the code of a refusal.

    Raises
    ------
    CollectError
        Nobody answers.
    """
    try:
        told = clients.of("sts").get_caller_identity()
    except ClientError as error:
        return {"Error": str(error.response.get("Error", {}).get("Code", ""))}
    except BotoCoreError as error:
        raise CollectError(f"AWS cannot be asked: {error}") from error
    return {"Account": str(told["Account"]), "Arn": str(told["Arn"])}


def regions_of(clients: Clients) -> Regions:
    """Return the regions of an account: as EC2 says, else as the account's own settings say."""
    try:
        told = clients.of("ec2").describe_regions(AllRegions=True)["Regions"]
        return _split({region["RegionName"]: region.get("OptInStatus", "") for region in told}, ("not-opted-in",))
    except (ClientError, BotoCoreError):
        pass
    try:
        pages = clients.of("account").get_paginator("list_regions").paginate()
        told = [region for page in pages for region in page["Regions"]]
    except (ClientError, BotoCoreError):
        return Regions(known=False)
    states = {region["RegionName"]: region["RegionOptStatus"] for region in told}
    return _split(states, ("DISABLED", "DISABLING", "ENABLING"))


def _split(states: Mapping[str, str], off: Sequence[str]) -> Regions:
    enabled = tuple(sorted(name for name, state in states.items() if state not in off))
    return Regions(enabled, tuple(sorted(states.keys() - set(enabled))))
