"""Every function a perimeter: whom resource policies and trust policies let in."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from auditkit.areas.answers import Answer, Rule, failed, not_applicable, passed, unknown, warned
from auditkit.areas.model import Severity
from auditkit.areas.origins import Origin, accounts_acted_for, named_origins
from auditkit.areas.scene import Scene, is_given, not_decided
from auditkit.graph.outsiders import Opening, openings_of_policy
from auditkit.graph.schema import INTERNET, AccessLevel, EdgeKind
from auditkit.inventory import Kind, PolicyText, Record, UnsetType
from auditkit.inventory.records.buckets import Bucket, BucketAcl, OwnershipControls, PublicAccessBlock
from auditkit.inventory.records.functions import Function, FunctionAlias, FunctionVersion

__all__ = ["RULES", "ignores_lists", "is_whole_account"]

_BY_URL = frozenset({"lambda:functionurlauthtype", "lambda:invokedviafunctionurl"})
_SENDS = frozenset({AccessLevel.WRITE, AccessLevel.ADMIN})
_TAKES_IN = (Kind.QUEUE, Kind.TOPIC, Kind.EVENT_BUS, Kind.BUCKET, Kind.STREAM)
_UNSIGNED = frozenset({Kind.BUCKET, Kind.QUEUE, Kind.TOPIC})


class _Holder(NamedTuple):
    """A function, version or alias with a policy of its own, and the function it belongs to."""

    function: str
    place: str
    record: Function | FunctionVersion | FunctionAlias


def _holders(scene: Scene) -> Iterator[_Holder]:
    for function in scene.functions:
        yield _Holder(function.id, "", function)
        for alias in scene.aliases.get(function.id, ()):
            yield _Holder(function.id, f"alias {alias.name}", alias)
    for version in scene.inventory.of(FunctionVersion):
        yield _Holder(version.id.rpartition(":")[0], f"version {version.version}", version)


# ------------------------------------------------------------- who may invoke


def invoke_policy(scene: Scene) -> Iterator[Answer]:
    """Judge the policy of every function, version and alias, outsider by outsider."""
    for function, place, record in _holders(scene):
        if isinstance(record.policy, UnsetType):
            if not place:
                yield unknown(function, "lambda:GetPolicy", at=record.source)
        elif record.policy is None:
            if not place:
                yield passed(function, "it has no resource policy", at=record.source)
        else:
            yield from _invokers(scene, function, place, record, record.policy)


def _invokers(scene: Scene, function: str, place: str, record: Record, policy: PolicyText) -> Iterator[Answer]:
    openings = [
        *openings_of_policy(policy, resource=record.id, owner=record.account, unsigned=False, known=scene.own_accounts)
    ]
    by_url = [one for one in openings if _BY_URL & {key.lower() for key in one.conditions}]
    found = [one for one in openings if "lambda:InvokeFunction" in one.actions and one not in by_url]
    told = (_invoker(scene, function, place, opening) for opening in _by_themselves(found))
    answers = dict.fromkeys(answer for answer in told if answer is not None)
    pinned = [*_takeovers(function, place, policy), *_acted_for(scene, function, place, policy, "invoke it")]
    yield from answers
    yield from pinned
    if not answers and not pinned:
        said = "its policy lets in only who it names, pinned to a source"
        yield passed(function, said + ", apart from who calls its URL" * bool(by_url), at=policy.source, place=place)


def _by_themselves(openings: Iterable[Opening]) -> Iterator[Opening]:
    """Yield openings but those of named outsiders that rest on nothing but what lets anyone in."""
    every = [*openings]
    anyone = {source for one in every if one.outsider == "*" and one.certain for source in one.sources}
    return (one for one in every if one.outsider == "*" or not anyone.issuperset(one.sources))


def _invoker(scene: Scene, function: str, place: str, opening: Opening) -> Answer | None:
    outsider = opening.outsider
    where = f"{place}, {outsider}".lstrip(", ")
    if opening.unknown:
        return unknown(function, opening.unknown, at=opening.sources, place=where)
    if outsider == "*":
        if opening.conditions:
            keys = ", ".join(opening.conditions)
            return warned(function, f"anyone may invoke it who meets {keys}", at=opening.sources, place=where)
        why = "anyone with an AWS account may invoke it"
        return failed(
            function, why, at=opening.sources, place=where, severity=Severity.CRITICAL, weighed="open to anyone"
        )
    if opening.of_service:
        said = f"{outsider} may invoke it for any account: neither aws:SourceArn nor aws:SourceAccount pins it"
        if outsider.startswith("alexa-"):
            said = f"{outsider} may invoke it for any skill: no id of one pins it (lambda:EventSourceToken)"
        return failed(function, said, at=opening.sources, place=where)
    trusted = scene.trusted(outsider)
    if trusted:
        return None
    keys = f" if it meets {', '.join(opening.conditions)}" if opening.conditions else " without a condition"
    return warned(function, f"another account, {outsider}, may invoke it{keys}", at=opening.sources, place=where)


def _acted_for(scene: Scene, what: Record | str, place: str, policy: PolicyText, may: str) -> Iterator[Answer]:
    """Yield a WARN for every account that is not trusted and for which a service is."""
    for account, service, at in accounts_acted_for(policy, scene.own_accounts):
        if not scene.trusted(account):
            where = f"{place}, {service} for {account}".lstrip(", ")
            yield warned(what, f"{service} may {may} for another account, {account}", at=at, place=where)


def _takeovers(function: str, place: str, policy: PolicyText) -> Iterator[Answer]:
    """Yield a WARN for every bucket that may invoke by its name alone: names change hands."""
    for origin in named_origins(policy):
        if origin.service == "s3" and not origin.account_pinned:
            said = f"S3 may invoke it for {origin.arn}, whoever owns it (no aws:SourceAccount): names change hands"
            yield warned(function, said, at=origin.source, place=f"{place}, {origin.arn}".lstrip(", "))


# ---------------------------------------------------------- dangling triggers


def dangling_trigger(scene: Scene) -> Iterator[Answer]:
    """Judge whether the sources that a function's policy trusts still exist."""
    for function, place, record in _holders(scene):
        if not isinstance(record.policy, PolicyText):
            if not place:
                yield (
                    unknown(function, "lambda:GetPolicy", at=record.source)
                    if isinstance(record.policy, UnsetType)
                    else not_applicable(function, "it has no resource policy", at=record.source)
                )
            continue
        for origin in named_origins(record.policy):
            yield _dangling(scene, function, place, origin)


