"""What environment and code of a function refer to: stores by name, ARN or address, other functions, hosts outside.

A reference alone moves nothing. It becomes a hop where the function's role permits to read or to write what is referred
to; where the permissions are not known, both directions are drawn and say so. A database, a cache and a broker are
reached over the network with a password, so that no permission is asked for; but for DAX, which asks for one.
"""

import re
from collections.abc import Iterable, Iterator

from auditkit.graph._build import Builder, Said
from auditkit.graph._hosts import host_reference
from auditkit.graph._refs import reference, split_arn
from auditkit.graph.edges._names import CALL_ACTIONS, DATA_ACTIONS, bucket_of, by_digest, by_host
from auditkit.graph.factors import Level
from auditkit.graph.grounds import what_is_missing
from auditkit.graph.permissions import Permissions, permissions_of
from auditkit.graph.schema import AccessLevel, Edge, EdgeKind, Evidence, Interval, View
from auditkit.graph.store_factors import store_factors
from auditkit.inventory import STORE_KINDS, Inventory, Kind, Record, Source
from auditkit.inventory.arn import partition_of
from auditkit.inventory.evidence.packages import CodePackage, Mention, MentionKind
from auditkit.inventory.records.functions import (
    EnvironmentValue,
    Function,
    FunctionConfiguration,
    FunctionVersion,
)
from auditkit.policy import Grant, Outcome

__all__ = ["SETTINGS", "connect", "connect_versions", "doubts"]

SETTINGS = ("environment", "role", "vpc_config", "code_sha256")
"""What of a version decides what it refers to, and how."""

_CALLED = frozenset({Kind.FUNCTION, Kind.STATE_MACHINE})
_APIS = frozenset({Kind.REST_API, Kind.HTTP_API, Kind.WEBSOCKET_API, Kind.GRAPHQL_API})
_BY_PASSWORD = frozenset({Kind.DATABASE, Kind.DATABASE_PROXY, Kind.CACHE, Kind.BROKER})
_NAMED = STORE_KINDS | _CALLED
_HINTS = {
    Kind.BUCKET: "bucket|s3",
    Kind.TABLE: "table|ddb|dynamo",
    Kind.QUEUE: "queue|sqs|dlq",
    Kind.TOPIC: "topic|sns",
    Kind.STREAM: "stream|kinesis",
    Kind.DELIVERY_STREAM: "firehose|delivery",
    Kind.EVENT_BUS: "bus|event",
    Kind.SECRET: "secret|credential",
    Kind.PARAMETER: "param|ssm",
    Kind.KEY: "key|kms",
    Kind.LOG_GROUP: "log",
    Kind.REPOSITORY: "repo|ecr|image",
    Kind.FUNCTION: "function|lambda|fn",
    Kind.STATE_MACHINE: "machine|workflow|sfn|step",
    Kind.DATABASE: "db|database|cluster",
    Kind.CACHE: "cache|redis|valkey",
    Kind.SEARCH_DOMAIN: "search|domain|elastic",
}
_HOPS = {
    Kind.FUNCTION: "function->lambda",
    Kind.STATE_MACHINE: "function->states",
    Kind.REST_API: "function->execute-api",
    Kind.HTTP_API: "function->execute-api",
    Kind.WEBSOCKET_API: "function->execute-api",
    Kind.HOST: "function->onprem",
    Kind.THIRD_PARTY: "function->third-party-url",
}
_SHORT = 3
_COMMON = frozenset({"default", "prod", "production", "dev", "test", "live", "main", "staging", "stage", "app"})
_OF_NO_NETWORK = frozenset(
    {"awskms", "awssm", "classpath", "dynamodb", "env", "file", "kms", "secretsmanager", "sqs", "ssm"}
)
"""Schemes whose host is a folder, or a name that a library looks up."""
_PLAIN_SCHEMES = frozenset({"http", "ws", "ftp", "redis", "amqp", "mqtt", "ldap", "smtp", "tcp", "telnet"})
_TLS_SCHEMES = frozenset({"https", "wss", "rediss", "amqps", "mqtts", "ldaps", "smtps", "ftps", "sftp", "ssh"})
_UNVERIFIED = re.compile(
    r"verification off|verify|sslvalidate|ssl_cert_reqs|trustservercertificate|tlsinsecure|tlsallow"
)
_PLAINTEXT = re.compile(
    r"TLS off|(?:ssl-?mode|ssl|usessl|tls|encrypt)=(?:disabled?|false|0|no|off|none)|=(?:sasl_)?plaintext"
)
_ACCEPTED = re.compile(r"ssl-?mode=(?:allow|prefer(?:red)?)")


