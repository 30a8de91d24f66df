"""Hops to databases and database proxies: what engine parameters, sign-in and address say."""

import re

from auditkit.graph._build import Builder
from auditkit.graph._store_hop import ACCEPTED, INTERNET_LEVEL, SHARED, StoreHop
from auditkit.graph.factors import Level, Levels
from auditkit.graph.schema import Interval
from auditkit.inventory.arn import arn_of
from auditkit.inventory.records.databases import DBCluster, DBInstance, DBParameterGroup, DBProxy
from auditkit.inventory.records.warehouses import RedshiftCluster, RedshiftWorkgroup

__all__ = ["cluster_of", "database_hop", "members_of", "proxy_hop", "redshift_hop", "workgroup_hop"]

_TLS_PARAMETER = {
    "postgres": ("function->rds-postgres", "rds.force_ssl"),
    "aurora-postgresql": ("function->rds-postgres", "rds.force_ssl"),
    "mysql": ("function->rds-mysql", "require_secure_transport"),
    "aurora-mysql": ("function->rds-mysql", "require_secure_transport"),
    "aurora": ("function->rds-mysql", "require_secure_transport"),
    "mariadb": ("function->rds-mariadb", "require_secure_transport"),
    "sqlserver": ("function->rds-sqlserver", "rds.force_ssl"),
    "docdb": ("function->docdb", "tls"),
    "neptune": ("function->neptune", "neptune_enforce_ssl"),
}
_DEFAULTS = {
    r"(?:aurora-)?mysql(?:5\.[67]|8\.0)|aurora5\.6": False,
    r"aurora-postgresql(?:9\.\d+|1[0-6])": False,
    r"docdb\d+\.\d+": True,
    r"mariadb(?:10\.\d+|11\.4)": False,
    r"postgres(?:9\.\d+|1[0-4])": False,
    r"postgres(?:1[5-9]|[2-9]\d)": True,
    r"redshift-1\.0": False,
    r"redshift-2\.0": True,
    r"sqlserver-.+": False,
}
"""Families of parameter groups -> whether their default group, which nobody can change, requires TLS.

From the RDS, Aurora, Amazon DocumentDB and Amazon Redshift guides (requiring TLS connections, and the default values of
parameters). Of families that stand nowhere here, as of newer versions of Aurora and MySQL, nothing is said.
"""
_REDSHIFT_TLS = "require_ssl"
_ON = frozenset({"1", "on", "true", "enabled", "tls1.2+", "tls1.3+", "fips-140-3"})
_OFF = frozenset({"0", "off", "false", "disabled"})


def database_hop(build: Builder, database: DBInstance | DBCluster) -> StoreHop:
    """Return the hop to an instance or a cluster; to a member of a cluster, that to the cluster."""
    if isinstance(database, DBInstance) and (cluster := cluster_of(build, database)) is not None:
        database = cluster
    engine = database.engine.lower()
    hop, parameter = _TLS_PARAMETER.get("sqlserver" if engine.startswith("sqlserver") else engine, ("", ""))
    levels: Levels = {"network": _reach(build, database)}
    if hop == "function->neptune":
        return StoreHop(hop, levels)  # TLS whatever the parameter on engines that are supported
    if parameter:
        levels["encryption"] = _by_parameter(build, database, parameter, engine)
    if hop not in {"function->docdb", "function->rds-sqlserver"}:
        if database.iam_database_authentication_enabled is False:
            levels["authentication"] = SHARED, "IAM database authentication is off, so a password is what counts."
        elif database.iam_database_authentication_enabled:
            levels["authentication"] = Interval(0, SHARED), "IAM database authentication is on, beside passwords."
    return StoreHop(hop or "function->rds", levels)


def _reach(build: Builder, database: DBInstance | DBCluster) -> Level:
    public = {database.publicly_accessible}
    if isinstance(database, DBCluster):
        public |= {member.publicly_accessible for member in members_of(build, database)}
        public = public - {None} if len(public) > 1 else public
    return _address(public=True if True in public else False if public == {False} else None)


def _address(*, public: bool | None) -> Level:
    if public:
        return INTERNET_LEVEL, "The database has an address on the internet (PubliclyAccessible)."
    if public is False:
        return 0, "The database has no address on the internet."
    return Interval(0, INTERNET_LEVEL), "Whether the database has an address on the internet was not seen."


def members_of(build: Builder, cluster: DBCluster) -> list[DBInstance]:
    """Return the instances of a cluster that are in the export."""
    wanted = (cluster.account, cluster.region, cluster.name)
    instances = build.inventory.of(DBInstance)
    return [item for item in instances if (item.account, item.region, item.db_cluster_identifier) == wanted]


def cluster_of(build: Builder, instance: DBInstance) -> DBCluster | None:
    """Return the cluster that an instance is a member of: its data and most of its settings are the cluster's."""
    if instance.db_cluster_identifier is None:
        return None
    wanted = (instance.account, instance.region, instance.db_cluster_identifier)
    clusters = build.inventory.of(DBCluster)
    return next((item for item in clusters if (item.account, item.region, item.name) == wanted), None)


