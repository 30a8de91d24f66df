"""Data at rest: who gets at it, under whose key, and whether it can be got back."""

from collections.abc import Iterator

from auditkit.areas.answers import Answer, Rule, failed, found_none, not_applicable, passed, some, unknown, warned
from auditkit.areas.owners import team_of
from auditkit.areas.reach import RANK
from auditkit.areas.rules._addresses import open_servers
from auditkit.areas.rules._snapshots import open_snapshots
from auditkit.areas.rules.policies import ignores_lists, is_whole_account
from auditkit.areas.scene import Scene, is_given
from auditkit.graph._documents import parsed, place
from auditkit.graph.outsiders import Opening, openings_of_policy
from auditkit.graph.schema import INTERNET, AccessLevel, Edge, EdgeKind, EntryKind, Sensitivity
from auditkit.inventory import STORE_KINDS, Kind, PolicyText, Record, UnsetType
from auditkit.inventory.arn import parse_arn
from auditkit.inventory.records.buckets import Bucket
from auditkit.inventory.records.filesystems import FileSystem
from auditkit.inventory.records.keys import Key, KeyMetadata

__all__ = ["RULES"]

_BY_POLICY = frozenset(
    {
        Kind.BUCKET,
        Kind.QUEUE,
        Kind.TOPIC,
        Kind.TABLE,
        Kind.STREAM,
        Kind.SECRET,
        Kind.REPOSITORY,
        Kind.SEARCH_DOMAIN,
        Kind.KAFKA_CLUSTER,
    }
)
"""Kinds that a policy of their own may open to anyone."""
_SHARED = STORE_KINDS - {Kind.LOG_GROUP, Kind.KEY, Kind.SECRET}
_LEVELS = (AccessLevel.READ, AccessLevel.WRITE, AccessLevel.DELETE, AccessLevel.ADMIN, AccessLevel.METADATA)
_NEAR = 2.0
_BY_MOUNT_TARGET = "elasticfilesystem:accessedviamounttarget"


# --------------------------------------------------------------------- public


def public_store(scene: Scene) -> Iterator[Answer]:
    """Judge whether anyone gets into a store."""
    for record in scene.inventory:
        if record.kind in _BY_POLICY:
            yield _open_store(scene, record)
    yield from open_servers(scene)
    yield from open_snapshots(scene)
    for system in scene.inventory.of(FileSystem):
        yield _open_files(scene, system)


def _by_level(ways: list[Edge]) -> str:
    """Return what edges permit, one level of access after the other: reading first."""
    told = (edge.label for level in (*_LEVELS, None) for edge in ways if edge.access is level)
    return "; ".join(dict.fromkeys(told))


def _open_store(scene: Scene, record: Record) -> Answer:
    ways = [edge for origin, edge in scene.from_outside(record.id, EdgeKind.PERMITS) if origin == INTERNET]
    sure = [edge for edge in ways if is_given(edge)]
    at = [source for edge in ways for source in edge.sources]
    if sure:
        actions = _by_level(sure)
        unseen = some(sorted({edge.unknown for edge in sure} - {""}))
        return failed(record, f"anyone may {actions}{f', unless {unseen}, not seen, bars it' if unseen else ''}", at=at)
    missing = sorted({edge.unknown for edge in ways} - {""})
    if missing:
        return unknown(record, missing, at=at)
    if ways:
        keys = some(sorted({key for edge in ways for key in edge.conditions}))
        return warned(record, f"anyone gets in who meets {keys}", at=at)
    if isinstance(getattr(record, "policy", None), UnsetType):
        return unknown(record, "its resource policy", at=record.source)
    if isinstance(record, Bucket) and isinstance(record.acl, UnsetType) and not ignores_lists(record):
        return unknown(record, "s3:GetBucketAcl", at=record.source)
    handed_out = _handed_out(scene, record) if isinstance(record, Bucket) else None
    return handed_out or passed(record, "neither its policy nor a list lets anyone in", at=record.sources)


