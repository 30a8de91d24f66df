"""Databases, caches, disks, search domains and brokers in templates."""

from tests.exports.retold.account import document, only, tagged


def servers(account, to):
    for region, _, cluster in account.each("rds-describe-db-clusters", "DBClusters"):
        if region == to.region:
            said = only(
                cluster,
                *("DBClusterIdentifier", "Engine", "EngineVersion", "KmsKeyId", "StorageEncrypted", "Port"),
                *("BackupRetentionPeriod", "DeletionProtection", "MasterUsername"),
            )
            said["EnableIAMDatabaseAuthentication"] = cluster["IAMDatabaseAuthenticationEnabled"]
            said["DBClusterParameterGroupName"] = cluster["DBClusterParameterGroup"]
            said["DBSubnetGroupName"] = cluster["DBSubnetGroup"]
            said["VpcSecurityGroupIds"] = [one["VpcSecurityGroupId"] for one in cluster["VpcSecurityGroups"]]
            said["Tags"] = cluster["TagList"]
            name = cluster["DBClusterIdentifier"]
            logical = to.add("AWS::RDS::DBCluster", name, said, physical=name)
            to.hosts[cluster["Endpoint"]] = f"{logical}.Endpoint.Address"
    for region, _, instance in account.each("rds-describe-db-instances", "DBInstances"):
        if region == to.region:
            said = only(
                instance,
                *("DBInstanceIdentifier", "DBClusterIdentifier", "Engine", "EngineVersion", "KmsKeyId", "MultiAZ"),
                *("DBInstanceClass", "BackupRetentionPeriod", "PubliclyAccessible", "StorageEncrypted"),
                *("DeletionProtection", "MasterUsername"),
            )
            said["EnableIAMDatabaseAuthentication"] = instance["IAMDatabaseAuthenticationEnabled"]
            said["DBParameterGroupName"] = instance["DBParameterGroups"][0]["DBParameterGroupName"]
            said["DBSubnetGroupName"] = instance.get("DBSubnetGroup", {}).get("DBSubnetGroupName")
            said["VPCSecurityGroups"] = [one["VpcSecurityGroupId"] for one in instance["VpcSecurityGroups"]]
            said["Tags"] = instance["TagList"]
            name = instance["DBInstanceIdentifier"]
            said = {key: value for key, value in said.items() if value is not None}
            logical = to.add("AWS::RDS::DBInstance", name, said, physical=name)
            to.hosts[instance["Endpoint"]["Address"]] = f"{logical}.Endpoint.Address"
    _parameters(account, to)
    _caches(account, to)
    _disks(account, to)
    _search(account, to)


def _parameters(account, to):
    for call, kind, key in (
        ("rds-describe-db-cluster-parameters", "AWS::RDS::DBClusterParameterGroup", "DBClusterParameterGroupName"),
        ("rds-describe-db-parameters", "AWS::RDS::DBParameterGroup", "DBParameterGroupName"),
    ):
        for region, name, answer in account.each(call):
            if region == to.region and not name.startswith("default."):
                values = {one["ParameterName"]: one["ParameterValue"] for one in answer["Parameters"]}
                to.add(kind, name, {key: name, "Family": "mysql8.0", "Parameters": values}, physical=name)


def _caches(account, to):
    for region, _, group in account.each("elasticache-describe-replication-groups", "ReplicationGroups"):
        if region == to.region:
            said = only(group, "ReplicationGroupId", "Engine", "CacheNodeType", "UserGroupIds", "TransitEncryptionMode")
            said["ReplicationGroupDescription"] = group["Description"]
            for flag in ("AtRestEncryptionEnabled", "TransitEncryptionEnabled"):
                said[flag] = group[flag]
            name = group["ReplicationGroupId"]
            logical = to.add("AWS::ElastiCache::ReplicationGroup", name, said, physical=name, arn=group["ARN"])
            to.hosts[group["NodeGroups"][0]["PrimaryEndpoint"]["Address"]] = f"{logical}.PrimaryEndPoint.Address"


def _disks(account, to):
    for region, _, disk in account.each("efs-describe-file-systems", "FileSystems"):
        if region == to.region:
            name = disk["FileSystemId"]
            said = {"Encrypted": disk["Encrypted"], **only(disk, "KmsKeyId"), "FileSystemTags": disk["Tags"]}
            to.add("AWS::EFS::FileSystem", name, said, physical=name, arn=disk["FileSystemArn"], ref=name)
    for region, _, point in account.each("efs-describe-access-points", "AccessPoints"):
        if region == to.region:
            said = only(point, "FileSystemId", "RootDirectory") | {"AccessPointTags": point["Tags"]}
            said["PosixUser"] = {key: str(value) for key, value in point["PosixUser"].items()}
            name = point["AccessPointId"]
            to.add("AWS::EFS::AccessPoint", name, said, physical=name, arn=point["AccessPointArn"], ref=name)
    for region, _, target in account.each("efs-describe-mount-targets", "MountTargets"):
        if region == to.region:
            said = only(target, "FileSystemId", "SubnetId") | {"SecurityGroups": []}
            to.add("AWS::EFS::MountTarget", target["MountTargetId"], said, physical=target["MountTargetId"])


def _search(account, to):
    for region, name, answer in account.each("opensearch-describe-domain"):
        if region == to.region:
            status = answer["DomainStatus"]
            said = only(
                status,
                "DomainName",
                "EngineVersion",
                "DomainEndpointOptions",
                "EBSOptions",
                "NodeToNodeEncryptionOptions",
            )
            said["AccessPolicies"] = document(status["AccessPolicies"])
            said["EncryptionAtRestOptions"] = status["EncryptionAtRestOptions"]
            said["AdvancedSecurityOptions"] = {"Enabled": status["AdvancedSecurityOptions"]["Enabled"]}
            logical = to.add("AWS::OpenSearchService::Domain", name, said, physical=name, arn=status["ARN"])
            to.hosts[status["Endpoint"]] = f"{logical}.DomainEndpoint"
    for region, name, answer in account.each("mq-describe-broker"):
        if region == to.region:
            said = only(
                answer,
                *("BrokerName", "EngineType", "EngineVersion", "HostInstanceType", "SecurityGroups", "SubnetIds"),
                *("EncryptionOptions", "DeploymentMode"),
            )
            said["PubliclyAccessible"] = answer["PubliclyAccessible"]
            said["AutoMinorVersionUpgrade"] = answer["AutoMinorVersionUpgrade"]
            said["Users"] = [{"Username": "bridge", "Password": "{{resolve:secretsmanager:broker}}"}]
            said["Tags"] = tagged(answer["Tags"])
            to.add("AWS::AmazonMQ::Broker", name, said, physical=name, arn=answer["BrokerArn"])
