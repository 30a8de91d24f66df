"""What else makes functions run, in Terraform: mail, pipelines, rules of AWS Config, alarms and others."""

from collections.abc import Callable, Iterator

from auditkit.exports._answers import Node
from auditkit.exports.services.triggers import destination_in, requires_tls
from auditkit.exports.terraform._out import Out
from auditkit.exports.terraform._resources import Estate, Resource
from auditkit.inventory.arn import partition_of
from auditkit.inventory.triggers import ServiceTrigger

__all__ = ["translate"]

_Found = Iterator[Node | None]


def translate(estate: Estate, out: Out) -> None:
    """Hand over what names a function, and is read for that alone."""
    _event_apis(estate, out)
    for kind, (service, form, find, entry_hop) in _KINDS.items():
        for resource in estate.of(kind):
            for node in find(resource):
                if node is not None:
                    _give(out, resource, node, service=service, form=form, entry_hop=entry_hop)


def _event_apis(estate: Estate, out: Out) -> None:
    """Hand over event APIs of AppSync: their authorizers, and the functions that handle what is published."""
    for api in estate.of("aws_appsync_api"):
        providers = [
            {
                "authType": provider.at("auth_type"),
                "lambdaAuthorizerConfig": {"authorizerUri": _placed(api, authorizer.at("authorizer_uri"))}
                if authorizer
                else None,
            }
            for config in api.node.each("event_config")
            for provider in config.each("auth_provider")
            for authorizer in [provider.first("lambda_authorizer_config")]
        ]
        described = {"apiId": api.text("api_id"), "apiArn": api.text("api_arn"), "name": api.text("name")}
        tree = {**described, "eventConfig": {"authProviders": providers}}
        out.give(api, "appsync.ListApis", {"apis": [tree]}, complete=False)
    sources = {(one.text("api_id"), one.text("name")): one for one in estate.of("aws_appsync_datasource")}
    for space in estate.of("aws_appsync_channel_namespace"):
        for name in sorted(_integrations(space)):
            source = sources.get((space.text("api_id"), name))
            function = source.first("lambda_config") if source is not None else None
            if source is not None and function is not None:
                shown = {
                    "name": name,
                    "lambdaConfig": {"lambdaFunctionArn": _placed(source, function.at("function_arn"))},
                }
                out.give(source, "appsync.GetDataSource", {"dataSource": shown}, space.text("api_id"), name)


def _placed(resource: Resource, node: Node | None) -> Node | object:
    """Return a value with its place; in a plan, where what is known from an expression has none, without."""
    return node.value if node is not None and resource.estate.planned else node


def _integrations(space: Resource) -> set[str]:
    """Return the names of the data sources that a channel namespace hands events to as they are."""
    return {
        integration.text("data_source_name")
        for configs in space.node.each("handler_configs")
        for key in ("on_publish", "on_subscribe")
        for handler in configs.each(key)
        for integration in handler.each("integration")
    }


def _give(out: Out, resource: Resource, node: Node, *, service: str, form: str, entry_hop: str) -> None:
    place = resource.place
    text = node.value if isinstance(node.value, str) else ""
    partition = partition_of(place.region)
    if text and not text.startswith("arn:"):
        text = f"arn:{partition}:lambda:{place.region}:{place.account}:function:{text}"
    named = (resource.text(key) for key in ("name", "policy_name", "alarm_name"))
    name = next(filter(None, named), "") or resource.id or resource.symbol
    arn = resource.arn or f"arn:{partition}:{form.format(name)}".replace("::", f":{place.region}:{place.account}:", 1)
    out.answers.reading.add(
        ServiceTrigger(
            id=f"trigger:{arn}/{resource.address}/{text}",
            name=name,
            account=place.account,
            region=place.region,
            sources=(resource.estate.locate(resource.source if resource.estate.planned else node.source),),
            origin=arn,
            label=name,
            target=text,
            service=service,
            entry_hop=entry_hop,
            requires_tls=requires_tls(resource.text("tls_policy")) if resource.type == "aws_ses_receipt_rule" else None,
        )
    )


