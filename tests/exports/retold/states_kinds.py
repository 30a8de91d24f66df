"""Resources of templates as resources of Terraform's provider for AWS, named as its documentation names them."""

import json

from tests.exports.retold.account import ACCOUNT
from tests.exports.retold.states_apis import KINDS as APIS
from tests.exports.retold.states_shapes import plain, snake, tagged
from tests.exports.retold.states_stores import (
    bucket,
    delivery,
    key,
    queue,
    queue_policy,
    rotation,
    secret,
    stream,
    subscription,
    table,
    topic_policy,
)

# ---------------------------------------------------------------- functions


def function(to, physical, arn, said):
    name = said["FunctionName"]
    apart = ("Code", "RecursiveLoop", "RuntimeManagementConfig", "FileSystemConfigs")
    values = snake({key: value for key, value in said.items() if key not in apart})
    values |= {
        "arn": arn,
        "invoke_arn": f"arn:aws:apigateway:{to.region}:lambda:path/2015-03-31/functions/{arn}/invocations",
    }
    values |= {"tags_all": values.get("tags", {}), "version": "$LATEST", "qualified_arn": f"{arn}:$LATEST"}
    values |= snake(said["Code"])
    values["file_system_config"] = [snake(one) for one in said.get("FileSystemConfigs", [])]
    values.setdefault("reserved_concurrent_executions", -1)
    to.add("aws_lambda_function", name, values)
    to.add(
        "aws_lambda_function_recursion_config", name, {"function_name": name, "recursive_loop": said["RecursiveLoop"]}
    )
    managed = snake(said["RuntimeManagementConfig"])
    to.add("aws_lambda_runtime_management_config", name, {"function_name": name, "function_arn": arn, **managed})


def alias(to, physical, arn, said):
    values = {"name": said["Name"], "function_name": said["FunctionName"], "function_version": said["FunctionVersion"]}
    to.add("aws_lambda_alias", physical, {**values, "arn": physical})
    if "ProvisionedConcurrencyConfig" in said:
        held = snake(said["ProvisionedConcurrencyConfig"])
        values = {"function_name": said["FunctionName"], "qualifier": said["Name"]}
        held["provisioned_concurrent_executions"] = held.pop("provisioned_concurrent_executions")
        to.add("aws_lambda_provisioned_concurrency_config", physical, {**values, **held})


def permission(to, physical, arn, said):
    parts = said["FunctionName"].split(":")
    values = snake(said, FunctionName="", PrincipalOrgID="principal_org_id")
    values |= {
        "function_name": ":".join(parts[:7]),
        "qualifier": parts[7] if len(parts) > 7 else "",
        "statement_id": physical,
    }
    to.add("aws_lambda_permission", physical, values)


def url(to, physical, arn, said):
    values = snake(said, TargetFunctionArn="function_name", AuthType="authorization_type")
    values["function_arn"] = physical
    values["function_url"] = f"https://{said['TargetFunctionArn']}.lambda-url.{to.region}.on.aws/"
    to.add("aws_lambda_function_url", physical, values)


def mapping(to, physical, arn, said):
    renames = {"SourceAccessConfigurations": "source_access_configuration", "FilterCriteria": ""}
    values = snake(said, FunctionName="function_arn", **renames)
    values |= {
        "uuid": physical,
        "function_name": said["FunctionName"],
        "state": "Enabled" if said["Enabled"] else "Disabled",
    }
    for access in values.get("source_access_configuration", []):
        access["uri"] = access.pop("uri")
    if "DestinationConfig" in said:
        failed = said["DestinationConfig"]["OnFailure"]["Destination"]
        values["destination_config"] = [{"on_failure": [{"destination_arn": failed}]}]
    if "FilterCriteria" in said:
        values["filter_criteria"] = [{"filter": [snake(one) for one in said["FilterCriteria"]["Filters"]]}]
    values.setdefault("arn", f"arn:aws:lambda:{to.region}:{ACCOUNT}:event-source-mapping:{physical}")
    to.add("aws_lambda_event_source_mapping", physical, values)


def layer(to, physical, arn, said):
    values = snake(said, Content="")
    owner, _, version = physical.rpartition(":")
    to.add("aws_lambda_layer_version", physical, {**values, "arn": physical, "layer_arn": owner, "version": version})


