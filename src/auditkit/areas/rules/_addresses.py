"""Servers with an address on the internet: databases, brokers, Kafka clusters; and whom security groups let in."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from auditkit.areas.answers import Answer, failed, not_applicable, passed, some, unknown, warned
from auditkit.areas.scene import Scene
from auditkit.graph.admitting import admitted, prefix_lists
from auditkit.inventory import Record, Source, UnsetType
from auditkit.inventory.records.brokers import Broker, KafkaCluster
from auditkit.inventory.records.databases import DBCluster, DBInstance
from auditkit.inventory.records.network import IpPermission
from auditkit.inventory.records.warehouses import RedshiftCluster, RedshiftWorkgroup

__all__ = ["open_servers"]

_IN_VPC_ONLY = "docdb"
"""Engine whose clusters have no address outside their VPC (Amazon DocumentDB Developer Guide, *Connecting*)."""
_OWN_INSTANCES = ("aurora", "neptune")
_NO_GROUPS = "RABBITMQ"
"""Engine whose public brokers have no security group (Amazon MQ Developer Guide, *Configuring a private broker*)."""
_PORTLESS = frozenset({"icmp", "icmpv6", "1", "58"})


_WAREHOUSE = 5439
_PORTS = {
    "aurora-postgresql": 5432,
    "postgres": 5432,
    "aurora": 3306,
    "mariadb": 3306,
    "mysql": 3306,
    "custom-oracle": 1521,
    "oracle": 1521,
    "custom-sqlserver": 1433,
    "sqlserver": 1433,
    "docdb": 27017,
    "neptune": 8182,
}
"""Port of an engine, by how its name begins, where a template says none (``rds.CreateDBInstance``, ``Port``)."""


def _usual_port(engine: str) -> int | None:
    return next((port for name, port in _PORTS.items() if engine.lower().startswith(name)), None)


_Flagged = DBInstance | DBCluster | RedshiftCluster | RedshiftWorkgroup


class _Address(NamedTuple):
    """A server that has an address on the internet: where it says so, its security groups, its port where known."""

    record: Record
    at: Source
    groups: Sequence[str]
    port: int | None = None
    place: str = ""


def open_servers(scene: Scene) -> Iterator[Answer]:
    """Judge whether the internet gets to a database, a broker or a Kafka cluster."""
    for instance in scene.inventory.of(DBInstance):
        port = instance.endpoint.port if instance.endpoint is not None else None
        yield _database(scene, instance, port or _usual_port(instance.engine))
    for cluster in scene.inventory.of(DBCluster):
        yield _cluster(scene, cluster)
    for warehouse in scene.inventory.of(RedshiftCluster):
        groups = [group.vpc_security_group_id for group in warehouse.vpc_security_groups]
        port = (warehouse.endpoint.port if warehouse.endpoint is not None else None) or _WAREHOUSE
        yield _flagged(scene, warehouse, _Address(warehouse, warehouse.source.at("PubliclyAccessible"), groups, port))
    for workgroup in scene.inventory.of(RedshiftWorkgroup):
        groups = [*workgroup.security_group_ids]
        port = (workgroup.endpoint.port if workgroup.endpoint is not None else None) or _WAREHOUSE
        yield _flagged(scene, workgroup, _Address(workgroup, workgroup.source.at("publiclyAccessible"), groups, port))
    for broker in scene.inventory.of(Broker):
        yield _broker(scene, broker)
    for brokers in scene.inventory.of(KafkaCluster):
        yield _kafka(scene, brokers)


def _database(scene: Scene, database: DBInstance | DBCluster, port: int | None) -> Answer:
    groups = [group.vpc_security_group_id for group in database.vpc_security_groups]
    return _flagged(scene, database, _Address(database, database.source.at("PubliclyAccessible"), groups, port))


def _flagged(scene: Scene, record: _Flagged, address: _Address) -> Answer:
    """Judge a server that says whether it has an address on the internet."""
    if record.publicly_accessible is None:
        return unknown(record, "PubliclyAccessible", at=record.source)
    if not record.publicly_accessible:
        return passed(record, "it has no address on the internet", at=address.at)
    return _behind(scene, address)


def _cluster(scene: Scene, cluster: DBCluster) -> Answer:
    if cluster.publicly_accessible is not None:
        return _database(scene, cluster, cluster.port or _usual_port(cluster.engine))
    if cluster.engine == _IN_VPC_ONLY:
        return passed(cluster, "DocumentDB has no address outside its VPC", at=cluster.source.at("Engine"))
    if cluster.engine.startswith(_OWN_INSTANCES):
        names = {member.db_instance_identifier for member in cluster.db_cluster_members}
        seen = {
            instance.db_instance_identifier
            for instance in scene.inventory.of(DBInstance)
            if (instance.account, instance.region) == (cluster.account, cluster.region)
            and cluster.db_cluster_identifier == instance.db_cluster_identifier
        }
        if seen and names <= seen:
            said = f"its instances have the addresses, and are judged themselves: {some(sorted(seen))}"
            return not_applicable(cluster, said, at=cluster.source.at("DBClusterMembers"))
    return unknown(cluster, "PubliclyAccessible of its instances", at=cluster.source)


def _broker(scene: Scene, broker: Broker) -> Answer:
    at = broker.source.at("PubliclyAccessible")
    if broker.publicly_accessible is None or isinstance(broker.publicly_accessible, UnsetType):
        return unknown(broker, "PubliclyAccessible", at=broker.source)
    if not broker.publicly_accessible:
        return passed(broker, "it has no address on the internet", at=at)
    if (broker.engine_type or "").upper() == _NO_GROUPS and not broker.security_groups:
        said = "it has an address on the internet, and no security group stands before it: it asks for a password alone"
        return failed(broker, said, at=at)
    return _behind(scene, _Address(broker, at, broker.security_groups))


def _kafka(scene: Scene, cluster: KafkaCluster) -> Answer:
    group = cluster.provisioned.broker_node_group_info if cluster.provisioned is not None else None
    if cluster.provisioned is None and cluster.serverless is not None:
        return passed(cluster, "serverless clusters have no address outside a VPC", at=cluster.source, place="address")
    access = group.connectivity_info.public_access if group is not None and group.connectivity_info else None
    at = cluster.source.at("Provisioned", "BrokerNodeGroupInfo", "ConnectivityInfo", "PublicAccess")
    if group is None:
        return unknown(cluster, "BrokerNodeGroupInfo", at=cluster.source, place="address")
    if access is None or access.type in {None, "DISABLED"}:
        return passed(cluster, "its brokers have no address on the internet", at=at, place="address")
    return _behind(scene, _Address(cluster, at, group.security_groups, place="address"))


def _behind(scene: Scene, address: _Address) -> Answer:
    """Judge whom the security groups before an address let in; one that was not seen leaves it open."""
    record, at, place = address.record, address.at, address.place
    known, lists = scene.security_groups, prefix_lists(scene.inventory)
    seen = [known[name] for name in address.groups if name in known]
    rules = {group.group_id: [rule for rule in group.ip_permissions if _is_for(rule, address.port)] for group in seen}
    found = {group.group_id: admitted(rules[group.group_id], lists) for group in seen}
    wide = [group for group in seen if found[group.group_id].anyone]
    if wide:
        said = f"it has an address on the internet, and {some(group.group_id for group in wide)} lets anyone in"
        return failed(record, said, at=[at, *(group.source.at("IpPermissions") for group in wide)], place=place)
    if len(seen) < len(address.groups) or not address.groups:
        return unknown(record, "ec2:DescribeSecurityGroups", at=at, place=place)
    if lacks := [missing for one in found.values() for missing in one.missing]:
        return unknown(record, dict.fromkeys(lacks), at=at, place=place)
    return warned(record, "it has an address on the internet; its security groups name who gets in", at=at, place=place)


def _is_for(rule: IpPermission, port: int | None) -> bool:
    """Return whether a rule is for a port; for any where it is not known which."""
    if rule.ip_protocol.lower() in _PORTLESS:
        return False
    if port is None or rule.from_port is None or rule.to_port is None or rule.ip_protocol == "-1":
        return True
    return rule.from_port <= port <= rule.to_port
