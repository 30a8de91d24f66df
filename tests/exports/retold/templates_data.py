"""Stores, messages, keys and networks in templates."""

from tests.exports.retold.account import ACCOUNT, document, only, tagged
from tests.exports.retold.templates_servers import servers


def buckets(account, to):
    for _, _, bucket in account.each("s3-list-buckets", "Buckets"):
        name = bucket["Name"]
        where = account.one("s3-get-bucket-location", "global", name).get("LocationConstraint") or "us-east-1"
        if where == to.region:
            to.add("AWS::S3::Bucket", name, bucket_properties(account, name), physical=name, arn=f"arn:aws:s3:::{name}")
            policy = account.one("s3-get-bucket-policy", "global", name).get("Policy")
            if policy:
                to.add("AWS::S3::BucketPolicy", name, {"Bucket": name, "PolicyDocument": document(policy)})


def bucket_properties(account, name):
    def answer(call):
        return account.one(call, "global", name)

    said = {"BucketName": name, "Tags": answer("s3-get-bucket-tagging").get("TagSet", [])}
    said["NotificationConfiguration"] = _notifications(answer("s3-get-bucket-notification-configuration"))
    blocked = answer("s3-get-public-access-block").get("PublicAccessBlockConfiguration")
    if blocked:
        said["PublicAccessBlockConfiguration"] = blocked
    status = answer("s3-get-bucket-versioning").get("Status")
    if status:
        said["VersioningConfiguration"] = {"Status": status}
    said["BucketEncryption"] = {
        "ServerSideEncryptionConfiguration": [
            {
                "ServerSideEncryptionByDefault": rule["ApplyServerSideEncryptionByDefault"],
                "BucketKeyEnabled": rule.get("BucketKeyEnabled", False),
            }
            for rule in answer("s3-get-bucket-encryption").get("ServerSideEncryptionConfiguration", {}).get("Rules", [])
        ]
    }
    said["OwnershipControls"] = answer("s3-get-bucket-ownership-controls").get("OwnershipControls")
    said["LifecycleConfiguration"] = _lifecycle(answer("s3-get-bucket-lifecycle-configuration"))
    said["ReplicationConfiguration"] = answer("s3-get-bucket-replication").get("ReplicationConfiguration")
    website = answer("s3-get-bucket-website")
    if website:
        said["WebsiteConfiguration"] = {"IndexDocument": website.get("IndexDocument", {}).get("Suffix", "index.html")}
    return {key: value for key, value in said.items() if value not in (None, {}, [])}


def _notifications(answer):
    said = {}
    for key, ours, target in (
        ("LambdaFunctionConfigurations", "LambdaConfigurations", ("LambdaFunctionArn", "Function")),
        ("QueueConfigurations", "QueueConfigurations", ("QueueArn", "Queue")),
        ("TopicConfigurations", "TopicConfigurations", ("TopicArn", "Topic")),
    ):
        for config in answer.get(key, []):
            rules = config.get("Filter", {}).get("Key", {}).get("FilterRules")
            kept = {"Filter": {"S3Key": {"Rules": rules}}} if rules else {}
            for event in config["Events"]:
                said.setdefault(ours, []).append({"Event": event, target[1]: config[target[0]], **kept})
    if "EventBridgeConfiguration" in answer:
        said["EventBridgeConfiguration"] = {"EventBridgeEnabled": True}
    return said


def _lifecycle(answer):
    rules = []
    for rule in answer.get("Rules", []):
        said = {"Id": rule["ID"], "Status": rule["Status"], "Prefix": rule.get("Filter", {}).get("Prefix", "")}
        if "Expiration" in rule:
            said["ExpirationInDays"] = rule["Expiration"]["Days"]
        rules.append(said)
    return {"Rules": rules} if rules else None


def tables(account, to):
    for region, name, answer in account.each("dynamodb-describe-table"):
        if region == to.region:
            table = answer["Table"]
            said = _table(account, region, name, table)
            logical = to.add("AWS::DynamoDB::Table", name, said, physical=name, arn=table["TableArn"])
            if "StreamSpecification" in said:
                to.by_arn[table["LatestStreamArn"]] = {"Fn::GetAtt": [logical, "StreamArn"]}


