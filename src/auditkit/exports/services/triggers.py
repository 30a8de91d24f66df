"""Responses that show what else makes functions run: mail, telephony, bots, file transfers, pipelines and others.

Of these resources nothing is kept but what they run.
"""

from collections.abc import Iterator
from functools import partial

from auditkit.exports._json import JsonError, parse_json
from auditkit.exports._nodes import Node
from auditkit.exports._reading import Handler, Reading, Response
from auditkit.inventory.triggers import ServiceTrigger

__all__ = ["HANDLERS", "alarm_actions", "destination_in"]


class _Origin:
    """A resource that runs something, and how it does.

    Parameters
    ----------
    response
        Tells account and region.
    reading
        Takes what it runs.
    arn, label
        The resource.
    service
        Principal of its service.
    entry_hop, signed_in, requires_tls
        As of :class:`ServiceTrigger`.
    """

    def __init__(
        self,
        response: Response,
        reading: Reading,
        arn: str,
        label: str,
        *,
        service: str,
        entry_hop: str = "",
        signed_in: bool = False,
        requires_tls: bool | None = None,
    ) -> None:
        self._response = response
        self._reading = reading
        self._arn = arn
        self._label = label or arn.rpartition(":")[2]
        self._service = service
        self._entry_hop = entry_hop
        self._signed_in = signed_in
        self._requires_tls = requires_tls

    def runs(self, target: Node | None, detail: str = "") -> None:
        """Add what the resource runs: an ARN, or the name of a function; nothing is no target."""
        if target is None or target.value == "":
            return
        if not isinstance(target.value, str):
            self._reading.not_read(target.source, "wrong shape: expected text")
            return
        text = target.value
        self._reading.add(
            ServiceTrigger(
                id=f"trigger:{self._arn}/{text}",
                name=self._label,
                account=self._response.account,
                region=self._response.region,
                sources=(target.source,),
                origin=self._arn,
                label=self._label,
                target=text if text.startswith("arn:") else self._response.arn("lambda", f"function:{text}"),
                service=self._service,
                entry_hop=self._entry_hop,
                signed_in=self._signed_in,
                requires_tls=self._requires_tls,
                detail=detail,
            )
        )


def _whole(response: Response, reading: Reading, *steps: str) -> Node | None:
    """Return the object at a place of a response; what is none is noted."""
    value = reading.value(dict, response, *steps) if steps else response.payload
    return None if value is None else Node(value, response.at(*steps))


def _items(response: Response, reading: Reading, *steps: str) -> Iterator[Node]:
    for _, item, source in reading.items(response, *steps):
        yield Node(item, source)


def _described(node: Node, key: str, response: Response, service: str, resource: str) -> str:
    """Return the ARN that a description has, or the one that follows from a name."""
    return node.text(key) or response.arn(service, resource)


# ---------------------------------------------------------------- what the outside reaches


def requires_tls(policy: str) -> bool | None:
    """Return whether a receipt rule takes no mail without TLS, by its ``TlsPolicy``: ``Optional`` by default."""
    return {"": False, "optional": False, "require": True}.get(policy.lower())


def _receipt_rules(response: Response, reading: Reading) -> None:
    found = _whole(response, reading, "Metadata")
    rules = (found.text("Name") if found is not None else "") or "active"
    for rule in _items(response, reading, "Rules"):
        if rule.at("Enabled") is not None and rule.value["Enabled"] is False:
            continue
        name = rule.text("Name")
        arn = response.arn("ses", f"receipt-rule-set/{rules}:receipt-rule/{name}")
        tls = requires_tls(rule.text("TlsPolicy"))
        service, hop = "ses.amazonaws.com", "ses->lambda"
        origin = _Origin(response, reading, arn, name, service=service, entry_hop=hop, requires_tls=tls)
        for action in rule.each("Actions"):
            origin.runs(action.at("LambdaAction", "FunctionArn"))
            origin.runs(action.at("SNSAction", "TopicArn"))
            bucket = action.at("S3Action", "BucketName")
            if bucket is not None and isinstance(bucket.value, str):
                origin.runs(Node(f"arn:{arn.split(':')[1]}:s3:::{bucket.value}", bucket.source))
            for key in ("LambdaAction", "S3Action", "BounceAction", "StopAction", "WorkmailAction"):
                origin.runs(action.at(key, "TopicArn"))