def connect(build: Builder) -> None:
    """Say what the variables and the code of functions refer to."""
    index = _Index(build.inventory)
    for function in build.inventory.of(Function):
        variables = function.environment if isinstance(function.environment, dict) else {}
        mentions = index.mentions.get(function.id, ())
        if variables or mentions:
            _Variables(build, index, function, variables).connect(mentions)


def connect_versions(build: Builder, versions: Iterable[tuple[Function, FunctionVersion]]) -> None:
    """Say what the variables and the code of versions in use refer to, as far as it is not what ``$LATEST`` does."""
    index: _Index | None = None
    for function, version in versions:
        if any(getattr(version, name) != getattr(function, name) for name in SETTINGS):
            index = index or _Index(build.inventory)
            variables = version.environment if isinstance(version.environment, dict) else {}
            _Variables(build, index, function, variables, version).connect(index.mentions.get(version.id, ()))


class _Index:
    """The names and hosts of an inventory, and its permissions."""

    def __init__(self, inventory: Inventory) -> None:
        self.digests = by_digest(inventory, _NAMED)
        self.hosts = by_host(inventory)
        self.permissions: Permissions = permissions_of(inventory)
        self.mentions: dict[str, list[Mention]] = {}
        for code in inventory.of(CodePackage):
            for function in code.used_by:
                self.mentions.setdefault(function, []).extend(code.mentions)


