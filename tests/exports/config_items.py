"""Configuration items as AWS Config records them, and the documents it hands them out in."""

import json
from urllib.parse import quote

A, R = "111122223333", "eu-west-1"


def item(kind, arn, configuration, *, name="", ident="", supplementary=None, **more):
    return {
        "configurationItemVersion": "1.3",
        "configurationItemCaptureTime": "2026-01-01T00:00:00.000Z",
        "configurationItemStatus": "OK",
        "awsAccountId": A,
        "awsRegion": R,
        "ARN": arn,
        "resourceType": kind,
        "resourceId": ident or name,
        "resourceName": name,
        "configuration": configuration,
        "supplementaryConfiguration": supplementary or {},
        "tags": {"team": "shop"},
        "relationships": [],
        **more,
    }


FN = f"arn:aws:lambda:{R}:{A}:function:f"
TRUST = quote(
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},'
    '"Action":"sts:AssumeRole"}]}',
    safe="",
)
OWN = quote(
    '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"dynamodb:PutItem","Resource":"*"}}', safe=""
)
SHARED = quote(
    '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sqs:SendMessage","Resource":"*"}}', safe=""
)


def pol(*st):
    return json.dumps({"Version": "2012-10-17", "Statement": list(st)})


fn = item(
    "AWS::Lambda::Function",
    FN,
    {
        "functionName": "f",
        "functionArn": FN,
        "runtime": "python3.13",
        "role": f"arn:aws:iam::{A}:role/f",
        "handler": "a.b",
        "memorySize": 128.0,
        "timeout": 3.0,
        "state": {"value": "Active"},
        "packageType": "Zip",
        "kmskeyArn": None,
        "vpcConfig": {"subnetIds": ["subnet-1"], "securityGroupIds": ["sg-1"]},
        "deadLetterConfig": {"targetArn": f"arn:aws:sqs:{R}:{A}:dead"},
    },
    name="f",
    supplementary={
        "Policy": json.dumps(
            pol(
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "s3.amazonaws.com"},
                    "Action": "lambda:InvokeFunction",
                    "Resource": FN,
                    "Condition": {"ArnLike": {"AWS:SourceArn": "arn:aws:s3:::inbox"}},
                }
            )
        ),
        "Tags": "{}",
        "Concurrency": '{"reservedConcurrentExecutions":5.0}',
    },
)
role = item(
    "AWS::IAM::Role",
    f"arn:aws:iam::{A}:role/f",
    {
        "path": "/",
        "roleName": "f",
        "roleId": "AROA1",
        "arn": f"arn:aws:iam::{A}:role/f",
        "createDate": "2025-01-01T00:00:00.000Z",
        "assumeRolePolicyDocument": TRUST,
        "instanceProfileList": [],
        "rolePolicyList": [
            {
                "policyName": "own",
                "policyDocument": OWN,
            }
        ],
        "attachedManagedPolicies": [{"policyName": "shared", "policyArn": f"arn:aws:iam::{A}:policy/shared"}],
        "permissionsBoundary": None,
        "tags": [],
    },
    name="f",
    ident="AROA1",
    awsRegion="global",
)
mp = item(
    "AWS::IAM::Policy",
    f"arn:aws:iam::{A}:policy/shared",
    {
        "policyName": "shared",
        "policyId": "ANPA",
        "arn": f"arn:aws:iam::{A}:policy/shared",
        "path": "/",
        "defaultVersionId": "v2",
        "attachmentCount": 1.0,
        "policyVersionList": [
            {"document": TRUST, "versionId": "v1", "isDefaultVersion": False},
            {
                "document": SHARED,
                "versionId": "v2",
                "isDefaultVersion": True,
            },
        ],
    },
    name="shared",
    awsRegion="global",
)
bucket = item(
    "AWS::S3::Bucket",
    "arn:aws:s3:::inbox",
    {"name": "inbox", "owner": {"id": "o"}, "creationDate": "2025-01-01"},
    name="inbox",
    supplementary={
        "AccessControlList": json.dumps(
            {
                "grantSet": None,
                "grantList": [
                    {"grantee": {"id": "o"}, "permission": "FullControl"},
                    {"grantee": "AllUsers", "permission": "Read"},
                ],
                "owner": {"id": "o"},
            }
        ),
        "BucketPolicy": {
            "policyText": pol(
                {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::inbox/*"}
            )
        },
        "BucketNotificationConfiguration": {
            "configurations": {
                "n": {
                    "events": ["s3:ObjectCreated:*"],
                    "filter": {"s3KeyFilter": {"filterRules": [{"name": "prefix", "value": "in/"}]}},
                    "functionARN": FN,
                    "type": "LambdaConfiguration",
                }
            }
        },
        "BucketVersioningConfiguration": {"status": "Enabled", "isMfaDeleteEnabled": None},
        "PublicAccessBlockConfiguration": {
            "blockPublicAcls": True,
            "ignorePublicAcls": True,
            "blockPublicPolicy": False,
            "restrictPublicBuckets": False,
        },
        "ServerSideEncryptionConfiguration": {
            "rules": [
                {
                    "applyServerSideEncryptionByDefault": {
                        "sseAlgorithm": "aws:kms",
                        "kmsMasterKeyID": f"arn:aws:kms:{R}:{A}:key/k",
                    },
                    "bucketKeyEnabled": True,
                }
            ]
        },
    },
)
queue = item(
    "AWS::SQS::Queue",
    f"arn:aws:sqs:{R}:{A}:dead",
    {
        "QueueArn": f"arn:aws:sqs:{R}:{A}:dead",
        "QueueUrl": f"https://sqs.{R}.amazonaws.com/{A}/dead",
        "VisibilityTimeout": 30.0,
        "SqsManagedSseEnabled": "true",
        "Policy": pol(),
    },
    name="dead",
    ident=f"https://sqs.{R}.amazonaws.com/{A}/dead",
)
topic = item(
    "AWS::SNS::Topic",
    f"arn:aws:sns:{R}:{A}:news",
    {
        "TopicArn": f"arn:aws:sns:{R}:{A}:news",
        "Owner": A,
        "Policy": pol({"Effect": "Allow", "Principal": "*", "Action": "sns:Publish", "Resource": "*"}),
    },
    name="news",
)
table = item(
    "AWS::DynamoDB::Table",
    f"arn:aws:dynamodb:{R}:{A}:table/orders",
    {
        "tableName": "orders",
        "tableArn": f"arn:aws:dynamodb:{R}:{A}:table/orders",
        "tableStatus": {"value": "ACTIVE"},
        "itemCount": 3.0,
        "latestStreamArn": f"arn:aws:dynamodb:{R}:{A}:table/orders/stream/1",
        "streamSpecification": {"streamEnabled": True, "streamViewType": "NEW_IMAGE"},
        "ssedescription": {"status": "ENABLED", "ssetype": "KMS", "kmsmasterKeyArn": f"arn:aws:kms:{R}:{A}:key/k"},
    },
    name="orders",
    supplementary={
        "ContinuousBackupsDescription": {
            "continuousBackupsStatus": "ENABLED",
            "pointInTimeRecoveryDescription": {"pointInTimeRecoveryStatus": "ENABLED"},
        }
    },
)
rule = item(
    "AWS::Events::Rule",
    f"arn:aws:events:{R}:{A}:rule/nightly",
    {
        "Arn": f"arn:aws:events:{R}:{A}:rule/nightly",
        "Name": "nightly",
        "EventBusName": "default",
        "ScheduleExpression": "rate(1 day)",
        "State": "ENABLED",
        "Targets": [{"Id": "f", "Arn": FN}],
    },
    name="nightly",
)
key = item(
    "AWS::KMS::Key",
    f"arn:aws:kms:{R}:{A}:key/k",
    {
        "keyId": "k",
        "arn": f"arn:aws:kms:{R}:{A}:key/k",
        "awsaccountId": A,
        "enabled": True,
        "keyManager": "CUSTOMER",
        "keyState": "Enabled",
        "keyUsage": "ENCRYPT_DECRYPT",
        "origin": "AWS_KMS",
    },
    name="k",
    ident="k",
    supplementary={
        "KeyRotationStatus": True,
        "Policy": json.dumps(
            pol({"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{A}:root"}, "Action": "kms:*", "Resource": "*"})
        ),
    },
)
sfn = item(
    "AWS::StepFunctions::StateMachine",
    f"arn:aws:states:{R}:{A}:stateMachine:flow",
    {
        "Arn": f"arn:aws:states:{R}:{A}:stateMachine:flow",
        "StateMachineName": "flow",
        "StateMachineType": "STANDARD",
        "RoleArn": f"arn:aws:iam::{A}:role/f",
    },
    name="flow",
)
rest = item(
    "AWS::ApiGateway::RestApi",
    f"arn:aws:apigateway:{R}::/restapis/a1",
    {"id": "a1", "name": "shop", "endpointConfiguration": {"types": ["REGIONAL"]}},
    name="shop",
    ident="arn:aws:apigateway:eu-west-1::/restapis/a1",
)
reststage = item(
    "AWS::ApiGateway::Stage",
    f"arn:aws:apigateway:{R}::/restapis/a1/stages/prod",
    {"deploymentId": "d", "stageName": "prod", "methodSettings": {}, "variables": {"K": "v"}, "tracingEnabled": False},
    name="prod",
)
http = item(
    "AWS::ApiGatewayV2::Api",
    f"arn:aws:apigateway:{R}::/apis/h1",
    {
        "apiId": "h1",
        "name": "web",
        "protocolType": "HTTP",
        "apiEndpoint": "https://h1.execute-api.eu-west-1.amazonaws.com",
    },
    name="web",
    ident=f"arn:aws:apigateway:{R}::/apis/h1",
)
httpstage = item(
    "AWS::ApiGatewayV2::Stage",
    f"arn:aws:apigateway:{R}::/apis/h1/stages/$default",
    {"stageName": "$default", "autoDeploy": True},
    name="$default",
)
db = item(
    "AWS::RDS::DBInstance",
    f"arn:aws:rds:{R}:{A}:db:shop",
    {
        "dBInstanceIdentifier": "shop",
        "dBInstanceArn": f"arn:aws:rds:{R}:{A}:db:shop",
        "engine": "postgres",
        "storageEncrypted": True,
        "endpoint": {"address": "shop.x.rds.amazonaws.com", "port": 5432.0},
        "vpcSecurityGroups": [{"vpcSecurityGroupId": "sg-1", "status": "active"}],
        "publiclyAccessible": False,
        "multiAZ": False,
        "dBSubnetGroup": {"vpcId": "vpc-1", "subnets": [{"subnetIdentifier": "subnet-1"}]},
    },
    name="shop",
    ident="db-ABC",
)
vpc = [
    item(
        "AWS::EC2::VPC",
        f"arn:aws:ec2:{R}:{A}:vpc/vpc-1",
        {"vpcId": "vpc-1", "cidrBlock": "10.0.0.0/16", "state": "available", "isDefault": False},
        ident="vpc-1",
    ),
    item(
        "AWS::EC2::Subnet",
        f"arn:aws:ec2:{R}:{A}:subnet/subnet-1",
        {"subnetId": "subnet-1", "vpcId": "vpc-1", "cidrBlock": "10.0.1.0/24", "state": "available"},
        ident="subnet-1",
    ),
    item(
        "AWS::EC2::SecurityGroup",
        f"arn:aws:ec2:{R}:{A}:security-group/sg-1",
        {
            "groupId": "sg-1",
            "groupName": "g",
            "vpcId": "vpc-1",
            "ipPermissions": [
                {
                    "ipProtocol": "tcp",
                    "fromPort": 443.0,
                    "toPort": 443.0,
                    "ipv4Ranges": [{"cidrIp": "0.0.0.0/0"}],
                    "ipRanges": ["0.0.0.0/0"],
                    "userIdGroupPairs": [],
                    "ipv6Ranges": [],
                    "prefixListIds": [],
                }
            ],
            "ipPermissionsEgress": [],
        },
        ident="sg-1",
    ),
    item(
        "AWS::EC2::VPCEndpoint",
        f"arn:aws:ec2:{R}:{A}:vpc-endpoint/vpce-1",
        {
            "vpcEndpointId": "vpce-1",
            "vpcId": "vpc-1",
            "serviceName": "com.amazonaws.eu-west-1.s3",
            "vpcEndpointType": "Gateway",
            "state": {"value": "available"},
            "routeTableIds": ["rtb-1"],
            "policyDocument": pol(),
        },
        ident="vpce-1",
    ),
]
kin = item(
    "AWS::Kinesis::Stream",
    f"arn:aws:kinesis:{R}:{A}:stream/clicks",
    {"Arn": f"arn:aws:kinesis:{R}:{A}:stream/clicks", "Name": "clicks", "RetentionPeriodHours": 24, "ShardCount": 1},
    name="clicks",
)
gone = {
    **queue,
    "ARN": f"arn:aws:sqs:{R}:{A}:gone",
    "configurationItemStatus": "ResourceDeleted",
    "configuration": None,
}
ALL = [fn, role, mp, bucket, queue, topic, table, rule, key, sfn, rest, reststage, http, httpstage, db, *vpc, kin, gone]


def snapshot(items):
    return {"fileVersion": "1.0", "configSnapshotId": "x", "configurationItems": items}


def query(items):
    out = []
    for i in items:
        j = {k: v for k, v in i.items() if k not in ("ARN", "awsAccountId", "tags")}
        j |= {
            "arn": i["ARN"],
            "accountId": i["awsAccountId"],
            "tags": [{"key": k, "value": v, "tag": f"{k}={v}"} for k, v in i["tags"].items()],
        }
        out.append(json.dumps(j))
    return {"Results": out, "QueryInfo": {"SelectFields": [{"Name": "resourceId"}]}}


def history(items):
    return {
        "configurationItems": [
            {
                **{k: v for k, v in i.items() if k not in ("ARN", "awsAccountId")},
                "arn": i["ARN"],
                "accountId": i["awsAccountId"],
                "configuration": json.dumps(i["configuration"]),
                "supplementaryConfiguration": {
                    k: v if isinstance(v, str) else json.dumps(v) for k, v in i["supplementaryConfiguration"].items()
                },
            }
            for i in items
        ]
    }
