"""Responses of the Resource Groups Tagging API: tags of whatever was seen without them."""

from auditkit.exports._attached import tags_of
from auditkit.exports._reading import Handler, Reading, Response
from auditkit.inventory import Record, Source, UnsetType
from auditkit.inventory.record import Tags
from auditkit.inventory.records.agents import Agent, AgentGateway, AgentRuntime
from auditkit.inventory.records.apis import (
    RestApi,
)
from auditkit.inventory.records.apis_v2 import (
    HttpApi,
    WebSocketApi,
)
from auditkit.inventory.records.appsync import GraphqlApi
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
from auditkit.inventory.records.cognito import IdentityPool, UserPool
from auditkit.inventory.records.databases import DBCluster, DBInstance, DBProxy
from auditkit.inventory.records.filesystems import AccessPoint, FileSystem
from auditkit.inventory.records.functions import Function
from auditkit.inventory.records.iot import TopicRule
from auditkit.inventory.records.keys import Key, Parameter, Secret
from auditkit.inventory.records.loadbalancers import LoadBalancer, TargetGroup
from auditkit.inventory.records.logs import LogGroup
from auditkit.inventory.records.messaging import Queue, Topic
from auditkit.inventory.records.registries import Repository
from auditkit.inventory.records.search import SearchDomain
from auditkit.inventory.records.streams import DeliveryStream, Stream
from auditkit.inventory.records.tables import Table
from auditkit.inventory.records.warehouses import RedshiftWorkgroup

__all__ = ["HANDLERS"]

_CLASSES: tuple[type[Record], ...] = (
    AccessPoint,
    Agent,
    AgentGateway,
    AgentRuntime,
    Broker,
    Bucket,
    CacheCluster,
    DBCluster,
    DBInstance,
    DBProxy,
    DaxCluster,
    DeliveryStream,
    Distribution,
    FileSystem,
    Function,
    GraphqlApi,
    HttpApi,
    IdentityPool,
    KafkaCluster,
    Key,
    LoadBalancer,
    LogGroup,
    MemoryDBCluster,
    Parameter,
    Queue,
    RedshiftWorkgroup,
    ReplicationGroup,
    Repository,
    RestApi,
    SearchDomain,
    Secret,
    ServerlessCache,
    Stream,
    Table,
    TargetGroup,
    Topic,
    TopicRule,
    UserPool,
    WebSocketApi,
)


def _get_resources(response: Response, reading: Reading) -> None:
    """Add tags to the records they belong to; a resource that is not listed may still have some, so it stays unseen."""
    found: dict[str, tuple[Tags, Source]] = {}
    for _, item, source in reading.items(response, "ResourceTagMappingList"):
        arn = item.get("ResourceARN")
        if not isinstance(arn, str):
            reading.not_read(source, "wrong shape: tags without ResourceARN")
            continue
        tags = tags_of(item.get("Tags"), source.at("Tags"), reading)
        if not isinstance(tags, UnsetType):
            found[arn.removesuffix(":*")] = tags, source.at("Tags")

    def attach(read: Reading) -> None:
        for cls in _CLASSES:
            for record in read.find(cls):
                if record.id in found:
                    tags, source = found[record.id]
                    read.enrich(cls, record.id, source, tags=tags)

    reading.later(attach)


HANDLERS: dict[tuple[str, str], Handler] = {
    ("resourcegroupstaggingapi", "GetResources"): _get_resources,
}