def _blocks(*names: str, last: str) -> Callable[[Resource], _Found]:
    """Return what yields an attribute of each block within blocks."""

    def find(resource: Resource) -> _Found:
        nodes = [resource.node]
        for name in names:
            nodes = [inner for node in nodes for inner in node.each(name)]
        for node in nodes:
            yield node.at(last)

    return find


def _receipt(resource: Resource) -> _Found:
    for action in resource.node.each("lambda_action"):
        yield action.at("function_arn")
    for action in resource.node.each("sns_action"):
        yield action.at("topic_arn")
    for action in resource.node.each("s3_action"):
        bucket = action.at("bucket_name")
        if bucket is not None and isinstance(bucket.value, str):
            yield Node(f"arn:{partition_of(resource.place.region)}:s3:::{bucket.value}", bucket.source)


def _pipeline(resource: Resource) -> _Found:
    for stage in resource.node.each("stage"):
        for action in stage.each("action"):
            if action.text("provider") == "Lambda":
                yield action.at("configuration", "FunctionName")
            elif action.text("provider") == "StepFunctions":
                yield action.at("configuration", "StateMachineArn")


def _config_rule(resource: Resource) -> _Found:
    for source in resource.node.each("source"):
        if source.text("owner") == "CUSTOM_LAMBDA":
            yield source.at("source_identifier")


def _functions(*names: str) -> Callable[[Resource], _Found]:
    """Return what yields the functions among the ARNs of some attributes."""

    def find(resource: Resource) -> _Found:
        for name in names:
            found = resource.at(name)
            listed = found.value if found is not None and isinstance(found.value, list) else []
            for index, text in enumerate(listed if found is not None else ()):
                if isinstance(text, str) and ":function:" in text and found is not None:
                    yield Node(text, found.source.at(index))

    return find


def _lattice(resource: Resource) -> _Found:
    for target in resource.node.each("target"):
        yield target.at("id") if ":function:" in target.text("id") else None


def _account_policy(resource: Resource) -> _Found:
    """Yield what all log groups of an account are handed to."""
    document = resource.at("policy_document")
    if resource.text("policy_type") == "SUBSCRIPTION_FILTER_POLICY" and document is not None:
        yield destination_in(document)


_TRANSFORMED = ("configuration", "transformation_configuration", "content_transformation", "aws_lambda")
_KINDS: dict[str, tuple[str, str, Callable[[Resource], _Found], str]] = {
    "aws_bedrockagent_flow": (
        "bedrock.amazonaws.com",
        "bedrock::flow/{}",
        _blocks("definition", "node", "configuration", "lambda_function", last="lambda_arn"),
        "",
    ),
    "aws_cloudwatch_log_account_policy": ("logs.amazonaws.com", "logs::account-policy:{}", _account_policy, ""),
    "aws_codecommit_trigger": (
        "codecommit.amazonaws.com",
        "codecommit::{}",
        _blocks("trigger", last="destination_arn"),
        "",
    ),
    "aws_codepipeline": ("codepipeline.amazonaws.com", "codepipeline::{}", _pipeline, ""),
    "aws_config_config_rule": ("config.amazonaws.com", "config::config-rule/{}", _config_rule, ""),
    "aws_connect_lambda_function_association": (
        "connect.amazonaws.com",
        "connect::instance/{}",
        _blocks(last="function_arn"),
        "caller->connect",
    ),
    "aws_s3control_object_lambda_access_point": (
        "s3-object-lambda.amazonaws.com",
        "s3-object-lambda::accesspoint/{}",
        _blocks(*_TRANSFORMED, last="function_arn"),
        "",
    ),
    "aws_ses_receipt_rule": ("ses.amazonaws.com", "ses::receipt-rule/{}", _receipt, "ses->lambda"),
    "aws_transfer_server": ("transfer.amazonaws.com", "transfer::server/{}", _blocks(last="function"), ""),
    "aws_transfer_workflow": (
        "transfer.amazonaws.com",
        "transfer::workflow/{}",
        _blocks("steps", "custom_step_details", last="target"),
        "",
    ),
    "aws_vpclattice_target_group_attachment": (
        "vpc-lattice.amazonaws.com",
        "vpc-lattice::targetgroup/{}",
        _lattice,
        "",
    ),
}
"""Type -> principal of its service, form of its ARN where it has none, what it runs, how the outside gets in by it."""