class _Variables:
    """The variables of one function, or of a version of it, and what its code mentions besides."""

    def __init__(
        self,
        build: Builder,
        index: _Index,
        function: Function,
        variables: dict[str, EnvironmentValue],
        version: FunctionVersion | None = None,
    ) -> None:
        self._build = build
        self._index = index
        self._function = function
        self._code: FunctionConfiguration = version or function
        self._variables = variables
        self._told = _same(function, version) if version is not None else frozenset()
        self._unverified = [key for key, value in variables.items() if value.reason and not value.host
                            and _UNVERIFIED.search(value.reason)]  # fmt: skip

    def connect(self, mentions: Iterable[Mention]) -> None:
        """Make the edges; of what variables and code refer to both, that of the variable."""
        found: dict[str, list[str]] = {}
        for key, value in sorted(self._variables.items()):
            source = self._code.source.at("Environment", "Variables", key)
            for target in self._targets(key, value):
                if key not in self._told:
                    self._refer(target, key, value, source)
                found.setdefault(target, []).append(key)
        self._open(found)
        told = set(found)
        for mention in sorted(mentions):
            key, value = _place_of(mention), _value_of(mention)
            for target in self._targets(key, value):
                if target not in told and (mention.kind is not MentionKind.NAME or self._means(target)):
                    told.add(target)
                    self._refer(target, key, value, mention.source)

    def _means(self, target: str) -> bool:
        """Return whether a name in the code is likely to mean a record; its own name a function says in its logs."""
        return target != self._function.id and self._granted(target)

    def _targets(self, key: str, value: EnvironmentValue) -> Iterator[str]:
        """Yield the ids of what a value refers to."""
        named = self._named(key, value)
        if named:
            yield from (record.id for record in named)
        elif value.arn:
            found = self._build.reference(value.arn)
            if found.kind in _NAMED or found.kind in _APIS:
                yield found.id
        elif bucket := bucket_of(value):
            yield self._build.reference(f"arn:{partition_of(self._function.region)}:s3:::{bucket}").id
        elif value.host and value.scheme not in _OF_NO_NETWORK:
            record = self._index.hosts.get(value.host)
            found = host_reference(value.host)
            if record is not None:
                yield record.id
            elif found.kind in {Kind.THIRD_PARTY, Kind.BUCKET} or (found.kind is Kind.HOST and self._named_host(value)):
                yield self._build.third_party(value.host)

    def _named_host(self, value: EnvironmentValue) -> bool:
        return value.host not in {"localhost", "127.0.0.1", "::1", "0.0.0.0"}  # noqa: S104 -- compared, not bound

    def _named(self, key: str, value: EnvironmentValue) -> list[Record]:
        """Return the records that a value is the name or address of: of one kind, in the function's own region."""
        records = [record for record in self._index.digests.get(value.sha256, ()) if self._near(record)]
        hinted = [record for record in records if _hinted(key, record.kind)]
        if hinted:
            return hinted
        if any(value.length <= _SHORT or record.name in _COMMON for record in records):
            return []
        kinds = {record.kind for record in records}
        return records if len(kinds) == 1 else [record for record in records if self._permitted(record)]

    def _near(self, record: Record) -> bool:
        if record.id == self._function.id:
            return False
        return record.account == self._function.account and (
            record.kind is Kind.BUCKET or record.region == self._function.region
        )

    def _permitted(self, record: Record) -> bool:
        return bool(self._index.permissions.of(self._role, record.id))

    @property
    def _role(self) -> str:
        return reference(self._code.role).id if self._code.role else ""

    def _granted(self, target: str) -> bool:
        """Return whether the role is surely permitted something, without which a word is no name."""
        return any(not what_is_missing(grant).doubtful for grant in self._index.permissions.of(self._role, target))

    # ------------------------------------------------------------ edges

    def _refer(self, target: str, key: str, value: EnvironmentValue, source: Source) -> None:
        kind = _kind_of(self._build, target)
        hop, said = self._hop(key, value, target, kind)
        if _takes_a_password(target, kind):
            self._both_ways(target, hop, source, said)
            self._hold(target, key, value, source)
        elif kind in STORE_KINDS:
            self._by_permission(target, kind, hop, source, said)
        elif kind in _CALLED:
            self._call(target, hop, source, said)
        else:
            self._build.flow(self._function.id, target, kind=EdgeKind.CALLS, hop=hop, sources=(source,), **said)
            if value.secret:
                self._hold(target, key, value, source)

    def _hop(self, key: str, value: EnvironmentValue, target: str, kind: Kind) -> tuple[str, Said]:
        """Return the row of the hop facts, and what settings and the value itself say of the hop."""
        said: Said = {"label": key, "evidence": Evidence.REFERENCED}
        if kind in _HOPS:
            hop = _HOPS[kind]
        else:
            subnets = self._code.vpc_config.subnet_ids if self._code.vpc_config else ()
            hop, levels = store_factors(self._build, target, subnets=subnets)
            said.update(levels)  # type: ignore[typeddict-item]
        if kind in _BY_PASSWORD or kind in {Kind.THIRD_PARTY, Kind.HOST, Kind.SEARCH_DOMAIN}:
            encryption, peer = _encryption(key, value), self._peer(key, value)
            if encryption is not None:
                said["encryption"] = encryption
            if peer is not None:
                said["peer"] = peer
        if kind is Kind.THIRD_PARTY:
            said["network"] = self._network()
            if value.secret:
                said["authentication"] = (0.5, f"A shared secret in the variable {key}.")
        return hop, said

    def _peer(self, key: str, value: EnvironmentValue) -> Level | None:
        if _UNVERIFIED.search(value.reason):
            return 1, f"The variable {key} switches verification off."
        if self._unverified:
            return 1, f"The variable {self._unverified[0]} switches verification off."
        if value.scheme in {"https", "wss"}:
            return 0, "The client verifies the certificate unless the code says otherwise."
        return None

    def _network(self) -> Level:
        if self._code.vpc_config is not None and self._code.vpc_config.vpc_id:
            return Interval(0.5, 1), "Over the internet; how far the VPC limits it was not judged."
        return 1, "Over the internet, from a function whose way out nothing limits."

    def _both_ways(self, target: str, hop: str, source: Source, said: Said) -> None:
        self._build.flow(self._function.id, target, kind=EdgeKind.WRITES, hop=hop, sources=(source,), **said)
        self._build.flow(target, self._function.id, kind=EdgeKind.READS, hop=hop, sources=(source,), **said)

    def _hold(self, target: str, key: str, value: EnvironmentValue, source: Source) -> None:
        """Say what a password in the environment opens: at once, or after reading it from where it is kept."""
        for access in (AccessLevel.READ, AccessLevel.WRITE):
            self._build.edge(
                self._function.id,
                target,
                Edge(
                    kind=EdgeKind.PERMITS,
                    view=View.TRUST,
                    evidence=Evidence.REFERENCED,
                    sources=(source,),
                    label=f"credential in {key}" if value.secret else key,
                    cost=0 if value.secret else 1,
                    access=access,
                ),
            )

    def _open(self, found: dict[str, list[str]]) -> None:
        """Say which secret opens which database: those whose variables begin alike, else the only one left."""
        kinds = {target: _kind_of(self._build, target) for target in found}
        secrets = [target for target in found if kinds[target] is Kind.SECRET]
        others = [target for target in found if kinds[target] is not Kind.SECRET]
        for target in (target for target in others if _takes_a_password(target, kinds[target])):
            alike = [secret for secret in secrets if _begin_alike(found[secret], found[target])]
            left = [secret for secret in secrets if not any(_begin_alike(found[secret], found[it]) for it in others)]
            for secret in alike or (left if len(left) == 1 else []):
                keys = sorted({*found[secret], *found[target]})
                if self._told.issuperset(keys):
                    continue
                sources = tuple(self._code.source.at("Environment", "Variables", key) for key in keys)
                self._build.edge(
                    secret,
                    target,
                    Edge(
                        kind=EdgeKind.OPENS,
                        view=View.TRUST,
                        evidence=Evidence.REFERENCED,
                        sources=sources,
                        label=f"used together by {self._function.name}",
                        cost=1,
                    ),
                )

    def _by_permission(self, target: str, kind: Kind, hop: str, source: Source, said: Said) -> None:
        grants = self._index.permissions.of(self._role, target)
        if not self._index.permissions.knows(self._role):
            self._both_ways(target, hop, source, {**said, "unknown": "the permissions of the role"})
            return
        if kind is Kind.KEY:
            return  # what a key encrypts moves with its store
        for access in ("read", "write"):
            found = [grant for grant in grants if grant.action in DATA_ACTIONS[access]]
            if found:
                conditions, unknown = doubts(found)
                more: Said = {**said, "conditions": conditions, "unknown": unknown}
                ends = (self._function.id, target) if access == "write" else (target, self._function.id)
                edge = EdgeKind.WRITES if access == "write" else EdgeKind.READS
                self._build.flow(*ends, kind=edge, hop=hop, sources=(source,), **more)

    def _call(self, target: str, hop: str, source: Source, said: Said) -> None:
        grants = [grant for grant in self._index.permissions.of(self._role, target) if grant.action in CALL_ACTIONS]
        if not self._index.permissions.knows(self._role):
            said["unknown"] = "the permissions of the role"
        elif grants:
            said["conditions"], said["unknown"] = doubts(grants)
        else:
            return
        self._build.flow(self._function.id, target, kind=EdgeKind.CALLS, hop=hop, sources=(source,), **said)


