"""AWS Lambda: every response becomes the record it describes."""

import io
import json
import zipfile

import boto3
import pytest
from moto import mock_aws

from auditkit.exports import read
from auditkit.inventory import UNSET, Kind
from auditkit.inventory.records.functions import (
    CodeSigningConfig,
    Function,
    FunctionAlias,
    FunctionSettings,
    FunctionUrl,
    FunctionVersion,
    LayerVersion,
)
from auditkit.inventory.records.mappings import EventSourceMapping
from tests.exports.feeding import ACCOUNT, REGION, answer, exported, feed

ORDERS = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:orders"
LAYER = f"arn:aws:lambda:{REGION}:{ACCOUNT}:layer:common"
ITEM = {
    "FunctionName": "orders",
    "FunctionArn": ORDERS,
    "Runtime": "python3.12",
    "Role": f"arn:aws:iam::{ACCOUNT}:role/orders",
    "Version": "$LATEST",
    "Timeout": 30,
    "MemorySize": 512,
    "PackageType": "Zip",
    "Architectures": ["arm64"],
    "EphemeralStorage": {"Size": 512},
    "VpcConfig": {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"], "VpcId": "vpc-1"},
    "Layers": [{"Arn": f"{LAYER}:3", "CodeSize": 10}],
    "DeadLetterConfig": {"TargetArn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:dead"},
    "TracingConfig": {"Mode": "Active"},
    "LoggingConfig": {"LogFormat": "JSON", "LogGroup": "/orders"},
    "SnapStart": {"ApplyOn": "None", "OptimizationStatus": "Off"},
    "KMSKeyArn": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1",
    "CapacityProviderConfig": {
        "LambdaManagedInstancesCapacityProviderConfig": {
            "CapacityProviderArn": "arn:aws:lambda:x:1:capacity-provider:c"
        }
    },
    "TenancyConfig": {"TenantIsolationMode": "PER_TENANT"},
    "FileSystemConfigs": [
        {"Arn": f"arn:aws:elasticfilesystem:{REGION}:{ACCOUNT}:access-point/a", "LocalMountPath": "/mnt/x"}
    ],
}
LIST = answer("lambda.ListFunctions", {"Functions": [ITEM]})


def orders(*responses):
    inventory = feed(LIST, *responses)
    assert inventory.not_read == ()
    assert inventory.contradictions == ()
    return inventory.get(ORDERS)


def test_the_configuration_is_read_whole():
    record = orders()
    assert (record.account, record.region, record.name) == (ACCOUNT, REGION, "orders")
    assert record.architectures == ("arm64",)
    assert record.vpc_config.vpc_id == "vpc-1"
    assert record.layers[0].arn == f"{LAYER}:3"
    assert record.dead_letter_config.target_arn.endswith(":dead")
    assert record.file_system_configs[0].local_mount_path == "/mnt/x"
    assert record.logging_config.log_group == "/orders"
    assert record.kms_key_arn.endswith("key/1")
    assert record.tenancy_config.tenant_isolation_mode == "PER_TENANT"
    managed = record.capacity_provider_config.lambda_managed_instances_capacity_provider_config
    assert managed.capacity_provider_arn.endswith(":c")
    assert record.environment is None, "seen, and there is none"


def test_what_has_a_call_of_its_own_is_not_seen_without_it():
    record = orders()
    names = ("policy", "tags", "reserved_concurrency", "code_signing_config_arn", "update_runtime_on", "recursive_loop")
    assert all(getattr(record, name) is UNSET for name in (*names, "event_invoke_configs", "provisioned_concurrency"))


def test_calls_per_function_fill_the_record():
    record = orders(
        answer(
            "lambda.GetFunction",
            {
                "Configuration": ITEM,
                "Code": {
                    "RepositoryType": "ECR",
                    "ImageUri": "repo:tag",
                    "ResolvedImageUri": "repo@sha256:1",
                    "Location": "https://x",
                },
                "Tags": {"team": "orders"},
                "Concurrency": {"ReservedConcurrentExecutions": 5},
            },
            "orders",
        ),
        answer("lambda.GetFunctionConcurrency", {"ReservedConcurrentExecutions": 5}, "orders"),
        answer(
            "lambda.GetFunctionCodeSigningConfig",
            {"CodeSigningConfigArn": "arn:csc", "FunctionName": "orders"},
            "orders",
        ),
        answer(
            "lambda.GetRuntimeManagementConfig", {"UpdateRuntimeOn": "Manual", "RuntimeVersionArn": "arn:rt"}, "orders"
        ),
        answer("lambda.GetFunctionRecursionConfig", {"RecursiveLoop": "Allow"}, "orders"),
        answer(
            "lambda.ListFunctionEventInvokeConfigs",
            {
                "FunctionEventInvokeConfigs": [
                    {
                        "FunctionArn": f"{ORDERS}:$LATEST",
                        "MaximumRetryAttempts": 0,
                        "DestinationConfig": {"OnFailure": {"Destination": "arn:aws:sns:x:1:t"}, "OnSuccess": {}},
                    },
                ]
            },
            "orders",
        ),
        answer(
            "lambda.ListProvisionedConcurrencyConfigs",
            {
                "ProvisionedConcurrencyConfigs": [
                    {"FunctionArn": f"{ORDERS}:live", "RequestedProvisionedConcurrentExecutions": 2},
                ]
            },
            "orders",
        ),
    )
    assert record.tags == {"team": "orders"}
    assert (record.image_uri, record.resolved_image_uri) == ("repo:tag", "repo@sha256:1")
    assert record.reserved_concurrency == 5
    assert record.code_signing_config_arn == "arn:csc"
    assert (record.update_runtime_on, record.managed_runtime_version_arn) == ("Manual", "arn:rt")
    assert record.recursive_loop == "Allow"
    (config,) = record.event_invoke_configs
    assert (config.destination_config.failure, config.destination_config.success) == ("arn:aws:sns:x:1:t", "")
    assert record.provisioned_concurrency[0].requested_provisioned_concurrent_executions == 2
    assert "https://x" not in repr(record)


@pytest.mark.parametrize(
    ("call", "field", "value"),
    [
        ("lambda.GetPolicy", "policy", None),
        ("lambda.GetFunctionConcurrency", "reserved_concurrency", None),
        ("lambda.GetFunctionCodeSigningConfig", "code_signing_config_arn", None),
        ("lambda.ListFunctionEventInvokeConfigs", "event_invoke_configs", ()),
        ("lambda.ListProvisionedConcurrencyConfigs", "provisioned_concurrency", ()),
    ],
)
def test_an_empty_answer_says_that_there_is_none(call, field, value):
    assert getattr(orders(answer(call, {}, "orders")), field) == value


def test_half_a_list_is_no_list():
    broken = {"FunctionEventInvokeConfigs": [{"FunctionArn": ORDERS}, {"FunctionArn": 7}]}
    inventory = feed(LIST, answer("lambda.ListFunctionEventInvokeConfigs", broken, "orders"))
    assert inventory.get(ORDERS).event_invoke_configs is UNSET
    assert [item.source.pointer for item in inventory.not_read] == ["/FunctionEventInvokeConfigs/1"]


def test_tags_that_were_refused_are_not_seen():
    payload = {"Configuration": ITEM, "TagsError": {"ErrorCode": "AccessDeniedException", "Message": "no"}}
    assert orders(answer("lambda.GetFunction", payload, "orders")).tags is UNSET


def test_versions_and_aliases_are_records_of_their_own():
    versions = [ITEM, {**ITEM, "Version": "1", "FunctionArn": f"{ORDERS}:1", "Runtime": "python3.8"}]
    aliases = [
        {
            "AliasArn": f"{ORDERS}:live",
            "Name": "live",
            "FunctionVersion": "1",
            "RoutingConfig": {"AdditionalVersionWeights": {"2": 0.1}},
        }
    ]
    inventory = feed(
        LIST,
        answer("lambda.ListVersionsByFunction", {"Versions": versions}, "orders"),
        answer("lambda.ListAliases", {"Aliases": aliases}, "orders"),
    )
    assert inventory.get(ORDERS).runtime == "python3.12"
    (version,) = inventory.of(FunctionVersion)
    assert (version.id, version.name, version.runtime) == (f"{ORDERS}:1", "orders:1", "python3.8")
    (alias,) = inventory.of(FunctionAlias)
    assert (alias.function_version, alias.routing_config.additional_version_weights) == ("1", {"2": 0.1})


def test_a_listing_of_all_versions_is_understood():
    versions = [ITEM | {"FunctionArn": f"{ORDERS}:$LATEST"}, {**ITEM, "Version": "1", "FunctionArn": f"{ORDERS}:1"}]
    inventory = feed(answer("lambda.ListFunctions", {"Functions": versions}))
    assert [record.id for record in inventory.of(Function)] == [ORDERS]
    assert [record.id for record in inventory.of(FunctionVersion)] == [f"{ORDERS}:1"]


def test_event_source_mappings():
    item = {
        "UUID": "u-1",
        "FunctionArn": f"{ORDERS}:live",
        "EventSourceArn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:jobs",
        "State": "Enabled",
        "BatchSize": 10,
        "FilterCriteria": {"Filters": [{"Pattern": "{}"}]},
        "ScalingConfig": {"MaximumConcurrency": 2},
        "LastModified": 1700000000.0,
        "DestinationConfig": {"OnFailure": {"Destination": "arn:aws:sqs:x:1:dead"}},
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
    }
    kafka = {
        "UUID": "u-2",
        "FunctionArn": ORDERS,
        "State": "Disabled",
        "Topics": ["t"],
        "SelfManagedEventSource": {"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": ["kafka.example.com:9092"]}},
        "SourceAccessConfigurations": [{"Type": "BASIC_AUTH", "URI": "arn:aws:secretsmanager:x:1:secret:k"}],
        "FilterCriteriaError": {"ErrorCode": "x", "Message": "y"},
    }
    inventory = feed(answer("lambda.ListEventSourceMappings", {"EventSourceMappings": [item, kafka]}))
    assert inventory.not_read == ()
    first, second = inventory.of(EventSourceMapping)
    assert first.id == f"arn:aws:lambda:{REGION}:{ACCOUNT}:event-source-mapping:u-1"
    assert (first.enabled, first.filter_criteria.filters[0].pattern, first.filter_unreadable) == (True, "{}", False)
    assert (first.scaling_config.maximum_concurrency, first.destination_config.failure) == (2, "arn:aws:sqs:x:1:dead")
    assert (second.enabled, second.filter_unreadable) == (False, True)
    assert second.self_managed_event_source.endpoints == {"KAFKA_BOOTSTRAP_SERVERS": ("kafka.example.com:9092",)}
    assert second.source_access_configurations[0].uri.endswith(":k")