def _by_parameter(build: Builder, database: DBInstance | DBCluster, parameter: str, engine: str) -> Level:
    accepted = 1 if engine == "docdb" else ACCEPTED  # DocumentDB speaks either the one or the other
    group, pending = _parameter_group(build, database)
    name = _group_name(database)
    if group is None and not pending and (told := _by_default(name, parameter, accepted)):
        return told
    return _set_to(group, parameter, accepted, pending=pending)


def _by_default(name: str, parameter: str, accepted: float) -> Level | None:
    """Return the level of encryption by a default parameter group, ``None`` for another or where it is not known."""
    family = name.removeprefix("default.")
    if family == name:
        return None
    on = next((on for pattern, on in _DEFAULTS.items() if re.fullmatch(pattern, family)), None)
    if on is None:
        return None
    return 0 if on else accepted, f"{parameter} is {'on' if on else 'off'} in {name}, which nobody can change."


def _set_to(group: DBParameterGroup | None, parameter: str, accepted: float, *, pending: bool) -> Level:
    """Return the level of encryption by a parameter of a group; ``accepted`` is that of plain text."""
    if group is None:
        return Interval(0, accepted), f"The parameter group that sets {parameter} was not seen."
    found = next((item for item in group.parameters if item.parameter_name == parameter), None)
    value = ((found.parameter_value if found else None) or "").strip().lower()
    if value not in _ON | _OFF:
        what = "is not in" if found is None else "has no value in"
        rest = "" if group.complete else ", as far as the group was seen"
        return Interval(
            0, accepted
        ), f"{parameter} {what} parameter group {group.name}{rest}; the engine's default counts."
    if pending:
        return Interval(0, accepted), f"{parameter} is {value} in parameter group {group.name}, but not yet in force."
    return 0 if value in _ON else accepted, f"{parameter} is {value} in parameter group {group.name}."


def _parameter_group(build: Builder, database: DBInstance | DBCluster) -> tuple[DBParameterGroup | None, bool]:
    """Return the parameter group of a database, and whether a change of it waits for a reboot."""
    name = _group_name(database)
    if isinstance(database, DBCluster):
        kind = "cluster-pg"
        states = [member.db_cluster_parameter_group_status for member in database.db_cluster_members]
    else:
        kind = "pg"
        states = [group.parameter_apply_status for group in database.db_parameter_groups]
    arn = arn_of("rds", f"{kind}:{name}", account=database.account, region=database.region)
    group = build.inventory.get(arn)
    pending = any(state not in {None, "in-sync"} for state in states)
    return (group if isinstance(group, DBParameterGroup) else None), pending


def _group_name(database: DBInstance | DBCluster) -> str:
    if isinstance(database, DBCluster):
        return database.db_cluster_parameter_group or ""
    return database.db_parameter_groups[0].db_parameter_group_name if database.db_parameter_groups else ""


def redshift_hop(build: Builder, cluster: RedshiftCluster) -> StoreHop:
    """Return the hop to a Redshift cluster."""
    names = [group.parameter_group_name for group in cluster.cluster_parameter_groups]
    place = {"account": cluster.account, "region": cluster.region}
    group = build.inventory.get(arn_of("redshift", f"parametergroup:{names[0]}", **place)) if names else None
    pending = any(one.parameter_apply_status not in {None, "in-sync"} for one in cluster.cluster_parameter_groups)
    found = group if isinstance(group, DBParameterGroup) else None
    levels: Levels = {"network": _address(public=cluster.publicly_accessible)}
    told = _by_default(names[0], _REDSHIFT_TLS, ACCEPTED) if names and found is None and not pending else None
    levels["encryption"] = told or _set_to(found, _REDSHIFT_TLS, ACCEPTED, pending=pending)
    return StoreHop("function->redshift", levels)


def workgroup_hop(_: Builder, workgroup: RedshiftWorkgroup) -> StoreHop:
    """Return the hop to a workgroup of Redshift Serverless."""
    found = {one.parameter_key: (one.parameter_value or "").lower() for one in workgroup.config_parameters}
    levels: Levels = {"network": _address(public=workgroup.publicly_accessible)}
    value = found.get(_REDSHIFT_TLS)
    if value in _ON | _OFF:
        levels["encryption"] = 0 if value in _ON else ACCEPTED, f"{_REDSHIFT_TLS} of the workgroup is {value}."
    return StoreHop("function->redshift-serverless", levels)


def proxy_hop(_: Builder, proxy: DBProxy) -> StoreHop:
    """Return the hop to a database proxy."""
    levels: Levels = {"network": (0, "The proxy lies in a VPC.")}
    if proxy.require_tls is not None:
        level = 0 if proxy.require_tls else ACCEPTED
        levels["encryption"] = level, f"RequireTLS of the proxy is {str(proxy.require_tls).lower()}."
    modes = {auth.iam_auth for auth in proxy.auth}
    if proxy.default_auth_scheme == "IAM_AUTH" or modes == {"REQUIRED"}:
        levels["authentication"] = 0, "The proxy asks for a token of IAM."
    elif modes == {"DISABLED"}:
        levels["authentication"] = SHARED, "The proxy asks for the password of the secret."
    elif modes:
        levels["authentication"] = Interval(0, SHARED), "The proxy takes tokens of IAM and passwords."
    return StoreHop("function->rds-proxy", levels)