def _same(function: Function, version: FunctionVersion) -> frozenset[str]:
    """Return the variables of a version that say what those of ``$LATEST`` do: none where role or network differ."""
    if (version.role, version.vpc_config) != (function.role, function.vpc_config):
        return frozenset()
    one, other = (code.environment if isinstance(code.environment, dict) else {} for code in (function, version))
    return frozenset(key for key, value in other.items() if one.get(key) == value)


def _takes_a_password(target: str, kind: Kind) -> bool:
    """Return whether a store is reached over the network with a password; DAX asks for a signature of IAM."""
    parts = split_arn(target)
    return kind in _BY_PASSWORD and (parts is None or parts[1] != "dax")


def _kind_of(build: Builder, target: str) -> Kind:
    record = build.inventory.get(target)
    return record.kind if record is not None else reference(target).kind


def _begin_alike(keys: Iterable[str], others: Iterable[str]) -> bool:
    """Return whether two of the names begin with the same word."""
    return bool({key.partition("_")[0].lower() for key in keys} & {key.partition("_")[0].lower() for key in others})


def _hinted(key: str, kind: Kind) -> bool:
    return kind in _HINTS and re.search(_HINTS[kind], key, re.IGNORECASE) is not None


def doubts(grants: Iterable[Grant]) -> tuple[tuple[str, ...], str]:
    """Return condition keys and missing policies of the least doubtful of some grants."""
    best = min(grants, key=lambda grant: (what_is_missing(grant).doubtful, len(grant.keys), grant.action))
    keys = best.keys if best.outcome is not Outcome.ALLOW else ()
    missing = what_is_missing(best)
    return keys, missing.words if missing.doubtful else ""


def _encryption(key: str, value: EnvironmentValue) -> Level | None:
    if _PLAINTEXT.search(value.reason):
        return 1, f"The variable {key} switches TLS off."
    if _ACCEPTED.search(value.reason):
        return 0.6, f"The variable {key} accepts plain text."
    if value.scheme in _PLAIN_SCHEMES:
        return 1, f"{_where(key)} has the scheme {value.scheme}: plain text."
    if value.scheme in _TLS_SCHEMES:
        return 0, f"{_where(key)} has the scheme {value.scheme}: TLS."
    return None


def _where(key: str) -> str:
    """Return what a key names, in words: a variable, or a line of the code, which alone has a colon."""
    return f"An address in the code ({key})" if ":" in key else f"The variable {key}"


def _place_of(mention: Mention) -> str:
    member = mention.source.pointer.rpartition("/")[2].replace("~1", "/").replace("~0", "~")
    return f"{member}:{mention.line}"


def _value_of(mention: Mention) -> EnvironmentValue:
    """Return what is mentioned as the value of a variable would be."""
    if mention.kind is MentionKind.HOST:
        return EnvironmentValue(len(mention.value), scheme=mention.scheme, host=mention.value)
    return EnvironmentValue(len(mention.value), arn=mention.value)