def _table(account, region, name, table):
    said = only(table, "TableName", "KeySchema", "AttributeDefinitions", "DeletionProtectionEnabled")
    said["BillingMode"] = table.get("BillingModeSummary", {}).get("BillingMode", "PROVISIONED")
    if table.get("StreamSpecification", {}).get("StreamEnabled"):
        said["StreamSpecification"] = only(table["StreamSpecification"], "StreamViewType")
    if table.get("SSEDescription", {}).get("Status") == "ENABLED":
        said["SSESpecification"] = {
            "SSEEnabled": True,
            "SSEType": "KMS",
            "KMSMasterKeyId": table["SSEDescription"]["KMSMasterKeyArn"],
        }
    backups = account.one("dynamodb-describe-continuous-backups", region, name)["ContinuousBackupsDescription"]
    status = backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"]
    said["PointInTimeRecoverySpecification"] = {"PointInTimeRecoveryEnabled": status == "ENABLED"}
    live = account.one("dynamodb-describe-time-to-live", region, name)["TimeToLiveDescription"]
    if live["TimeToLiveStatus"] == "ENABLED":
        said["TimeToLiveSpecification"] = {"AttributeName": live["AttributeName"], "Enabled": True}
    policy = account.one("dynamodb-get-resource-policy", region, table["TableArn"]).get("Policy")
    if policy:
        said["ResourcePolicy"] = {"PolicyDocument": document(policy)}
    streams = account.one("dynamodb-describe-kinesis-streaming-destination", region, name)
    for destination in streams.get("KinesisDataStreamDestinations", []):
        said["KinesisStreamSpecification"] = {"StreamArn": destination["StreamArn"]}
    said["Tags"] = account.one("dynamodb-list-tags-of-resource", region, table["TableArn"]).get("Tags", [])
    return said


def queues(account, to):
    for region, url, answer in account.each("sqs-get-queue-attributes"):
        if region != to.region:
            continue
        attributes = answer["Attributes"]
        arn = attributes["QueueArn"]
        name = arn.rpartition(":")[2]
        said = {"QueueName": name, "VisibilityTimeout": int(attributes["VisibilityTimeout"])}
        said |= {"MessageRetentionPeriod": int(attributes["MessageRetentionPeriod"])}
        said |= only(attributes, "KmsMasterKeyId")
        if "SqsManagedSseEnabled" in attributes:
            said["SqsManagedSseEnabled"] = attributes["SqsManagedSseEnabled"] == "true"
        if "RedrivePolicy" in attributes:
            said["RedrivePolicy"] = document(attributes["RedrivePolicy"])
        said["Tags"] = tagged(account.one("sqs-list-queue-tags", region, url).get("Tags"))
        to.add("AWS::SQS::Queue", name, said, physical=url, arn=arn, ref=url)
        if "Policy" in attributes:
            to.add(
                "AWS::SQS::QueuePolicy",
                name,
                {"Queues": [url], "PolicyDocument": document(attributes["Policy"])},
            )


def topics(account, to):
    for region, arn, answer in account.each("sns-get-topic-attributes"):
        if region != to.region:
            continue
        name, attributes = arn.rpartition(":")[2], answer["Attributes"]
        said = {"TopicName": name, **only(attributes, "KmsMasterKeyId")}
        said["Tags"] = account.one("sns-list-tags-for-resource", region, arn).get("Tags", [])
        to.add("AWS::SNS::Topic", name, said, physical=arn, arn=arn)
        to.add("AWS::SNS::TopicPolicy", name, {"Topics": [arn], "PolicyDocument": document(attributes["Policy"])})
    for region, arn, answer in account.each("sns-get-subscription-attributes"):
        if region == to.region:
            attributes = answer["Attributes"]
            said = only(attributes, "TopicArn", "Protocol", "Endpoint", "FilterPolicyScope")
            if "FilterPolicy" in attributes:
                said["FilterPolicy"] = document(attributes["FilterPolicy"])
            if "RedrivePolicy" in attributes:
                said["RedrivePolicy"] = document(attributes["RedrivePolicy"])
            to.add("AWS::SNS::Subscription", arn.rpartition(":")[2], said, physical=arn)


def streams(account, to):
    for region, _, answer in account.each("kinesis-describe-stream-summary"):
        if region == to.region:
            stream = answer["StreamDescriptionSummary"]
            name = stream["StreamName"]
            said = {"Name": name, **only(stream, "RetentionPeriodHours", "StreamModeDetails")}
            if stream["EncryptionType"] == "KMS":
                said["StreamEncryption"] = {"EncryptionType": "KMS", "KeyId": stream["KeyId"]}
            said["Tags"] = account.one("kinesis-list-tags-for-stream", region, name).get("Tags", [])
            to.add("AWS::Kinesis::Stream", name, said, physical=name, arn=stream["StreamARN"])
    for region, name, answer in account.each("firehose-describe-delivery-stream"):
        if region == to.region:
            described = answer["DeliveryStreamDescription"]
            (destination,) = described["Destinations"]
            extended = destination["ExtendedS3DestinationDescription"]
            said = {
                "DeliveryStreamName": name,
                "DeliveryStreamType": described["DeliveryStreamType"],
                "ExtendedS3DestinationConfiguration": extended,
            }
            to.add(
                "AWS::KinesisFirehose::DeliveryStream",
                name,
                said,
                physical=name,
                arn=described["DeliveryStreamARN"],
            )