def _handed_out(scene: Scene, bucket: Bucket) -> Answer | None:
    """Return what is wrong with what distributions hand out of a bucket to anyone; None where that is meant to be."""
    sensitivity = scene.nodes[bucket.id].sensitivity
    served = [
        (behavior, edge)
        for behavior, edge in scene.into(bucket.id, EdgeKind.PERMITS, permitted=False)
        if edge.access is AccessLevel.READ and scene.is_of_distribution(behavior)
        if scene.nodes[behavior].entry is EntryKind.ANONYMOUS
    ]
    if not served or sensitivity is Sensitivity.PUBLIC:
        return None
    names = some(scene.label(behavior) for behavior, _ in served)
    at = [source for _, edge in served for source in edge.sources]
    if sensitivity not in RANK:
        return unknown(bucket, f"whether it is for everyone, as {names} hands it out: its sensitivity", at=at)
    if not any(_asks_nobody(scene, behavior) for behavior, _ in served):
        return unknown(bucket, f"whether a function before {names} refuses strangers", at=at)
    return failed(bucket, f"{names} hands it out to anyone: viewers need neither signature nor certificate", at=at)


def _asks_nobody(scene: Scene, behavior: str) -> bool:
    ways = (edge for origin, edge in scene.into(behavior, EdgeKind.DELIVERS, permitted=False) if origin == INTERNET)
    return any(edge.factors is not None and edge.factors.authentication.low == 1 for edge in ways)


def _open_files(scene: Scene, system: FileSystem) -> Answer:
    """Judge the policy of a file system; who may mount it still has to reach a mount target."""
    policy = system.policy
    if isinstance(policy, UnsetType):
        return unknown(system, "efs:DescribeFileSystemPolicy", at=system.source)
    if policy is None:
        return passed(
            system, "it has no policy: whoever reaches a mount target in its VPC may mount it", at=system.source
        )
    inside = {
        place(policy, statement.pointer)
        for statement in parsed(policy).statements
        if any(condition.key.lower() == _BY_MOUNT_TARGET for condition in statement.conditions)
    }
    openings = openings_of_policy(
        policy, resource=system.id, owner=system.account, unsigned=True, known=scene.own_accounts, named=False
    )
    wide = [one for one in openings if one.certain and not inside.issuperset(one.sources)]
    if not wide and (missing := dict.fromkeys(one.unknown for one in openings if one.unknown)):
        return unknown(system, missing, at=[source for one in openings if one.unknown for source in one.sources])
    if not wide:
        return passed(system, "its policy lets in only who it names, or who comes by a mount target", at=policy.source)
    actions = some(dict.fromkeys(action.partition(":")[2] for one in wide for action in one.actions))
    said = f"its policy lets anyone {actions} who reaches a mount target, of any account"
    return failed(system, said, at=[source for one in wide for source in one.sources])


# ---------------------------------------------------------------------- keys


def key_policy(scene: Scene) -> Iterator[Answer]:
    """Judge who outside may use a key, by its policy and by its grants."""
    for key in scene.inventory.of(Key):
        metadata = key.metadata
        if isinstance(metadata, KeyMetadata) and metadata.key_manager == "AWS":
            yield not_applicable(key, "AWS manages it, and its policy cannot be changed", at=key.source)
            continue
        answers = dict.fromkeys((*_users(scene, key), *_grantees(scene, key)))
        yield from answers
        if isinstance(key.policy, UnsetType):
            yield unknown(key, "kms:GetKeyPolicy", at=key.source)
        elif isinstance(key.grants, UnsetType):
            yield unknown(key, "kms:ListGrants", at=key.source, place="grants")
        elif not answers:
            yield passed(key, "neither its policy nor a grant lets an outsider use it", at=key.sources)


