"""Responses of IAM and Organizations."""

from functools import partial

import msgspec

from auditkit.exports._attached import policy_text, tags_of
from auditkit.exports._reading import Handler, Reading, Response
from auditkit.inventory import Source
from auditkit.inventory.record import UNSET, PolicyText, Record, UnsetType
from auditkit.inventory.records.identities import (
    AttachedPolicy,
    FederationProvider,
    Group,
    InlinePolicy,
    ManagedPolicy,
    ManagedVersion,
    Organization,
    OrganizationAccount,
    OrganizationalUnit,
    OrganizationPolicy,
    Role,
    User,
)

__all__ = ["DETAIL_SECTIONS", "HANDLERS", "RawDocuments", "add_detail"]

GLOBAL = "global"
DETAIL_SECTIONS: dict[str, type[Role | User | Group | ManagedPolicy]] = {
    "GroupDetailList": Group,
    "Policies": ManagedPolicy,
    "RoleDetailList": Role,
    "UserDetailList": User,
}
"""Sections of the account authorization details, and the record that an item of each becomes."""


class _Named(msgspec.Struct, rename="pascal"):
    policy_name: str
    policy_document: object = None


_NOTHING = msgspec.Raw()


class _RawNamed(msgspec.Struct, rename="pascal"):
    policy_document: msgspec.Raw = _NOTHING


class _RawVersion(msgspec.Struct, rename="pascal"):
    document: msgspec.Raw = _NOTHING


class RawDocuments(msgspec.Struct, rename="pascal"):
    """The policy documents of an item of the authorization details, not decoded."""

    assume_role_policy_document: msgspec.Raw = _NOTHING
    role_policy_list: tuple[_RawNamed, ...] = ()
    user_policy_list: tuple[_RawNamed, ...] = ()
    group_policy_list: tuple[_RawNamed, ...] = ()
    policy_version_list: tuple[_RawVersion, ...] = ()


class _Profile(msgspec.Struct, rename="pascal"):
    arn: str


class _Version(msgspec.Struct, rename="pascal"):
    document: object = None
    version_id: str | None = None
    is_default_version: bool = False


class _Member(msgspec.Struct, rename="pascal"):
    """What the items of all sections have, besides what their records take."""

    assume_role_policy_document: object = None
    instance_profile_list: tuple[_Profile, ...] | UnsetType = UNSET
    role_policy_list: tuple[_Named, ...] | UnsetType = UNSET
    user_policy_list: tuple[_Named, ...] | UnsetType = UNSET
    group_policy_list: tuple[_Named, ...] | UnsetType = UNSET
    attached_managed_policies: tuple[AttachedPolicy, ...] | UnsetType = UNSET
    group_list: tuple[str, ...] | UnsetType = UNSET
    policy_version_list: tuple[_Version, ...] = ()
    tags: object = UNSET


def _get_account_authorization_details(response: Response, reading: Reading) -> None:
    for section in DETAIL_SECTIONS:
        for _, item, source in reading.items(response, section):
            add_detail(section, item, source, response.account, reading)


def add_detail(
    section: str, item: object, source: Source, account: str, reading: Reading, *, raw: RawDocuments | None = None
) -> Record | None:
    """Add a role, user, group or policy of the account authorization details; return its record, or ``None``.

    Parameters
    ----------
    section
        One of :data:`DETAIL_SECTIONS`.
    item
        The item, decoded from JSON.
    source
        Where it stands.
    account
        Account of the export where it is known; the item's own ARN decides.
    reading
        Takes the record, or a note of what is wrong with it.
    raw
        The documents of the item as they stand in the file, where these are to be kept.
    """
    raws = raw if raw is not None else RawDocuments()
    record = reading.decode(DETAIL_SECTIONS[section], item, source)
    member = reading.decode(_Member, item, source) if record is not None else None
    if record is None or member is None:
        return None
    record.id, record.account, record.region, record.sources = record.arn, account, GLOBAL, (source,)
    record.name = record.arn.rpartition("/")[2]
    if isinstance(record, Role):
        record.role_name = record.role_name or record.name
        record.trust_policy = policy_text(
            member.assume_role_policy_document,
            source.at("AssumeRolePolicyDocument"),
            reading,
            name=record.name,
            raw=raws.assume_role_policy_document or None,
        )
        record.inline_policies = _inline(
            member.role_policy_list, raws.role_policy_list, source.at("RolePolicyList"), reading
        )
        profiles = member.instance_profile_list
        record.instance_profiles = profiles if profiles is UNSET else tuple(profile.arn for profile in profiles)
    elif isinstance(record, User):
        record.user_name = record.user_name or record.name
        listed = () if member.user_policy_list is UNSET else member.user_policy_list  # IAM leaves an empty list out
        record.inline_policies = _inline(listed, raws.user_policy_list, source.at("UserPolicyList"), reading)
        record.groups = member.group_list
    elif isinstance(record, Group):
        record.group_name = record.group_name or record.name
        record.inline_policies = _inline(
            member.group_policy_list, raws.group_policy_list, source.at("GroupPolicyList"), reading
        )
    else:
        record.policy_name = record.policy_name or record.name
        record.document, record.versions = _versions(record, member.policy_version_list, raws, source, reading)
    if not isinstance(record, ManagedPolicy):
        record.attached_policies = member.attached_managed_policies
    if member.tags is not UNSET:
        record.tags = tags_of(member.tags, source.at("Tags"), reading)
    if isinstance(record, ManagedPolicy) and ":iam::aws:" in record.arn:
        record.account = "aws"
    reading.add(record)
    return record