def keys(account, to):
    for region, key, answer in account.each("kms-describe-key"):
        if region == to.region:
            metadata = answer["KeyMetadata"]
            said = only(metadata, "Description", "KeySpec") | {"KeyUsage": "ENCRYPT_DECRYPT"}
            said["Enabled"] = metadata["Enabled"]
            said["KeyPolicy"] = document(account.one("kms-get-key-policy", region, key)["Policy"])
            rotated = account.one("kms-get-key-rotation-status", region, key)["KeyRotationEnabled"]
            said["EnableKeyRotation"] = rotated
            tags = account.one("kms-list-resource-tags", region, key).get("Tags", [])
            said["Tags"] = [{"Key": tag["TagKey"], "Value": tag["TagValue"]} for tag in tags]
            to.add("AWS::KMS::Key", key, said, physical=key, arn=metadata["Arn"], ref=key)
    for region, _, alias in account.each("kms-list-aliases", "Aliases"):
        if region == to.region and "TargetKeyId" in alias and not alias["AliasName"].startswith("alias/aws/"):
            said = {"AliasName": alias["AliasName"], "TargetKeyId": alias["TargetKeyId"]}
            to.add("AWS::KMS::Alias", alias["AliasName"], said)
    for region, _, secret in account.each("secretsmanager-list-secrets", "SecretList"):
        if region != to.region or secret["Name"].startswith("events!"):
            continue
        said = {**only(secret, "Name", "Description", "KmsKeyId", "Tags"), "GenerateSecretString": {}}
        logical = to.add("AWS::SecretsManager::Secret", secret["Name"], said, physical=secret["ARN"])
        to.by_arn[secret["ARN"]] = {"Ref": logical}
        policy = account.one("secretsmanager-get-resource-policy", region, secret["ARN"]).get("ResourcePolicy")
        if policy:
            said = {"SecretId": secret["ARN"], "ResourcePolicy": document(policy)}
            to.add("AWS::SecretsManager::ResourcePolicy", secret["Name"], said)
        if secret.get("RotationEnabled"):
            said = {"SecretId": secret["ARN"], "RotationLambdaARN": secret["RotationLambdaARN"]}
            said["RotationRules"] = only(secret["RotationRules"], "AutomaticallyAfterDays")
            to.add("AWS::SecretsManager::RotationSchedule", secret["Name"], said)


def networks(account, to):
    kinds = (
        ("ec2-describe-vpcs", "Vpcs", "AWS::EC2::VPC", "VpcId", ("CidrBlock",)),
        ("ec2-describe-subnets", "Subnets", "AWS::EC2::Subnet", "SubnetId", ("CidrBlock", "VpcId", "AvailabilityZone")),
        ("ec2-describe-route-tables", "RouteTables", "AWS::EC2::RouteTable", "RouteTableId", ("VpcId",)),
        ("ec2-describe-nat-gateways", "NatGateways", "AWS::EC2::NatGateway", "NatGatewayId", ("SubnetId",)),
    )
    for call, key, kind, name, said in kinds:
        for region, _, item in account.each(call, key):
            if region == to.region:
                properties = only(item, *said, "Tags")
                if item.get("MapPublicIpOnLaunch"):
                    properties["MapPublicIpOnLaunch"] = True
                to.add(kind, item[name], properties, physical=item[name], ref=item[name])


def network_parts(account, to):
    for region, _, group in account.each("ec2-describe-security-groups", "SecurityGroups"):
        if region == to.region:
            _security_group(to, group)
    for region, _, table in account.each("ec2-describe-route-tables", "RouteTables"):
        if region == to.region:
            _routes(to, table)
    for region, _, endpoint in account.each("ec2-describe-vpc-endpoints", "VpcEndpoints"):
        if region == to.region:
            said = only(endpoint, "ServiceName", "VpcId", "VpcEndpointType", "RouteTableIds", "SubnetIds")
            said["PolicyDocument"] = document(endpoint["PolicyDocument"])
            said["PrivateDnsEnabled"] = endpoint["PrivateDnsEnabled"]
            said["SecurityGroupIds"] = [group["GroupId"] for group in endpoint["Groups"]]
            to.add("AWS::EC2::VPCEndpoint", endpoint["VpcEndpointId"], said, physical=endpoint["VpcEndpointId"])