def test_function_urls():
    item = {
        "FunctionUrl": "https://x.lambda-url.eu-west-1.on.aws/",
        "FunctionArn": f"{ORDERS}:live",
        "AuthType": "NONE",
        "CreationTime": "2026-01-01T00:00:00Z",
        "Cors": {"AllowOrigins": ["*"], "AllowCredentials": True},
    }
    inventory = feed(LIST, answer("lambda.ListFunctionUrlConfigs", {"FunctionUrlConfigs": [item]}, "orders"))
    (url,) = inventory.of(FunctionUrl)
    assert (url.id, url.name, url.account, url.region) == (f"url:{ORDERS}:live", "orders:live", ACCOUNT, REGION)
    assert (url.auth_type, url.cors.allow_origins, url.cors.allow_credentials) == ("NONE", ("*",), True)


def test_layers_their_policies_signing_and_settings():
    version = {"LayerVersionArn": f"{LAYER}:3", "Version": 3, "CompatibleRuntimes": ["python3.12"]}
    policy = json.dumps({"Version": "2012-10-17", "Statement": []})
    signing = f"arn:aws:lambda:{REGION}:{ACCOUNT}:code-signing-config:csc-1"
    inventory = feed(
        answer(
            "lambda.ListLayers",
            {"Layers": [{"LayerName": "common", "LayerArn": LAYER, "LatestMatchingVersion": version}]},
        ),
        answer(
            "lambda.ListLayerVersions",
            {"LayerVersions": [version, {**version, "LayerVersionArn": f"{LAYER}:2", "Version": 2}]},
            "common",
        ),
        answer("lambda.GetLayerVersionPolicy", {"Policy": policy}, f"{LAYER}:3", "3"),
        answer("lambda.GetLayerVersionPolicy", {}, "common", "2"),
        answer(
            "lambda.ListCodeSigningConfigs",
            {
                "CodeSigningConfigs": [
                    {
                        "CodeSigningConfigId": "csc-1",
                        "CodeSigningConfigArn": signing,
                        "AllowedPublishers": {"SigningProfileVersionArns": ["arn:p"]},
                        "CodeSigningPolicies": {"UntrustedArtifactOnDeployment": "Enforce"},
                    }
                ]
            },
        ),
        answer(
            "lambda.GetAccountSettings",
            {
                "AccountLimit": {"ConcurrentExecutions": 1000, "UnreservedConcurrentExecutions": 900},
                "AccountUsage": {"FunctionCount": 3, "TotalCodeSize": 99},
            },
        ),
    )
    assert inventory.not_read == ()
    second, third = inventory.of(LayerVersion)
    assert (third.name, third.version, third.policy.document["Statement"]) == ("common", 3, [])
    assert (second.version, second.policy) == (2, None)
    (config,) = inventory.of(CodeSigningConfig)
    assert config.code_signing_policies.untrusted_artifact_on_deployment == "Enforce"
    (settings,) = inventory.of(FunctionSettings)
    assert settings.id == f"settings:lambda:{ACCOUNT}:{REGION}"
    assert settings.account_limit.unreserved_concurrent_executions == 900