def layer_permission(to, physical, arn, said):
    layer_arn, _, version = said["LayerVersionArn"].rpartition(":")
    values = snake(said, LayerVersionArn="")
    values |= {"layer_name": layer_arn, "version_number": int(version), "statement_id": physical}
    to.add("aws_lambda_layer_version_permission", physical, values)


# ---------------------------------------------------------------- identities


def identity(kind, title):
    def write(to, physical, arn, said):
        name = said[f"{title}Name"]
        values = {
            "name": name,
            "arn": arn,
            "path": said["Path"],
            "permissions_boundary": said.get("PermissionsBoundary"),
        }
        if said["Tags"]:
            values["tags"] = values["tags_all"] = {tag["Key"]: tag["Value"] for tag in said["Tags"]}
        if "AssumeRolePolicyDocument" in said:
            values["assume_role_policy"] = json.dumps(said["AssumeRolePolicyDocument"])
            values["max_session_duration"] = said.get("MaxSessionDuration", 3600)
        to.add(kind, name, values)
        own = kind.rpartition("_")[2]
        for policy in said["Policies"]:
            shown = {"name": policy["PolicyName"], own: name, "policy": json.dumps(policy["PolicyDocument"])}
            to.add(f"{kind}_policy", f"{name}:{policy['PolicyName']}", shown)
        for policy in said["ManagedPolicyArns"]:
            to.add(f"{kind}_policy_attachment", f"{name}-{policy}", {own: name, "policy_arn": policy})
        if said.get("Groups"):
            to.add("aws_iam_user_group_membership", name, {"user": name, "groups": said["Groups"]})

    return write


def managed_policy(to, physical, arn, said):
    values = {"name": said["ManagedPolicyName"], "path": "/", "arn": physical}
    to.add("aws_iam_policy", physical, {**values, "policy": json.dumps(said["PolicyDocument"])})


# ---------------------------------------------------------------- networks, servers


def security_group(to, physical, arn, said):
    values = {
        "name": said["GroupName"],
        "description": said["GroupDescription"],
        "vpc_id": said["VpcId"],
        "arn": f"arn:aws:ec2:{to.region}:{ACCOUNT}:security-group/{physical}",
    }
    for ours, listed, way in (
        ("ingress", "SecurityGroupIngress", "Source"),
        ("egress", "SecurityGroupEgress", "Destination"),
    ):
        values[ours] = [
            {
                "protocol": rule["IpProtocol"],
                "from_port": rule.get("FromPort", 0),
                "to_port": rule.get("ToPort", 0),
                "cidr_blocks": [rule["CidrIp"]] if "CidrIp" in rule else [],
                "ipv6_cidr_blocks": [rule["CidrIpv6"]] if "CidrIpv6" in rule else [],
                "security_groups": [rule[f"{way}SecurityGroupId"]] if f"{way}SecurityGroupId" in rule else [],
                "prefix_list_ids": [rule[f"{way}PrefixListId"]] if f"{way}PrefixListId" in rule else [],
                "self": False,
            }
            for rule in said[listed]
        ]
    to.add("aws_security_group", physical, values)


def endpoint(to, physical, arn, said):
    values = snake(said, PolicyDocument="", PrivateDnsEnabled="private_dns_enabled")
    to.add("aws_vpc_endpoint", physical, values | {"policy": json.dumps(said["PolicyDocument"]), "state": "available"})


def ec2(kind, resource):
    def write(to, physical, arn, said):
        shown = snake(said) | {"arn": f"arn:aws:ec2:{to.region}:{ACCOUNT}:{resource}/{physical}"}
        to.add(kind, physical, shown | {"owner_id": ACCOUNT})

    return write


def database(kind, call, items, name):
    def write(to, physical, arn, said):
        (one,) = [item for region, _, item in to.account.each(call, items) if item[name] == physical]
        renames = {
            "DBClusterIdentifier": "cluster_identifier",
            "DBInstanceIdentifier": "identifier",
            "DBInstanceClass": "instance_class",
            "VPCSecurityGroups": "vpc_security_group_ids",
            "EnableIAMDatabaseAuthentication": "iam_database_authentication_enabled",
            "DBClusterParameterGroupName": "db_cluster_parameter_group_name",
            "DBParameterGroupName": "parameter_group_name" if kind == "aws_db_instance" else "db_parameter_group_name",
            "DBSubnetGroupName": "db_subnet_group_name",
            "MultiAZ": "multi_az",
        }
        values = snake(said, **renames) | {"arn": one[f"{name.removesuffix('Identifier')}Arn"]}
        host = one["Endpoint"]
        values |= {"endpoint": host} if isinstance(host, str) else {"address": host["Address"], "port": host["Port"]}
        ours = "aws_rds_cluster_instance" if kind == "aws_db_instance" and "DBClusterIdentifier" in said else kind
        if ours == "aws_rds_cluster_instance":
            values["endpoint"] = values.pop("address")
        to.add(ours, physical, values)

    return write