def _security_group(to, group):
    said = {
        "GroupDescription": group["Description"],
        "GroupName": group["GroupName"],
        "VpcId": group["VpcId"],
        "SecurityGroupIngress": [rule for item in group["IpPermissions"] for rule in security_rules(item, "Source")],
        "SecurityGroupEgress": [
            rule for item in group["IpPermissionsEgress"] for rule in security_rules(item, "Destination")
        ],
        "Tags": group.get("Tags", []),
    }
    to.add("AWS::EC2::SecurityGroup", group["GroupId"], said, physical=group["GroupId"], ref=group["GroupId"])


def security_rules(item, way):
    base = only(item, "IpProtocol") | {key: item[key] for key in ("FromPort", "ToPort") if key in item}
    for block in item.get("IpRanges", []):
        yield {**base, "CidrIp": block["CidrIp"]}
    for block in item.get("Ipv6Ranges", []):
        yield {**base, "CidrIpv6": block["CidrIpv6"]}
    for pair in item.get("UserIdGroupPairs", []):
        yield {**base, f"{way}SecurityGroupId": pair["GroupId"]}
    for prefix in item.get("PrefixListIds", []):
        yield {**base, f"{way}PrefixListId": prefix["PrefixListId"]}


def _routes(to, table):
    for number, route in enumerate(table["Routes"]):
        if route.get("GatewayId") != "local":
            said = {key: value for key, value in route.items() if key not in {"Origin", "State"}}
            to.add(
                "AWS::EC2::Route", f"{table['RouteTableId']}-{number}", {"RouteTableId": table["RouteTableId"], **said}
            )
    for association in table["Associations"]:
        if "SubnetId" in association:
            said = {"RouteTableId": table["RouteTableId"], "SubnetId": association["SubnetId"]}
            to.add("AWS::EC2::SubnetRouteTableAssociation", association["RouteTableAssociationId"], said)


def registries(account, to):
    for region, _, repository in account.each("ecr-describe-repositories", "repositories"):
        if region == to.region:
            name = repository["repositoryName"]
            said = {
                "RepositoryName": name,
                "ImageTagMutability": repository["imageTagMutability"],
                "ImageScanningConfiguration": {"ScanOnPush": repository["imageScanningConfiguration"]["scanOnPush"]},
            }
            policy = account.one("ecr-get-repository-policy", region, name).get("policyText")
            if policy:
                said["RepositoryPolicyText"] = document(policy)
            to.add("AWS::ECR::Repository", name, said, physical=name, arn=repository["repositoryArn"])


def log_groups(account, to):
    for region, _, group in account.each("logs-describe-log-groups", "logGroups"):
        if region == to.region:
            name = group["logGroupName"]
            said = {"LogGroupName": name}
            if "retentionInDays" in group:
                said["RetentionInDays"] = group["retentionInDays"]
            if "kmsKeyId" in group:
                said["KmsKeyId"] = group["kmsKeyId"]
            arn = group["logGroupArn"]
            to.add("AWS::Logs::LogGroup", name, said, physical=name, arn=arn, ref=name)
    for region, _, filtered in account.each("logs-describe-subscription-filters", "subscriptionFilters"):
        if region == to.region:
            said = {
                "LogGroupName": filtered["logGroupName"],
                "FilterPattern": filtered["filterPattern"],
                "DestinationArn": filtered["destinationArn"],
                "FilterName": filtered["filterName"],
            }
            if filtered.get("roleArn"):
                said["RoleArn"] = filtered["roleArn"]
            to.add("AWS::Logs::SubscriptionFilter", filtered["filterName"], said)


def parameters(account, to):
    for region, _, parameter in account.each("ssm-describe-parameters", "Parameters"):
        if region == to.region and (parameter["Type"] != "SecureString" or to.secure):
            said = only(parameter, "Name", "Type") | {"Value": "something"}
            arn = f"arn:aws:ssm:{region}:{ACCOUNT}:parameter{parameter['Name']}"
            to.add("AWS::SSM::Parameter", parameter["Name"], said, physical=parameter["Name"], arn=arn)


PARTS = (
    keys,
    networks,
    network_parts,
    buckets,
    tables,
    queues,
    topics,
    streams,
    servers,
    registries,
    log_groups,
    parameters,
)
