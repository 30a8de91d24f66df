"""What moto cannot say, said in its place, in the shape of the API.

Two means, both on the session, so that every client of it hears the same: an *answer* takes the place of a call that
moto does not know; an *amendment* mends the response to a call that moto answers in part. README.md lists them.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import boto3
from botocore.model import OperationModel

Response = dict[str, Any]
Answer = Callable[[Mapping[str, Any]], Response | None]
Amendment = Callable[[Response], None]


class Gaps:
    """Answers and amendments of one session."""

    def __init__(self, session: boto3.session.Session) -> None:
        self._answers: dict[tuple[str, str], Answer] = {}
        self._said: dict[tuple[str, str], list[tuple[str | Mapping[str, str], Response]]] = {}
        self._patches: dict[tuple[str, str], list[tuple[Response, Response]]] = {}
        self._mappings: list[Response] = []
        self.networks: dict[str, str] = {}
        """VPC of each subnet."""
        self.reserved: dict[str, int] = {}
        """Reserved concurrency of each region, summed over its functions."""
        self.off: set[str] = set()
        """Functions whose reserved concurrency is 0, which moto leaves out of ``GetFunction``."""
        self.functions: dict[str, int] = {}
        """Number of functions in each region."""
        self.packages: dict[str, bytes] = {}
        """Zips of code by their path in the export; moto names addresses to load them from, and serves nothing."""
        session.events.register("before-parameter-build", self._find)
        session.events.register("before-call", self._answer)
        session.events.register("after-call", self._amend)
        for (service, operation), response in _DEFAULTS.items():
            self.default(service, operation, response)
        self.default("lambda", "GetAccountSettings", self.settings)

    def default(self, service: str, operation: str, answer: Response | Answer) -> None:
        """Answer a call in this way where nothing is said of its argument."""
        self._answers[service, operation] = answer if callable(answer) else lambda _: dict(answer)

    def say(self, service: str, operation: str, arguments: str | Mapping[str, str], response: Response) -> None:
        """Answer a call in this way where its arguments, or its region, are these; a text stands for any value."""
        self._said.setdefault((service, operation), []).append((arguments, response))

    def patch(self, service: str, operations: str, where: Response, fields: Response) -> None:
        """Add fields to every object of a response that holds what ``where`` says; commas part the operations."""
        for operation in operations.split(","):
            self._patches.setdefault((service, operation), []).append((where, fields))

    def add_mapping(self, mapping: Response) -> None:
        """Add an event source mapping to the list of them; its region is that of the function."""
        self._mappings.append(mapping)

    def _find(self, params: Mapping[str, Any], model: OperationModel, context: dict[str, Any], **_: object) -> None:
        call = (model.service_model.service_name, model.name)
        asked = {**params, "region": context.get("client_region", "")}
        said = [response for arguments, response in self._said.get(call, ()) if _holds(asked, arguments)]
        if said:
            context["gap"] = said[-1]
        elif call in self._answers:
            answer = self._answers[call](asked)
            if answer is not None:
                context["gap"] = answer

    def _answer(self, context: Mapping[str, Any], **_: object) -> tuple["_Status", Response] | None:
        if "gap" not in context:
            return None
        response = context["gap"]
        return _Status(404 if "Error" in response else 200), {**response, "ResponseMetadata": {}}

    def _amend(self, parsed: Response, model: OperationModel, context: Mapping[str, Any], **_: object) -> None:
        call = (model.service_model.service_name, model.name)
        if "Error" in parsed:
            return
        if call in _AMENDMENTS:
            _AMENDMENTS[call](parsed)
        if call == ("lambda", "ListEventSourceMappings"):
            here = [mapping for mapping in self._mappings if f":{context['client_region']}:" in mapping["FunctionArn"]]
            parsed["EventSourceMappings"] += here
        if call == ("lambda", "GetFunction") and parsed["Configuration"]["FunctionName"] in self.off:
            parsed["Concurrency"] = {"ReservedConcurrentExecutions": 0}
        if call == ("sqs", "ListQueues"):
            host = f"https://sqs.{context['client_region']}.amazonaws.com"
            parsed["QueueUrls"] = [re.sub(r"^https?://[^/]+", host, url) for url in parsed.get("QueueUrls", ())]
        for found in _objects(parsed):
            if found.get("SubnetIds") and "VpcId" in found:
                found["VpcId"] = self.networks.get(found["SubnetIds"][0], found["VpcId"])
            for where, fields in self._patches.get(call, ()):
                if all(found.get(key) == value for key, value in where.items()):
                    found.update(fields)

    def settings(self, asked: Mapping[str, Any]) -> Response:
        """Answer ``lambda.GetAccountSettings``."""
        limit = 1000
        free = limit - self.reserved.get(asked["region"], 0)
        return {
            "AccountLimit": {
                "TotalCodeSize": 80530636800,
                "CodeSizeUnzipped": 262144000,
                "CodeSizeZipped": 52428800,
                "ConcurrentExecutions": limit,
                "UnreservedConcurrentExecutions": free,
            },
            "AccountUsage": {"TotalCodeSize": 50331648, "FunctionCount": self.functions.get(asked["region"], 0)},
        }


def _objects(value: Any) -> Iterator[Response]:
    """Iterate over the objects of a response, an object after those in it."""
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _objects(item)
    if isinstance(value, dict):
        yield value


class _Status:
    """As much of an HTTP response as botocore looks at."""

    def __init__(self, status_code: int) -> None:
        self.status_code = status_code


def _holds(params: Mapping[str, Any], arguments: str | Mapping[str, str]) -> bool:
    if isinstance(arguments, str):
        return arguments in {str(value) for value in params.values()}
    return all(str(params.get(name)) == value for name, value in arguments.items())


def not_found(code: str = "ResourceNotFoundException") -> Response:
    """Return the error that means *there is none*."""
    return {"Error": {"Code": code, "Message": "The resource you requested does not exist."}}


_DEFAULTS: dict[tuple[str, str], Response | Answer] = {
    ("lambda", "GetPolicy"): lambda asked: not_found() if "Qualifier" in asked else None,
    ("lambda", "GetRuntimeManagementConfig"): {"UpdateRuntimeOn": "Auto"},
    ("lambda", "GetFunctionRecursionConfig"): {"RecursiveLoop": "Terminate"},
    ("lambda", "ListFunctionUrlConfigs"): {"FunctionUrlConfigs": []},
    ("lambda", "ListProvisionedConcurrencyConfigs"): {"ProvisionedConcurrencyConfigs": []},
    ("lambda", "ListCodeSigningConfigs"): {"CodeSigningConfigs": []},
    ("lambda", "ListCapacityProviders"): {"CapacityProviders": []},
    ("backup", "ListProtectedResources"): {"Results": []},
    ("budgets", "DescribeBudgetNotificationsForAccount"): {"BudgetNotificationsForAccount": []},
    ("ce", "GetAnomalyMonitors"): {"AnomalyMonitors": []},
    ("ce", "GetAnomalySubscriptions"): {"AnomalySubscriptions": []},
    ("inspector2", "ListCoverage"): {"coveredResources": []},
    ("apigatewayv2", "GetAuthorizers"): {"Items": []},
    ("apigatewayv2", "GetModels"): {"Items": []},
    ("appsync", "ListDataSources"): {"dataSources": []},
    ("appsync", "ListFunctions"): {"functions": []},
    ("appsync", "ListTypes"): {"types": []},
    ("appsync", "ListResolvers"): {"resolvers": []},
    ("dynamodb", "DescribeKinesisStreamingDestination"): lambda asked: {
        "TableName": asked["TableName"],
        "KinesisDataStreamDestinations": [],
    },
    ("elasticache", "DescribeServerlessCaches"): {"ServerlessCaches": []},
    ("elasticache", "DescribeUserGroups"): {"UserGroups": []},
    ("elasticache", "DescribeUsers"): {"Users": []},
    ("memorydb", "DescribeACLs"): {"ACLs": []},
    ("memorydb", "DescribeUsers"): {"Users": []},
    ("cloudfront", "ListRealtimeLogConfigs"): {"RealtimeLogConfigs": {"Items": []}},
    ("ec2", "DescribeManagedPrefixLists"): {"PrefixLists": []},
    ("logs", "DescribeDeliveries"): {"deliveries": []},
    ("logs", "DescribeDeliverySources"): {"deliverySources": []},
    ("rds", "DescribeDBClusterSnapshots"): {"DBClusterSnapshots": []},
    ("rds", "DescribeDBSnapshots"): {"DBSnapshots": []},
    ("redshift-serverless", "ListNamespaces"): {"namespaces": []},
    ("redshift-serverless", "ListWorkgroups"): {"workgroups": []},
    ("s3control", "GetPublicAccessBlock"): not_found("NoSuchPublicAccessBlockConfiguration"),
    ("cognito-identity", "GetIdentityPoolRoles"): lambda asked: {"IdentityPoolId": asked["IdentityPoolId"]},
    ("bedrock-agent", "ListAgentActionGroups"): {"actionGroupSummaries": []},
    ("bedrock-agent", "ListAgentAliases"): {"agentAliasSummaries": []},
    ("bedrock-agent", "ListAgentVersions"): {"agentVersionSummaries": []},
}


def _policies(response: Response) -> None:
    """Of the policies that AWS manages, IAM lists those in use; moto lists all, and leaves out names and counts."""
    attached = [policy for policy in response.get("Policies", ()) if _in_use(policy)]
    holders = [*response.get("RoleDetailList", ()), *response.get("UserDetailList", ())]
    boundaries = [holder.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn") for holder in holders]
    for policy in attached:
        policy["PolicyName"] = policy["Arn"].rpartition("/")[2]
        policy["PolicyId"] = f"ANPA{_digest(policy['Arn'])[:17].upper()}"
        policy["PermissionsBoundaryUsageCount"] = boundaries.count(policy["Arn"])
    response["Policies"] = attached


def _in_use(policy: Response) -> bool:
    return bool(policy.get("AttachmentCount")) or ":aws:policy/" not in policy["Arn"]


def _modified(response: Response) -> None:
    """Lambda writes ``2026-01-31T10:15:00.000+0000``."""
    for configuration in (
        *response.get("Functions", ()),
        *response.get("Versions", ()),
        response.get("Configuration", {}),
    ):
        if text := configuration.get("LastModified"):
            configuration["LastModified"] = re.sub(r"\.(\d{3})\d*Z$", r".\1+0000", text)


def _conditions(response: Response) -> None:
    """Lambda writes these settings into the statement as conditions; moto leaves them beside it.

    An account, which moto names by its number, stands there as its root.
    """
    policy = json.loads(response["Policy"])
    for statement in policy["Statement"]:
        if re.fullmatch(r"\d{12}", str(statement["Principal"])):
            statement["Principal"] = {"AWS": f"arn:aws:iam::{statement['Principal']}:root"}
        condition = statement.setdefault("Condition", {})
        if kind := statement.pop("FunctionUrlAuthType", None):
            condition.setdefault("StringEquals", {})["lambda:FunctionUrlAuthType"] = kind
        if (by_url := statement.pop("InvokedViaFunctionUrl", None)) is not None:
            condition.setdefault("Bool", {})["lambda:InvokedViaFunctionUrl"] = str(by_url).lower()
        if organization := statement.pop("OrganizationId", None):
            condition.setdefault("StringEquals", {})["aws:PrincipalOrgID"] = organization
        if not condition:
            del statement["Condition"]
    response["Policy"] = json.dumps(policy)


def _addresses(response: Response) -> None:
    """Moto puts every cache into us-east-1, under a name of chance that cannot be seeded."""
    for group in response.get("ReplicationGroups", ()):
        region = group["ARN"].split(":")[3]
        short = {"eu-west-1": "euw1", "us-east-1": "use1"}[region]
        zone = f".{_digest(group['ARN'])[:6]}.{short}."
        for found in _objects(group):
            if "Address" in found:
                found["Address"] = re.sub(r"\.\w{6}\.use1\.", zone, found["Address"])
            if "PreferredAvailabilityZone" in found:
                found["PreferredAvailabilityZone"] = found["PreferredAvailabilityZone"].replace("us-east-1", region)


def _rules(response: Response) -> None:
    """Moto numbers the rules of a listener by their place in its memory."""
    for rule in response.get("Rules", ()):
        listener = rule["RuleArn"].rpartition("/")[0]
        rule["RuleArn"] = f"{listener}/{_digest(listener + rule['Priority'])[:16]}"


def _listeners(response: Response) -> None:
    """Take the security policy from a listener without TLS, to which moto gives one."""
    for listener in response.get("Listeners", ()):
        if listener["Protocol"] == "HTTP":
            listener.pop("SslPolicy", None)


def _target_groups(response: Response) -> None:
    """Moto names a load balancer once for each of its listeners."""
    for group in response.get("TargetGroups", ()):
        group["LoadBalancerArns"] = list(dict.fromkeys(group.get("LoadBalancerArns", ())))


def _graphql(response: Response) -> None:
    """Moto gives every API the same address."""
    for api in response.get("graphqlApis", ()):
        host = f"{_digest(api['arn'])[:26]}.appsync-api.{api['arn'].split(':')[3]}.amazonaws.com"
        api["uris"] = {"GRAPHQL": f"https://{host}/graphql", "REALTIME": f"wss://{host}/graphql"}


def _throttles(response: Response) -> None:
    """Where a stage sets no throttle, the service shows the account's; moto shows 1,000 and 2,000."""
    for stage in response.get("item", ()):
        for settings in stage.get("methodSettings", {}).values():
            if (settings.get("throttlingRateLimit"), settings.get("throttlingBurstLimit")) == (1000.0, 2000):
                settings |= {"throttlingRateLimit": 10000.0, "throttlingBurstLimit": 5000}


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


_AMENDMENTS: dict[tuple[str, str], Amendment] = {
    ("iam", "GetAccountAuthorizationDetails"): _policies,
    ("lambda", "ListFunctions"): _modified,
    ("lambda", "ListVersionsByFunction"): _modified,
    ("lambda", "GetFunction"): _modified,
    ("lambda", "GetPolicy"): _conditions,
    ("lambda", "GetLayerVersionPolicy"): _conditions,
    ("elbv2", "DescribeListeners"): _listeners,
    ("elbv2", "DescribeTargetGroups"): _target_groups,
    ("appsync", "ListGraphqlApis"): _graphql,
    ("apigateway", "GetStages"): _throttles,
    ("elasticache", "DescribeReplicationGroups"): _addresses,
    ("elbv2", "DescribeRules"): _rules,
}