def parameters(kind):
    def write(to, physical, arn, said):
        listed = [{"name": name, "value": value} for name, value in said["Parameters"].items()]
        to.add(kind, physical, {"name": physical, "family": said["Family"], "parameter": listed})

    return write


def cache(to, physical, arn, said):
    (one,) = [
        g
        for _, _, g in to.account.each("elasticache-describe-replication-groups", "ReplicationGroups")
        if g["ReplicationGroupId"] == physical
    ]
    values = snake(said, ReplicationGroupDescription="description", CacheNodeType="node_type")
    values |= {
        "arn": one["ARN"],
        "primary_endpoint_address": one["NodeGroups"][0]["PrimaryEndpoint"]["Address"],
        "port": 6379,
    }
    for flag in ("at_rest_encryption_enabled", "transit_encryption_enabled"):
        values.setdefault(flag, False)
    to.add("aws_elasticache_replication_group", physical, values)


def disk(to, physical, arn, said):
    tags = {tag["Key"]: tag["Value"] for tag in said["FileSystemTags"]}
    to.add(
        "aws_efs_file_system", physical, {"arn": arn, "encrypted": said["Encrypted"], "tags": tags, "tags_all": tags}
    )


def access_point(to, physical, arn, said):
    posix = {key: int(value) for key, value in said["PosixUser"].items()}
    values = {
        "arn": arn,
        "file_system_id": said["FileSystemId"],
        "posix_user": [snake(posix)],
        **tagged(said["AccessPointTags"]),
    }
    to.add("aws_efs_access_point", physical, values | {"root_directory": [snake(said["RootDirectory"])]})


def domain(to, physical, arn, said):
    status = to.account.one("opensearch-describe-domain", to.region, physical)["DomainStatus"]
    options = said["DomainEndpointOptions"]
    values = {
        "domain_name": physical,
        "arn": arn,
        "endpoint": status["Endpoint"],
        "engine_version": said["EngineVersion"],
        "access_policies": json.dumps(said["AccessPolicies"]),
        "encrypt_at_rest": [{"enabled": said["EncryptionAtRestOptions"]["Enabled"]}],
        "node_to_node_encryption": [{"enabled": said["NodeToNodeEncryptionOptions"]["Enabled"]}],
        "domain_endpoint_options": [
            {"enforce_https": options["EnforceHTTPS"], "tls_security_policy": options["TLSSecurityPolicy"]}
        ],
        "advanced_security_options": [{"enabled": said["AdvancedSecurityOptions"]["Enabled"]}],
        "vpc_options": [],
    }
    to.add("aws_opensearch_domain", arn, values)


def broker(to, physical, arn, said):
    renames = {"EncryptionOptions": "", "Users": ""}
    values = snake(said, **renames) | {"arn": arn, "publicly_accessible": said["PubliclyAccessible"]}
    values |= {"encryption_options": [{"use_aws_owned_key": True}], "user": [{"username": "bridge"}]}
    described = to.account.one("mq-describe-broker", to.region, physical)
    values["instances"] = [
        {"endpoints": one["Endpoints"], "console_url": one["ConsoleURL"]} for one in described["BrokerInstances"]
    ]
    to.add("aws_mq_broker", physical, values | {"auto_minor_version_upgrade": said["AutoMinorVersionUpgrade"]})


def repository(to, physical, arn, said):
    values = {"name": physical, "arn": arn, "image_tag_mutability": said["ImageTagMutability"]}
    values["image_scanning_configuration"] = [snake(said["ImageScanningConfiguration"])]
    values["repository_url"] = f"{ACCOUNT}.dkr.ecr.{to.region}.amazonaws.com/{physical}"
    to.add("aws_ecr_repository", physical, values)
    if "RepositoryPolicyText" in said:
        policy = json.dumps(said["RepositoryPolicyText"])
        to.add("aws_ecr_repository_policy", physical, {"repository": physical, "policy": policy})