def _users(scene: Scene, key: Key) -> Iterator[Answer]:
    if not isinstance(key.policy, PolicyText):
        return
    openings = openings_of_policy(
        key.policy, resource=key.id, owner=key.account, unsigned=False, known=scene.own_accounts, services=False
    )
    alike: dict[tuple[str, str, tuple[str, ...]], list[Opening]] = {}
    for opening in openings:
        if opening.access is not AccessLevel.METADATA:
            alike.setdefault((opening.outsider, opening.unknown, opening.conditions), []).append(opening)
    for (outsider, missing, conditions), found in alike.items():
        at = [source for opening in found for source in opening.sources]
        what = some(action.partition(":")[2] for opening in found for action in opening.actions)
        if missing:
            yield unknown(key, missing, at=at, place=outsider)
        elif outsider == "*" and not conditions:
            yield failed(key, f"anyone with an AWS account may {what}", at=at, place=outsider)
        elif outsider == "*":
            yield warned(key, f"anyone may {what} who meets {some(conditions)}", at=at, place=outsider)
        elif not scene.trusted(outsider):
            who = (
                "every principal of another account" if is_whole_account(outsider) else "a principal of another account"
            )
            yield warned(key, f"{who}, {outsider}, may {what}", at=at, place=outsider)


def _grantees(scene: Scene, key: Key) -> Iterator[Answer]:
    for grant in key.grants if isinstance(key.grants, tuple) else ():
        arn = parse_arn(grant.grantee_principal or "")
        if arn is None or arn.account in {"", *scene.own_accounts} or scene.trusted(arn.account):
            continue
        said = f"a grant lets {grant.grantee_principal} of another account {some(grant.operations)}"
        yield warned(key, said, at=grant.source, place=f"grant {grant.grant_id}")


# ----------------------------------------------------------------- shared data


def multi_writer(scene: Scene) -> Iterator[Answer]:
    """Judge whether functions of different owners meet in a store that the outside can write to."""
    for store, node in scene.nodes.items():
        if node.kind not in _SHARED or not node.exists:
            continue
        writers = [*scene.into(store, EdgeKind.WRITES, permitted=False)]
        readers = [*scene.out_of(store, EdgeKind.READS, permitted=False)]
        ends = {name for name, _ in (*writers, *readers)}
        if len(ends) < 2:  # noqa: PLR2004
            continue
        yield _met(scene, store, writers, readers)


def _met(scene: Scene, store: str, writers: list[tuple[str, Edge]], readers: list[tuple[str, Edge]]) -> Answer:
    teams = {name: team_of(scene.nodes[name].tags) for name, _ in (*writers, *readers)}
    at = [source for _, edge in (*writers, *readers) for source in edge.sources]
    untold = sorted(str(scene.nodes[name].label) for name, team in teams.items() if not team)
    for writer, _ in writers:
        for reader, _ in readers:
            apart = teams[writer] and teams[reader] and teams[writer] != teams[reader]
            if apart and scene.reach.access(writer).cost <= _NEAR:
                one, other = (scene.nodes[name].label for name in (writer, reader))
                said = (
                    f"{one} of {teams[writer]} writes what {other} of {teams[reader]} reads, and the outside reaches it"
                )
                return failed(store, said, at=at)
    if untold:
        return unknown(store, f"who owns {some(untold)} (tags)", at=at)
    return found_none(store, "what writes to it from outside and what reads it belong to one owner", at=at)


# -------------------------------------------------------------- classification


def classification(scene: Scene) -> Iterator[Answer]:
    """Tell which stores are classified, and how that is known."""
    for store, node in scene.nodes.items():
        if node.kind is Kind.KEY:
            continue  # what it opens is classified
        if node.kind not in STORE_KINDS or not node.exists or node.boundary.kind not in {"account", "VPC"}:
            continue
        sensitivity = node.sensitivity
        if sensitivity in RANK:
            yield passed(store, f"{sensitivity.value}: {node.sensitivity_reason}", at=node.sources)
        else:
            said = "its sensitivity is not known: no tag, no entry in the case, and nothing that flows into it tells"
            yield warned(store, said, at=node.sources)


RULES: dict[str, Rule] = {
    "rest.public-store": public_store,
    "rest.key-policy": key_policy,
    "rest.multi-writer": multi_writer,
    "rest.classification": classification,
}
