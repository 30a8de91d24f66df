"""Data in transit: settings that refuse plain text, or take it."""

import re
from collections.abc import Iterator

from auditkit.areas.answers import Answer, Rule, failed, not_applicable, passed, unknown, warned
from auditkit.areas.model import Severity
from auditkit.areas.rules._distributions import hops_of
from auditkit.areas.rules.flows import carried
from auditkit.areas.scene import Scene
from auditkit.areas.versions import in_use, within
from auditkit.facts import get_hop
from auditkit.graph._build import Builder
from auditkit.graph.schema import Interval, Sensitivity
from auditkit.graph.store_factors import store_factors
from auditkit.graph.transport import Refusal, refuses_clear_text
from auditkit.inventory import Record, Source, UnsetType
from auditkit.inventory.records.apis import DomainName, RestApi, RestIntegration, RestMethod
from auditkit.inventory.records.apis_v2 import ApiIntegration, ApiV2, HttpApi, WebSocketApi
from auditkit.inventory.records.brokers import Broker, KafkaCluster
from auditkit.inventory.records.buckets import Bucket
from auditkit.inventory.records.caches import (
    CacheCluster,
    DaxCluster,
    MemoryDBCluster,
    ReplicationGroup,
    ServerlessCache,
)
from auditkit.inventory.records.cloudfront import Distribution
from auditkit.inventory.records.databases import DBCluster, DBInstance, DBProxy
from auditkit.inventory.records.functions import EnvironmentValue, Function
from auditkit.inventory.records.loadbalancers import Action, Listener, ListenerRule
from auditkit.inventory.records.messaging import Queue, Subscription, Topic
from auditkit.inventory.records.search import SearchDomain
from auditkit.inventory.records.tables import Table
from auditkit.inventory.records.warehouses import RedshiftCluster, RedshiftWorkgroup

__all__ = ["RULES"]

_SERVICES: dict[type[Record], str] = {Bucket: "s3", Table: "dynamodb", Queue: "sqs", Topic: "sns"}
_SDK_TLS, _ACCEPTED = 0.25, 0.5
_OUTSIDE = frozenset({"internet", "partner", "third party"})


def _class_of(scene: Scene, node_id: str) -> Sensitivity | None:
    return carried(scene, node_id) if node_id in scene.nodes else None


# -------------------------------------------------------------- Deny statements


def secure_transport_deny(scene: Scene) -> Iterator[Answer]:
    """Judge whether the policies of stores that take plain HTTP refuse it: for everyone, every action, all of it."""
    for cls, service in _SERVICES.items():
        for record in scene.inventory.of(cls):
            scopes = (record.id, f"{record.id}/*") if service == "s3" else (record.id,)
            policy = getattr(record, "policy", None)
            refusal = refuses_clear_text(policy, service=service, scopes=scopes)
            if refusal.refused is None:
                yield unknown(record, refusal.reason, at=record.source)
            elif refusal.refused:
                yield passed(record, refusal.reason, at=refusal.sources or record.source)
            else:
                yield _plain(scene, record, refusal)


def _plain(scene: Scene, record: Record, refusal: Refusal) -> Answer:
    at = refusal.sources or record.source
    node = scene.node(record.id)
    outside = {origin for origin, _ in scene.from_outside(record.id) if scene.nodes[origin].boundary.kind in _OUTSIDE}
    if node is None or node.entry is not None or outside or isinstance(record, Bucket):
        return failed(record, refusal.reason, at=at)
    worst = Severity.MEDIUM if node.sensitivity is Sensitivity.RESTRICTED else Severity.LOW
    why = "only principals of the account reach it, and their SDKs use TLS"
    return failed(record, refusal.reason, at=at, severity=worst, weighed=why)


# ------------------------------------------------------------------- push, APIs


def sns_http(scene: Scene) -> Iterator[Answer]:
    """Judge the protocol of every subscription that pushes over the internet."""
    for subscription in scene.inventory.of(Subscription):
        at = subscription.source.at("Protocol")
        if subscription.subscription_arn == "PendingConfirmation":
            yield not_applicable(subscription, "it is not confirmed, so nothing is pushed", at=at)
        elif subscription.protocol == "http":
            class_ = _class_of(scene, subscription.topic_arn)
            yield failed(subscription, "messages are pushed over plain HTTP", at=at, carries=class_)
        elif subscription.protocol == "https":
            yield passed(subscription, "messages are pushed over HTTPS", at=at)


