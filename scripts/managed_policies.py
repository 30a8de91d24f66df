"""Write AWS's managed policies that templates attach, as moto has them from AWS, to ``managed_policies.json``.

Run it with the version of moto of which the date is to be noted: ``python3 scripts/managed_policies.py``.
"""

import json
from pathlib import Path

from moto.iam.aws_managed_policies import aws_managed_policies_data

TARGET = Path(__file__).parents[1] / "src" / "auditkit" / "exports" / "managed_policies.json"
NAMES = [
    "AWSAppSyncInvokeFullAccess",
    "AWSAppSyncPushToCloudWatchLogs",
    "AWSCloudFormationFullAccess",
    "AWSCloudFormationReadOnlyAccess",
    "AWSCodeDeployRole",
    "AWSCodeDeployRoleForLambda",
    "AWSCodeDeployRoleForLambdaLimited",
    "AWSConfigRulesExecutionRole",
    "AWSGlueServiceRole",
    "AWSIoTDataAccess",
    "AWSIoTFullAccess",
    "AWSKeyManagementServicePowerUser",
    "AWSLambdaBasicDurableExecutionRolePolicy",
    "AWSLambdaBasicExecutionRole",
    "AWSLambdaDynamoDBExecutionRole",
    "AWSLambdaENIManagementAccess",
    "AWSLambdaExecute",
    "AWSLambdaInvocation-DynamoDB",
    "AWSLambdaKinesisExecutionRole",
    "AWSLambdaMSKExecutionRole",
    "AWSLambdaRole",
    "AWSLambdaSQSQueueExecutionRole",
    "AWSLambdaVPCAccessExecutionRole",
    "AWSLambda_FullAccess",
    "AWSLambda_ReadOnlyAccess",
    "AWSMarketplaceMeteringFullAccess",
    "AWSSecretsManagerClientReadOnlyAccess",
    "AWSStepFunctionsFullAccess",
    "AWSStepFunctionsReadOnlyAccess",
    "AWSXRayDaemonWriteAccess",
    "AWSXrayFullAccess",
    "AWSXrayWriteOnlyAccess",
    "AdministratorAccess",
    "AmazonAPIGatewayAdministrator",
    "AmazonAPIGatewayInvokeFullAccess",
    "AmazonAPIGatewayPushToCloudWatchLogs",
    "AmazonAthenaFullAccess",
    "AmazonBedrockFullAccess",
    "AmazonBedrockLimitedAccess",
    "AmazonBedrockReadOnly",
    "AmazonCognitoDeveloperAuthenticatedIdentities",
    "AmazonCognitoPowerUser",
    "AmazonCognitoReadOnly",
    "AmazonDynamoDBFullAccess",
    "AmazonDynamoDBFullAccess_v2",
    "AmazonDynamoDBReadOnlyAccess",
    "AmazonEC2ContainerRegistryReadOnly",
    "AmazonECSTaskExecutionRolePolicy",
    "AmazonElasticFileSystemClientFullAccess",
    "AmazonElasticFileSystemClientReadWriteAccess",
    "AmazonEventBridgeFullAccess",
    "AmazonEventBridgeReadOnlyAccess",
    "AmazonEventBridgeSchedulerFullAccess",
    "AmazonKinesisFirehoseFullAccess",
    "AmazonKinesisFullAccess",
    "AmazonKinesisReadOnlyAccess",
    "AmazonLexRunBotsOnly",
    "AmazonMQReadOnlyAccess",
    "AmazonMSKReadOnlyAccess",
    "AmazonMobileAnalyticsWriteOnlyAccess",
    "AmazonOpenSearchServiceFullAccess",
    "AmazonOpenSearchServiceReadOnlyAccess",
    "AmazonPollyFullAccess",
    "AmazonRDSDataFullAccess",
    "AmazonRDSReadOnlyAccess",
    "AmazonRekognitionFullAccess",
    "AmazonRekognitionReadOnlyAccess",
    "AmazonS3FullAccess",
    "AmazonS3ObjectLambdaExecutionRolePolicy",
    "AmazonS3ReadOnlyAccess",
    "AmazonSESFullAccess",
    "AmazonSNSFullAccess",
    "AmazonSNSReadOnlyAccess",
    "AmazonSNSRole",
    "AmazonSQSFullAccess",
    "AmazonSQSReadOnlyAccess",
    "AmazonSSMFullAccess",
    "AmazonSSMManagedInstanceCore",
    "AmazonSSMReadOnlyAccess",
    "AmazonTextractFullAccess",
    "AmazonTranscribeFullAccess",
    "AmazonVPCReadOnlyAccess",
    "CloudWatchAgentServerPolicy",
    "CloudWatchEventsFullAccess",
    "CloudWatchEventsInvocationAccess",
    "CloudWatchFullAccess",
    "CloudWatchLambdaApplicationSignalsExecutionRolePolicy",
    "CloudWatchLambdaInsightsExecutionRolePolicy",
    "CloudWatchLogsFullAccess",
    "CloudWatchReadOnlyAccess",
    "ComprehendFullAccess",
    "IAMFullAccess",
    "IAMReadOnlyAccess",
    "PowerUserAccess",
    "ReadOnlyAccess",
    "SecretsManagerReadWrite",
    "SecurityAudit",
    "TranslateFullAccess",
    "TranslateReadOnly",
    "ViewOnlyAccess",
]


def main() -> None:
    """Write the file: path and name of each policy, its version and its document."""
    known = json.loads(aws_managed_policies_data)
    found = {}
    for name in NAMES:
        policy = known[name]
        path = policy.get("Path") or "/"
        found[f"{path}{name}".removeprefix("/")] = {
            "version": policy["DefaultVersionId"],
            "document": policy["Document"],
        }
    rows = [
        f" {json.dumps(name)}: {json.dumps(found[name], separators=(',', ':'), sort_keys=True)}"
        for name in sorted(found)
    ]
    TARGET.write_text("{\n" + ",\n".join(rows) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
