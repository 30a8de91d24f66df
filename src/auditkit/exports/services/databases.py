"""Responses of Amazon RDS (which lists the clusters of Aurora, DocumentDB and Neptune) and of Amazon Redshift."""

from auditkit.exports._attached import tags_of
from auditkit.exports._reading import Handler, Reading, Response
from auditkit.exports.services._fields import enrich, listed, placed
from auditkit.inventory.records.databases import (
    TLS_PARAMETERS,
    DBCluster,
    DBInstance,
    DBParameter,
    DBParameterGroup,
    DBProxy,
    DBProxyTarget,
    DBSnapshot,
    SnapshotAttribute,
)
from auditkit.inventory.records.warehouses import RedshiftCluster, RedshiftNamespace, RedshiftWorkgroup

__all__ = ["HANDLERS"]


def _describe_instances(response: Response, reading: Reading) -> None:
    for instance, item, source in reading.each(response, DBInstance, "DBInstances"):
        instance.id, instance.name = instance.db_instance_arn, instance.db_instance_identifier
        instance.tags = tags_of(item.get("TagList"), source.at("TagList"), reading)
        reading.add(instance)


def _describe_clusters(response: Response, reading: Reading) -> None:
    for cluster, item, source in reading.each(response, DBCluster, "DBClusters"):
        cluster.id, cluster.name = cluster.db_cluster_arn, cluster.db_cluster_identifier
        cluster.tags = tags_of(item.get("TagList"), source.at("TagList"), reading)
        reading.add(cluster)


def _describe_proxies(response: Response, reading: Reading) -> None:
    for proxy, _, _ in reading.each(response, DBProxy, "DBProxies"):
        proxy.id, proxy.name = proxy.db_proxy_arn, proxy.db_proxy_name
        reading.add(proxy)


def _describe_proxy_targets(response: Response, reading: Reading) -> None:
    enrich(response, reading, DBProxy, "Targets", targets=listed(response, reading, DBProxyTarget, "Targets"))


def _snapshots(word: str, kind: str) -> Handler:
    """Return a handler for snapshots: ``"DB"`` and ``"snapshot"``, ``"DBCluster"`` and ``"cluster-snapshot"``."""

    def handle(response: Response, reading: Reading) -> None:
        for snapshot, item, source in reading.each(response, DBSnapshot, f"{word}Snapshots"):
            name, arn = (item.get(f"{word}Snapshot{part}") for part in ("Identifier", "Arn"))
            if not isinstance(name, str) or not (isinstance(arn, str) or placed(response)):
                reading.not_read(source, "a snapshot without a name, or of which nothing tells account and region")
                continue
            snapshot.id = arn if isinstance(arn, str) else response.arn("rds", f"{kind}:{name}")
            snapshot.name = name
            snapshot.tags = tags_of(item.get("TagList"), source.at("TagList"), reading)
            reading.add(snapshot)

    return handle


def _snapshot_attributes(word: str, kind: str) -> Handler:
    def handle(response: Response, reading: Reading) -> None:
        result, key = f"{word}SnapshotAttributesResult", f"{word}SnapshotAttributes"
        shown = reading.value(dict, response, result) or {}
        name = response.argument() or shown.get(f"{word}SnapshotIdentifier")
        found = [
            reading.decode(SnapshotAttribute, item, source) for _, item, source in reading.items(response, result, key)
        ]
        if not isinstance(name, str) or not placed(response):
            reading.not_read(response.source, "attributes of a snapshot whose name, account or region nothing tells")
        elif None not in found:
            arn = name if name.startswith("arn:") else response.arn("rds", f"{kind}:{name}")
            attributes = tuple(one for one in found if one is not None)
            enrich(response, reading, DBSnapshot, result, key, key=arn, attributes=attributes)

    return handle


def _describe_warehouses(response: Response, reading: Reading) -> None:
    for cluster, item, source in reading.each(response, RedshiftCluster, "Clusters"):
        name = cluster.cluster_identifier
        cluster.id, cluster.name = response.arn("redshift", f"cluster:{name}"), name
        cluster.tags = tags_of(item.get("Tags"), source.at("Tags"), reading)
        reading.add(cluster)


def _list_workgroups(response: Response, reading: Reading) -> None:
    for workgroup, _, _ in reading.each(response, RedshiftWorkgroup, "workgroups"):
        workgroup.id, workgroup.name = workgroup.workgroup_arn, workgroup.workgroup_name
        reading.add(workgroup)


def _list_namespaces(response: Response, reading: Reading) -> None:
    """Add namespaces to the workgroups by which they are reached: one each."""
    found = listed(response, reading, RedshiftNamespace, "namespaces")
    namespaces = {one.namespace_name: one for one in (found if isinstance(found, tuple) else ())}

    def attach(read: Reading) -> None:
        for workgroup in read.find(RedshiftWorkgroup, account=response.account, region=response.region):
            namespace = namespaces.get(workgroup.namespace_name or "")
            if namespace is not None:
                read.enrich(RedshiftWorkgroup, workgroup.id, namespace.source, namespace=namespace)

    reading.later(attach)


def _parameters(service: str, kind: str) -> Handler:
    """Return a handler for the parameters of a group: ``"pg"`` of an instance, ``"cluster-pg"`` of a cluster."""

    def handle(response: Response, reading: Reading) -> None:
        name = response.argument()
        if not name or not placed(response):
            reading.not_read(
                response.source, "parameters of a group whose name, account or region the file does not tell"
            )
            return
        found: list[DBParameter] = []
        for _, item, source in reading.items(response, "Parameters"):
            if str(item.get("ParameterName")) in TLS_PARAMETERS:
                parameter = reading.decode(DBParameter, item, source)
                found += [parameter] if parameter is not None else []
        arn = response.arn(service, f"{kind}:{name}")
        reading.add(
            DBParameterGroup(
                id=arn,
                name=name,
                account=response.account,
                region=response.region,
                sources=(response.at("Parameters"),),
                parameters=tuple(found),
                complete=not response.payload.get("Marker"),
            )
        )

    return handle


HANDLERS: dict[tuple[str, str], Handler] = {
    ("rds", "DescribeDBClusterParameters"): _parameters("rds", "cluster-pg"),
    ("rds", "DescribeDBClusters"): _describe_clusters,
    ("rds", "DescribeDBClusterSnapshotAttributes"): _snapshot_attributes("DBCluster", "cluster-snapshot"),
    ("rds", "DescribeDBClusterSnapshots"): _snapshots("DBCluster", "cluster-snapshot"),
    ("rds", "DescribeDBInstances"): _describe_instances,
    ("rds", "DescribeDBParameters"): _parameters("rds", "pg"),
    ("rds", "DescribeDBProxies"): _describe_proxies,
    ("rds", "DescribeDBProxyTargets"): _describe_proxy_targets,
    ("rds", "DescribeDBSnapshotAttributes"): _snapshot_attributes("DB", "snapshot"),
    ("rds", "DescribeDBSnapshots"): _snapshots("DB", "snapshot"),
    ("redshift", "DescribeClusterParameters"): _parameters("redshift", "parametergroup"),
    ("redshift", "DescribeClusters"): _describe_warehouses,
    ("redshift-serverless", "ListNamespaces"): _list_namespaces,
    ("redshift-serverless", "ListWorkgroups"): _list_workgroups,
}