def _inline(
    policies: tuple[_Named, ...] | UnsetType, raws: tuple[_RawNamed, ...], source: Source, reading: Reading
) -> tuple[InlinePolicy, ...] | UnsetType:
    if isinstance(policies, UnsetType):
        return UNSET
    found = []
    for index, policy in enumerate(policies):
        place = source.at(index, "PolicyDocument")
        raw = raws[index].policy_document if index < len(raws) else None
        document = policy_text(policy.policy_document, place, reading, name=policy.policy_name, raw=raw or None)
        if document is None:
            reading.not_read(place, "an inline policy without a document")
        found.append(InlinePolicy(policy.policy_name, document if isinstance(document, PolicyText) else UNSET))
    return tuple(found)


def _versions(
    policy: ManagedPolicy, versions: tuple[_Version, ...], raws: RawDocuments, source: Source, reading: Reading
) -> tuple[PolicyText | UnsetType, tuple[ManagedVersion, ...]]:
    """Return the document that counts, and the versions that do not."""
    counts: PolicyText | UnsetType = UNSET
    others = []
    default = next((one.version_id for one in versions if one.is_default_version), policy.default_version_id)
    for index, version in enumerate(versions):
        place = source.at("PolicyVersionList", index, "Document")
        raw = raws.policy_version_list[index].document if index < len(raws.policy_version_list) else None
        document = policy_text(version.document, place, reading, name=policy.arn, raw=raw or None)
        document = UNSET if document is None else document
        if version.is_default_version or (default and version.version_id == default):
            counts = document if counts is UNSET else counts
        else:
            others.append(ManagedVersion(version.version_id or "", document))
    return counts, tuple(others)


def _list_federation(response: Response, reading: Reading) -> None:
    key = "OpenIDConnectProviderList" if response.operation == "ListOpenIDConnectProviders" else "SAMLProviderList"
    for provider, _, _ in reading.each(response, FederationProvider, key):
        provider.id, provider.region = provider.arn, GLOBAL
        provider.name = provider.arn.partition("-provider/")[2]
        reading.add(provider)


def _describe_organization(response: Response, reading: Reading) -> None:
    if response.payload.get("Organization") is None:
        return
    found = reading.convert(response, Organization, response.payload["Organization"], "Organization")
    if found is not None:
        found.id, found.name = found.arn, found.arn.rpartition("/")[2]
        reading.add(found)


def _list_accounts(response: Response, reading: Reading) -> None:
    for account, item, _ in reading.each(response, OrganizationAccount, "Accounts"):
        account.id, account.name = account.arn, str(item.get("Name") or account.account_id)
        _add_path(account, reading)
        reading.add(account)


def _add_path(account: OrganizationAccount, reading: Reading) -> None:
    """Add the units of an account's path (``o-.../r-.../ou-.../123456789012/``), each with the one above it."""
    for path in account.paths[:1]:
        steps = [step for step in path.split("/") if step.startswith(("r-", "ou-"))]
        for above, below in zip([None, *steps], steps, strict=False):
            _add_unit(below, above, account, reading)
        if steps:
            account.parent = steps[-1]