def log_group(to, physical, arn, said):
    values = snake(said, LogGroupName="name") | {"arn": f"arn:aws:logs:{to.region}:{ACCOUNT}:log-group:{physical}"}
    to.add("aws_cloudwatch_log_group", physical, values)


def parameter(to, physical, arn, said):
    values = snake(said) | {"arn": f"arn:aws:ssm:{to.region}:{ACCOUNT}:parameter{said['Name']}"}
    to.add("aws_ssm_parameter", physical, values)


KINDS = {
    "AWS::AmazonMQ::Broker": broker,
    "AWS::DynamoDB::Table": table,
    "AWS::EC2::NatGateway": ec2("aws_nat_gateway", "natgateway"),
    "AWS::EC2::Route": plain("aws_route", DestinationCidrBlock="destination_cidr_block"),
    "AWS::EC2::RouteTable": ec2("aws_route_table", "route-table"),
    "AWS::EC2::SecurityGroup": security_group,
    "AWS::EC2::Subnet": ec2("aws_subnet", "subnet"),
    "AWS::EC2::SubnetRouteTableAssociation": plain("aws_route_table_association"),
    "AWS::EC2::VPC": ec2("aws_vpc", "vpc"),
    "AWS::EC2::VPCEndpoint": endpoint,
    "AWS::ECR::Repository": repository,
    "AWS::EFS::AccessPoint": access_point,
    "AWS::EFS::FileSystem": disk,
    "AWS::EFS::MountTarget": plain("aws_efs_mount_target"),
    "AWS::ElastiCache::ReplicationGroup": cache,
    "AWS::IAM::Group": identity("aws_iam_group", "Group"),
    "AWS::IAM::ManagedPolicy": managed_policy,
    "AWS::IAM::OIDCProvider": plain("aws_iam_openid_connect_provider"),
    "AWS::IAM::Role": identity("aws_iam_role", "Role"),
    "AWS::IAM::User": identity("aws_iam_user", "User"),
    "AWS::KMS::Alias": plain("aws_kms_alias", AliasName="name"),
    "AWS::KMS::Key": key,
    "AWS::Kinesis::Stream": stream,
    "AWS::KinesisFirehose::DeliveryStream": delivery,
    "AWS::Lambda::Alias": alias,
    "AWS::Lambda::CodeSigningConfig": plain("aws_lambda_code_signing_config", CodeSigningPolicies="policies"),
    "AWS::Lambda::EventInvokeConfig": plain("aws_lambda_function_event_invoke_config"),
    "AWS::Lambda::EventSourceMapping": mapping,
    "AWS::Lambda::Function": function,
    "AWS::Lambda::LayerVersion": layer,
    "AWS::Lambda::LayerVersionPermission": layer_permission,
    "AWS::Lambda::Permission": permission,
    "AWS::Lambda::Url": url,
    "AWS::Lambda::Version": None,  # a state holds the newest version only
    "AWS::Logs::LogGroup": log_group,
    "AWS::Logs::SubscriptionFilter": plain("aws_cloudwatch_log_subscription_filter", FilterName="name"),
    "AWS::OpenSearchService::Domain": domain,
    "AWS::RDS::DBCluster": database("aws_rds_cluster", "rds-describe-db-clusters", "DBClusters", "DBClusterIdentifier"),
    "AWS::RDS::DBClusterParameterGroup": parameters("aws_rds_cluster_parameter_group"),
    "AWS::RDS::DBInstance": database(
        "aws_db_instance", "rds-describe-db-instances", "DBInstances", "DBInstanceIdentifier"
    ),
    "AWS::RDS::DBParameterGroup": parameters("aws_db_parameter_group"),
    "AWS::S3::Bucket": bucket,
    "AWS::S3::BucketPolicy": plain("aws_s3_bucket_policy", "policy", PolicyDocument="policy"),
    "AWS::SNS::Subscription": subscription,
    "AWS::SNS::Topic": plain("aws_sns_topic", TopicName="name"),
    "AWS::SNS::TopicPolicy": topic_policy,
    "AWS::SQS::Queue": queue,
    "AWS::SQS::QueuePolicy": queue_policy,
    "AWS::SSM::Parameter": parameter,
    "AWS::SecretsManager::ResourcePolicy": plain(
        "aws_secretsmanager_secret_policy", "policy", SecretId="secret_arn", ResourcePolicy="policy"
    ),
    "AWS::SecretsManager::RotationSchedule": rotation,
    "AWS::SecretsManager::Secret": secret,
    **APIS,
}