def _event_apis(response: Response, reading: Reading) -> None:
    for api in _items(response, reading, "apis"):
        arn = _described(api, "apiArn", response, "appsync", f"apis/{api.text('apiId')}")
        origin = _event_api(response, reading, arn)
        providers = list(api.each("eventConfig", "authProviders"))
        for provider in providers:
            origin.runs(provider.at("lambdaAuthorizerConfig", "authorizerUri"), "authorizer")
        signed_in = bool(providers) and all(provider.text("authType") != "API_KEY" for provider in providers)
        reading.later(partial(_describe, arn=arn, label=api.text("name"), signed_in=signed_in))


def _event_api(response: Response, reading: Reading, arn: str) -> _Origin:
    return _Origin(response, reading, arn, "", service="appsync.amazonaws.com", entry_hop="client->appsync")


def _describe(reading: Reading, *, arn: str, label: str, signed_in: bool) -> None:
    """Set on all that an API runs what only the list of APIs tells."""
    for trigger in reading.find(ServiceTrigger):
        if trigger.origin == arn:
            trigger.name = trigger.label = label or trigger.label
            trigger.signed_in = signed_in


def _event_handler(response: Response, reading: Reading) -> None:
    """Read the function that a data source of an event API is: its handlers run it."""
    source = _whole(response, reading, "dataSource")
    if source is not None:
        origin = _event_api(response, reading, response.arn("appsync", f"apis/{response.argument()}"))
        origin.runs(source.at("lambdaConfig", "lambdaFunctionArn"), "handler")


def _contact_center(response: Response, reading: Reading) -> None:
    for item in _items(response, reading, "IntegrationAssociationSummaryList"):
        if item.text("IntegrationType") == "LAMBDA_FUNCTION":
            arn = response.arn("connect", f"instance/{item.text('InstanceId') or response.argument()}")
            service = "connect.amazonaws.com"
            origin = _Origin(response, reading, arn, "", service=service, entry_hop="caller->connect")
            origin.runs(item.at("IntegrationArn"))


def _bot_alias(response: Response, reading: Reading) -> None:
    node = Node(response.payload, response.source)
    bot, alias = response.argument(0) or node.text("botId"), response.argument(1) or node.text("botAliasId")
    origin = _Origin(
        response,
        reading,
        response.arn("lex", f"bot-alias/{bot}/{alias}"),
        node.text("botAliasName"),
        service="lexv2.amazonaws.com",
    )
    settings = reading.value(dict, response, "botAliasLocaleSettings") or {}
    for locale in settings:
        steps = ("botAliasLocaleSettings", locale, "codeHookSpecification", "lambdaCodeHook", "lambdaARN")
        origin.runs(node.at(*steps))


# ---------------------------------------------------------------- what works on data


def _flow(response: Response, reading: Reading) -> None:
    node = Node(response.payload, response.source)
    arn = _described(node, "arn", response, "bedrock", f"flow/{response.argument()}")
    origin = _Origin(response, reading, arn, node.text("name"), service="bedrock.amazonaws.com")
    if _whole(response, reading, "definition") is not None:
        for part in _items(response, reading, "definition", "nodes"):
            origin.runs(part.at("configuration", "lambdaFunction", "lambdaArn"))


def _object_lambda(response: Response, reading: Reading) -> None:
    configuration = _whole(response, reading, "Configuration")
    name = response.argument(1) or response.argument(0)
    arn = response.arn("s3-object-lambda", f"accesspoint/{name}")
    origin = _Origin(response, reading, arn, name, service="s3-object-lambda.amazonaws.com")
    if configuration is not None:
        for item in _items(response, reading, "Configuration", "TransformationConfigurations"):
            origin.runs(item.at("ContentTransformation", "AwsLambda", "FunctionArn"))


def _transfer_server(response: Response, reading: Reading) -> None:
    server = _whole(response, reading, "Server")
    if server is not None:
        name = server.text("ServerId") or response.argument()
        arn = _described(server, "Arn", response, "transfer", f"server/{name}")
        origin = _Origin(response, reading, arn, name, service="transfer.amazonaws.com")
        origin.runs(server.at("IdentityProviderDetails", "Function"))


def _transfer_workflow(response: Response, reading: Reading) -> None:
    workflow = _whole(response, reading, "Workflow")
    if workflow is not None:
        name = workflow.text("WorkflowId") or response.argument()
        arn = _described(workflow, "Arn", response, "transfer", f"workflow/{name}")
        origin = _Origin(response, reading, arn, name, service="transfer.amazonaws.com")
        for key in ("Steps", "OnExceptionSteps"):
            for step in _items(response, reading, "Workflow", key):
                origin.runs(step.at("CustomStepDetails", "Target"))