def api_backend(scene: Scene) -> Iterator[Answer]:
    """Judge the hop from every route to an HTTP backend."""
    certified = {api.id: api for api in scene.inventory.of(RestApi)}
    for method in scene.inventory.of(RestMethod):
        found = method.method_integration
        if isinstance(found, UnsetType):
            yield unknown(method, "apigateway:GetResources (methodIntegration)", at=method.source)
        elif isinstance(found, RestIntegration) and (found.type or "").startswith("HTTP"):
            yield _rest_backend(method, found, certified.get(method.api))
    for api in (*scene.inventory.of(HttpApi), *scene.inventory.of(WebSocketApi)):
        if isinstance(api.integrations, UnsetType):
            yield unknown(api, "apigatewayv2:GetIntegrations", at=api.source)
        for integration in api.integrations if isinstance(api.integrations, tuple) else ():
            if (integration.integration_type or "").startswith("HTTP"):
                yield _backend(api, integration)


def _rest_backend(method: RestMethod, found: RestIntegration, api: RestApi | None) -> Answer:
    at, uri = method.source.at("methodIntegration", "uri"), found.uri or ""
    if uri.startswith("http://"):
        return failed(method, "its backend is called over plain HTTP", at=at)
    if "${" in uri or not uri:
        return unknown(method, "the address of its backend (a stage variable, or none)", at=at)
    if found.tls_config is not None and found.tls_config.insecure_skip_verification:
        where = method.source.at("methodIntegration", "tlsConfig", "insecureSkipVerification")
        return failed(method, "the certificate of its backend is not verified", at=where)
    if found.connection_type == "VPC_LINK":
        return passed(method, "its backend is called over HTTPS, inside the network", at=at)
    stages = api.stages if api is not None and isinstance(api.stages, tuple) else ()
    if stages and all(stage.client_certificate_id for stage in stages):
        return passed(method, "its backend is called over HTTPS, with a client certificate", at=at)
    said = "its backend is called over HTTPS, but cannot tell the API from anybody else: no client certificate"
    return warned(method, said, at=at)


def _backend(api: ApiV2, found: ApiIntegration) -> Answer:
    at, place = found.source.at("IntegrationUri"), f"integration {found.integration_id}"
    uri = found.integration_uri or ""
    if uri.startswith("http://"):
        return failed(api, "its backend is called over plain HTTP", at=at, place=place)
    if found.connection_type == "VPC_LINK" and isinstance(api, HttpApi):  # of others the address tells
        if found.tls_config is None:
            where = found.source.at("TlsConfig")
            return failed(api, "its private backend is called over plain HTTP: no TlsConfig", at=where, place=place)
        return passed(api, "its private backend is called over HTTPS, and its name is verified", at=at, place=place)
    if "${" in uri or not uri.startswith("https://"):
        return unknown(api, "the address of its backend (a stage variable, or none)", at=at, place=place)
    return passed(api, "its backend is called over HTTPS", at=at, place=place)


# ------------------------------------------------------------------------ edge

_OLD_POLICY = re.compile(r"TLS13-1-[01]-|TLS-1-[01]-|FS-1-1-|FS-2018|-2016-08|-2015-0\d|-2014-\d\d")
_NEW_POLICY = re.compile(r"TLS13-1-[23]-|TLS-1-2-|FS-1-2-")


def edge_tls(scene: Scene) -> Iterator[Answer]:
    """Judge what domain names, distributions and listeners take; each listener and each behaviour by itself."""
    for domain in scene.inventory.of(DomainName):
        at = domain.source.at("securityPolicy")
        if domain.security_policy is None:
            yield unknown(domain, "securityPolicy", at=domain.source)
        elif domain.security_policy == "TLS_1_0":
            yield failed(domain, "it still takes TLS 1.0", at=at)
        else:
            yield passed(domain, f"it takes TLS 1.2 at least ({domain.security_policy})", at=at)
    for distribution in scene.inventory.of(Distribution):
        if distribution.enabled is not False:
            yield from hops_of(distribution)
    rules: dict[str, list[ListenerRule]] = {}
    for rule in scene.inventory.of(ListenerRule):
        rules.setdefault(rule.listener, []).append(rule)
    for listener in scene.inventory.of(Listener):
        seen = scene.seen("elbv2.DescribeRules", listener, resource=listener.id)
        yield _listener(listener, rules.get(listener.id, []), seen=seen)


def _listener(listener: Listener, rules: list[ListenerRule], *, seen: bool) -> Answer:
    protocol, at = listener.protocol or "", listener.source.at("Protocol")
    if protocol == "HTTP":
        actions = [listener.default_actions, *(rule.actions for rule in rules if not rule.is_default)]
        if all(_redirects(found) for found in actions):
            if not seen:
                return unknown(listener, "elbv2:DescribeRules", at=at)
            return passed(listener, "it answers plain HTTP with a redirect to HTTPS, and nothing else", at=at)
        return failed(listener, "it takes plain HTTP, and does not redirect all of it to HTTPS", at=at)
    if protocol in {"HTTPS", "TLS"}:
        policy, where = listener.ssl_policy or "", listener.source.at("SslPolicy")
        if _OLD_POLICY.search(policy):
            return failed(listener, f"it takes versions before TLS 1.2 ({policy})", at=where)
        if _NEW_POLICY.search(policy):
            return passed(listener, f"it takes TLS 1.2 at least ({policy})", at=where)
        return unknown(listener, f"what the policy {policy or '(none)'} takes", at=where)
    if not protocol:
        return unknown(listener, "Protocol", at=listener.source)
    return not_applicable(listener, f"{protocol}: what is inside is not the load balancer's to encrypt", at=at)