def _dangling(scene: Scene, function: str, place: str, origin: Origin) -> Answer:
    where = f"{place}, {origin.arn}".lstrip(", ")
    exists = origin.exists(scene)
    if exists is None:
        return unknown(function, origin.listing or f"the owner of {origin.arn}", at=origin.source, place=where)
    if exists:
        return passed(function, f"{origin.arn} exists", at=origin.source, place=where)
    if origin.service == "s3" and not origin.account_pinned:
        said = f"its policy trusts {origin.arn}, which is gone: whoever registers the name may invoke it"
        why = "anyone can register the name"
        return failed(function, said, at=origin.source, place=where, severity=Severity.HIGH, weighed=why)
    return warned(function, f"its policy trusts {origin.arn}, which is gone", at=origin.source, place=where)


# --------------------------------------------------- who may write into stores


def resource_policy_sources(scene: Scene) -> Iterator[Answer]:
    """Judge who outside may send to queues, topics, buses, streams and buckets."""
    for record in scene.inventory:
        if record.kind in _TAKES_IN:
            yield from _senders(scene, record)


def _senders(scene: Scene, record: Record) -> Iterator[Answer]:
    policy = getattr(record, "policy", None)
    if isinstance(policy, UnsetType):
        yield unknown(record, "its resource policy", at=record.source)
        return
    listed = _by_list(scene, record) if isinstance(record, Bucket) else None
    if listed is not None:
        yield listed
    if policy is None:
        if listed is None:
            yield passed(record, "it has no resource policy: only its own account may send", at=record.source)
        return
    openings = openings_of_policy(
        policy, resource=record.id, owner=record.account, unsigned=record.kind in _UNSIGNED, known=scene.own_accounts
    )
    if record.kind is Kind.BUCKET:
        openings = tuple(_shielded(scene, record, openings))
    sending = (opening for opening in openings if opening.access in _SENDS)
    answers = [_sender(scene, record, opening) for opening in _by_themselves(sending)]
    told = (answer for answer in answers if answer is not None)
    found = dict.fromkeys((*told, *_acted_for(scene, record, "", policy, "send to it")))
    yield from found
    if not found:
        yield passed(record, "its policy lets nobody outside send to it without pinning who", at=policy.source)