def _lattice_targets(response: Response, reading: Reading) -> None:
    group = response.argument()
    arn = group if group.startswith("arn:") else response.arn("vpc-lattice", f"targetgroup/{group}")
    origin = _Origin(response, reading, arn, arn.rpartition("/")[2], service="vpc-lattice.amazonaws.com")
    for item in _items(response, reading, "items"):
        if ":function:" in item.text("id"):
            origin.runs(item.at("id"))


def destination_in(policy: Node) -> Node | None:
    """Return where a policy of all log groups, an object or JSON text, hands them to, ``None`` for nowhere."""
    content = policy.value
    if isinstance(content, str):
        try:
            content = parse_json(content.encode("utf-8", "surrogatepass"))
        except JsonError:
            return None
    target = content.get("DestinationArn") if isinstance(content, dict) else None
    return None if target is None else Node(target, policy.source)


def _account_policies(response: Response, reading: Reading) -> None:
    """Read what all log groups of an account are handed to."""
    for policy in _items(response, reading, "accountPolicies"):
        name, written = policy.text("policyName"), policy.at("policyDocument")
        target = destination_in(written) if written is not None else None
        if written is not None and target is None:
            reading.not_read(written.source, "a policy of log groups that names no destination")
        origin = _Origin(
            response, reading, response.arn("logs", f"account-policy:{name}"), name, service="logs.amazonaws.com"
        )
        origin.runs(target, "what all log groups of the region are handed to")


# ---------------------------------------------------------------- what builds and watches


def _pipeline(response: Response, reading: Reading) -> None:
    pipeline = _whole(response, reading, "pipeline")
    if pipeline is None:
        return
    name = pipeline.text("name") or response.argument()
    service = "codepipeline.amazonaws.com"
    origin = _Origin(response, reading, response.arn("codepipeline", name), name, service=service)
    for stage in _items(response, reading, "pipeline", "stages"):
        for action in stage.each("actions"):
            provider = action.text("actionTypeId", "provider")
            if provider == "Lambda":
                origin.runs(action.at("configuration", "FunctionName"))
            elif provider == "StepFunctions":
                origin.runs(action.at("configuration", "StateMachineArn"))


def _repository(response: Response, reading: Reading) -> None:
    name = response.argument()
    arn = response.arn("codecommit", name)
    origin = _Origin(response, reading, arn, name, service="codecommit.amazonaws.com")
    for trigger in _items(response, reading, "triggers"):
        origin.runs(trigger.at("destinationArn"))


def _config_rules(response: Response, reading: Reading) -> None:
    for rule in _items(response, reading, "ConfigRules"):
        if rule.text("Source", "Owner") == "CUSTOM_LAMBDA":
            name = rule.text("ConfigRuleName")
            arn = _described(rule, "ConfigRuleArn", response, "config", f"config-rule/{name}")
            origin = _Origin(response, reading, arn, name, service="config.amazonaws.com")
            origin.runs(rule.at("Source", "SourceIdentifier"))


def alarm_actions(response: Response, reading: Reading) -> None:
    """Read the functions that alarms run."""
    for key in ("MetricAlarms", "CompositeAlarms"):
        for alarm in _items(response, reading, key):
            name = alarm.text("AlarmName")
            arn = _described(alarm, "AlarmArn", response, "cloudwatch", f"alarm:{name}")
            service = "lambda.alarms.cloudwatch.amazonaws.com"
            origin = _Origin(response, reading, arn, name, service=service)
            for actions in ("AlarmActions", "OKActions", "InsufficientDataActions"):
                for action in alarm.each(actions):
                    if isinstance(action.value, str) and ":function:" in action.value:
                        origin.runs(action)


HANDLERS: dict[tuple[str, str], Handler] = {
    ("appsync", "GetDataSource"): _event_handler,
    ("appsync", "ListApis"): _event_apis,
    ("bedrock-agent", "GetFlow"): _flow,
    ("codecommit", "GetRepositoryTriggers"): _repository,
    ("codepipeline", "GetPipeline"): _pipeline,
    ("config", "DescribeConfigRules"): _config_rules,
    ("connect", "ListIntegrationAssociations"): _contact_center,
    ("lexv2-models", "DescribeBotAlias"): _bot_alias,
    ("logs", "DescribeAccountPolicies"): _account_policies,
    ("s3control", "GetAccessPointConfigurationForObjectLambda"): _object_lambda,
    ("ses", "DescribeActiveReceiptRuleSet"): _receipt_rules,
    ("transfer", "DescribeServer"): _transfer_server,
    ("transfer", "DescribeWorkflow"): _transfer_workflow,
    ("vpc-lattice", "ListTargets"): _lattice_targets,
}