@mock_aws
def test_functions_made_with_boto3_are_read_whole(tmp_path):
    session = boto3.Session(region_name=REGION)
    role = session.client("iam").create_role(RoleName="orders", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("app.py", "def handler(event, context): ...")
    client = session.client("lambda")
    client.create_function(
        FunctionName="orders",
        Runtime="python3.12",
        Role=role,
        Handler="app.handler",
        Publish=True,
        Code={"ZipFile": buffer.getvalue()},
        Environment={"Variables": {"DB_PASSWORD": "hunter22"}},
        Tags={"team": "orders"},
    )
    client.add_permission(
        FunctionName="orders", StatementId="s", Action="lambda:InvokeFunction", Principal="s3.amazonaws.com"
    )
    client.create_alias(FunctionName="orders", Name="live", FunctionVersion="1")
    queue = session.client("sqs").create_queue(QueueName="jobs")["QueueUrl"]
    arn = session.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"][
        "QueueArn"
    ]
    client.create_event_source_mapping(FunctionName="orders", EventSourceArn=arn, BatchSize=5)
    inventory = exported(tmp_path, "lambda")
    record = inventory.get(ORDERS)
    assert record.environment["DB_PASSWORD"].secret
    assert record.tags == {"team": "orders"}
    assert record.policy.document["Statement"][0]["Principal"] == {"Service": "s3.amazonaws.com"}
    assert [alias.name for alias in inventory.of(FunctionAlias)] == ["live"]
    assert [version.version for version in inventory.of(FunctionVersion)] == ["1"]
    assert [mapping.event_source_arn for mapping in inventory.of(EventSourceMapping)] == [arn]
    assert "hunter22" not in repr(record)
    assert inventory.frame(Kind.FUNCTION).loc[0, "environment"] == "DB_PASSWORD"


def test_a_function_whose_arn_is_none_is_no_crash(tmp_path):
    shown = {"Configuration": {"FunctionName": "f", "FunctionArn": ""}, "Code": {"S3Bucket": "b", "S3Key": "k"}}
    path = tmp_path / "111122223333/eu-west-1/lambda-get-function/f.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(shown))
    (function,) = read(tmp_path).of(Function)
    assert function.code_object == "arn:aws:s3:::b/k"