def _add_unit(unit: str, above: str | UnsetType | None, account: Record, reading: Reading) -> None:
    reading.add(
        OrganizationalUnit(
            id=unit, account=account.account, region=GLOBAL, name=unit, sources=account.sources, parent=above
        )
    )


def _list_roots(response: Response, reading: Reading) -> None:
    for root, item, _ in reading.each(response, OrganizationalUnit, "Roots"):
        root.id, root.name, root.parent = str(item.get("Id") or root.arn or ""), "", None
        root.name = root.id
        reading.add(root)


def _list_organizational_units(response: Response, reading: Reading) -> None:
    above = response.argument()
    for unit, item, source in reading.each(response, OrganizationalUnit, "OrganizationalUnits"):
        identity = item.get("Id")
        if not isinstance(identity, str) or not identity:
            reading.not_read(source, "a unit without an id")
            continue
        unit.id = unit.name = identity
        unit.parent = above or UNSET
        reading.add(unit)


def _list_parents(response: Response, reading: Reading) -> None:
    child = response.argument()
    for index, item, source in reading.items(response, "Parents"):
        parent = item.get("Id")
        if not isinstance(parent, str) or not parent:
            reading.not_read(source, "a parent without an id")
            continue
        known = reading.convert(response, OrganizationalUnit, {}, "Parents", index)
        if known is None:
            continue
        known.id = known.name = parent
        known.parent = None if parent.startswith("r-") else UNSET
        reading.add(known)
        if child.startswith("ou-"):
            _add_unit(child, parent, known, reading)
        else:
            reading.later(partial(_set_parent, account=child, parent=parent, source=source))


def _set_parent(reading: Reading, *, account: str, parent: str, source: Source) -> None:
    for record in reading.find(OrganizationAccount):
        if record.account_id == account:
            reading.enrich(OrganizationAccount, record.id, source, parent=parent)


def _list_policies(response: Response, reading: Reading) -> None:
    for policy, item, _ in reading.each(response, OrganizationPolicy, "Policies"):
        policy.id, policy.name = policy.arn, str(item.get("Name") or policy.policy_id)
        reading.add(policy)


def _describe_policy(response: Response, reading: Reading) -> None:
    summary = reading.value(dict, response, "Policy", "PolicySummary")
    if summary is None:
        return
    policy = reading.convert(response, OrganizationPolicy, summary, "Policy", "PolicySummary")
    if policy is None:
        return
    policy.id, policy.name = policy.arn, str(summary.get("Name") or policy.policy_id)
    content = reading.value(dict, response, "Policy") or {}
    document = policy_text(content.get("Content"), response.at("Policy", "Content"), reading, name=policy.name)
    policy.document = UNSET if document is None else document
    reading.add(policy)


class _Target(msgspec.Struct, rename="pascal"):
    target_id: str


def _list_targets_for_policy(response: Response, reading: Reading) -> None:
    found = [reading.decode(_Target, item, source) for _, item, source in reading.items(response, "Targets")]
    if None in found:
        return
    targets = tuple(sorted(target.target_id for target in found if target is not None))
    source, policy = response.at("Targets"), response.argument()
    reading.later(partial(_set_targets, policy=policy, targets=targets, source=source))


def _set_targets(reading: Reading, *, policy: str, targets: tuple[str, ...], source: Source) -> None:
    found = [record for record in reading.find(OrganizationPolicy) if policy in {record.policy_id, record.id}]
    for record in found:
        reading.enrich(OrganizationPolicy, record.id, source, targets=targets)
    if not found:
        reading.not_read(source, f"no file describes the organization policy {policy[:160]!a} that this belongs to")


HANDLERS: dict[tuple[str, str], Handler] = {
    ("iam", "GetAccountAuthorizationDetails"): _get_account_authorization_details,
    ("iam", "ListOpenIDConnectProviders"): _list_federation,
    ("iam", "ListSAMLProviders"): _list_federation,
    ("organizations", "DescribeOrganization"): _describe_organization,
    ("organizations", "DescribePolicy"): _describe_policy,
    ("organizations", "ListAccounts"): _list_accounts,
    ("organizations", "ListOrganizationalUnitsForParent"): _list_organizational_units,
    ("organizations", "ListParents"): _list_parents,
    ("organizations", "ListPolicies"): _list_policies,
    ("organizations", "ListRoots"): _list_roots,
    ("organizations", "ListTargetsForPolicy"): _list_targets_for_policy,
}