def _by_list(scene: Scene, bucket: Bucket) -> Answer | None:
    """Return who may send to a bucket by its access control list, as the graph has it; ``None`` for nobody."""
    acl = bucket.acl
    if not isinstance(acl, BucketAcl):
        return unknown(bucket, "s3:GetBucketAcl", at=bucket.source, place="list") if not ignores_lists(bucket) else None
    ways = [
        edge
        for origin, edge in scene.from_outside(bucket.id, EdgeKind.PERMITS)
        if origin == INTERNET and edge.access in _SENDS and any(one.lies_in(acl.source) for one in edge.sources)
    ]
    at = [source for edge in ways for source in edge.sources]
    if any(is_given(edge) for edge in ways):
        return failed(bucket, "its access control list lets anyone write", at=at, place="list")
    if ways:
        return unknown(bucket, not_decided(ways) or ["its access control list"], at=at, place="list")
    return None


def ignores_lists(bucket: Bucket) -> bool:
    """Return whether no access control list of a bucket counts, whatever it says."""
    block, controls = bucket.public_access_block, bucket.ownership_controls
    if isinstance(block, PublicAccessBlock) and block.ignore_public_acls:
        return True
    rules = controls.rules if isinstance(controls, OwnershipControls) else ()
    return any(rule.object_ownership == "BucketOwnerEnforced" for rule in rules)


def _shielded(scene: Scene, record: Record, openings: Iterable[Opening]) -> Iterator[Opening]:
    """Yield openings as far as no public-access block stands before the policy: as the graph has them."""
    ways = {edge.access: edge for origin, edge in scene.from_outside(record.id, EdgeKind.PERMITS) if origin == INTERNET}
    for opening in openings:
        if opening.outsider != "*":
            yield opening
        elif opening.access in ways:
            yield opening._replace(unknown=ways[opening.access].unknown)


def _sender(scene: Scene, record: Record, opening: Opening) -> Answer | None:
    outsider, what = opening.outsider, ", ".join(action.partition(":")[2] for action in opening.actions[:3])
    if opening.unknown:
        return unknown(record, opening.unknown, at=opening.sources, place=outsider)
    if outsider == "*":
        if opening.conditions:
            said = f"anyone may {what} who meets {', '.join(opening.conditions)}"
            return warned(record, said, at=opening.sources, place=outsider)
        return failed(record, f"anyone may {what}", at=opening.sources, place=outsider)
    if opening.of_service:
        said = f"{outsider} may {what} for any account: neither aws:SourceArn nor aws:SourceAccount pins it"
        return failed(record, said, at=opening.sources, place=outsider)
    if scene.trusted(outsider):
        return None
    keys = f" if it meets {', '.join(opening.conditions)}" if opening.conditions else " without a condition"
    said = f"another account, {outsider}, may {what}{keys}"
    if is_whole_account(outsider) and not opening.conditions:
        return failed(record, said, at=opening.sources, place=outsider)
    return warned(record, said, at=opening.sources, place=outsider)


def is_whole_account(principal: str) -> bool:
    """Return whether a principal of a policy is a whole account, not one role or user of it."""
    return principal.isdigit() or principal.endswith(":root")


RULES: dict[str, Rule] = {
    "perim.invoke-policy": invoke_policy,
    "perim.dangling-trigger": dangling_trigger,
    "perim.resource-policy-sources": resource_policy_sources,
}