def _redirects(actions: tuple[Action, ...]) -> bool:
    last = actions[-1] if actions else None
    if last is None:
        return False
    if last.type == "fixed-response":
        return True
    return last.redirect_config is not None and last.redirect_config.to_https


# ------------------------------------------------------------ databases, caches

_Server = (
    DBInstance
    | DBCluster
    | DBProxy
    | ReplicationGroup
    | CacheCluster
    | ServerlessCache
    | MemoryDBCluster
    | DaxCluster
    | RedshiftCluster
    | RedshiftWorkgroup
    | KafkaCluster
    | Broker
    | SearchDomain
)
_SERVERS: tuple[type[_Server], ...] = (
    DBInstance,
    DBCluster,
    DBProxy,
    ReplicationGroup,
    CacheCluster,
    ServerlessCache,
    MemoryDBCluster,
    DaxCluster,
    RedshiftCluster,
    RedshiftWorkgroup,
    KafkaCluster,
    Broker,
    SearchDomain,
)


def db_tls(scene: Scene) -> Iterator[Answer]:
    """Judge whether databases, caches, brokers and search domains insist on TLS."""
    build = Builder(scene.inventory, case=scene.case)
    for cls in _SERVERS:
        for record in scene.inventory.of(cls):
            if not _belongs_to_another(record):
                yield _server(build, record)


def _belongs_to_another(record: _Server) -> bool:
    """Return whether a record is a member of a cluster or group that is judged as a whole."""
    if isinstance(record, DBInstance):
        return bool(record.db_cluster_identifier)
    return isinstance(record, CacheCluster) and bool(record.replication_group_id)


def _server(build: Builder, record: _Server) -> Answer:
    hop = store_factors(build, record.id)
    fact = get_hop(hop.hop)
    found = hop.levels.get("encryption")
    if found is None and fact is not None:  # no setting decides: it is as the service is
        found = Interval(*fact.levels["encryption"]), fact.encryption
    if found is None:
        return unknown(record, "whether its engine insists on TLS")
    value, said = found if isinstance(found, tuple) else (found, "")
    level = value if isinstance(value, Interval) else Interval.exactly(value)
    if level.low >= _ACCEPTED:
        return failed(record, said or "it takes plain text", at=record.sources)
    if level.high > _SDK_TLS:
        return unknown(record, said or "the setting that insists on TLS", at=record.sources)
    return passed(record, said or "it insists on TLS", at=record.sources)


# ------------------------------------------------------------------ environment

_PLAIN = frozenset(
    {"amqp", "ftp", "http", "ldap", "memcached", "mongodb", "mqtt", "redis", "smtp", "stomp", "tcp", "telnet", "ws"}
)
_HERE = re.compile(r"localhost|127\.\d+\.\d+\.\d+|\[?::1\]?|169\.254\.\d+\.\d+|0\.0\.0\.0")


def env_urls(scene: Scene) -> Iterator[Answer]:
    """Judge addresses and switches in the environment of functions."""
    for function, code, place in in_use(scene, "environment"):
        if isinstance(code.environment, UnsetType):
            yield unknown(function, "Environment", at=code.source, place=place)
            continue
        found = [*_variables(scene, function, code.source, place, code.environment or {})]
        yield from found
        if not found:
            said = "its environment names no address in clear, and switches no verification off"
            yield passed(function, said, at=code.source, place=place)


def _variables(
    scene: Scene, function: Function, source: Source, place: str, environment: dict[str, EnvironmentValue]
) -> Iterator[Answer]:
    for key, value in sorted(environment.items()):
        at = source.at("Environment", "Variables", key)
        if open_ := _opens(value):
            said = f"the variable {key} says: {open_}"
        elif value.scheme in _PLAIN and value.host and not _HERE.fullmatch(value.host):
            said = f"the variable {key} holds a {value.scheme}:// address ({value.host})"
        else:
            continue
        yield failed(function, said, at=at, place=within(place, key), carries=_class_of(scene, function.id))


def _opens(value: EnvironmentValue) -> str:
    """Return the setting by which a value gives up encryption or verification; why it is a secret is another reason."""
    reasons = value.reason.split("; ") if value.reason else []
    return "; ".join(reasons[1:] if value.secret else reasons)


RULES: dict[str, Rule] = {
    "transit.secure-transport-deny": secure_transport_deny,
    "transit.sns-http": sns_http,
    "transit.api-backend": api_backend,
    "transit.edge-tls": edge_tls,
    "transit.db-tls": db_tls,
    "transit.env-urls": env_urls,
}
