"""What else makes functions run: custom resources, macros, mail, pipelines, rules of AWS Config, bots and others."""

from collections.abc import Callable, Iterator

from auditkit.exports._answers import Node
from auditkit.exports.cloudformation._resource import Resource
from auditkit.exports.cloudformation._telling import Telling, several
from auditkit.exports.services.triggers import destination_in, requires_tls

__all__ = ["tell"]

_Found = Iterator[Node | None]
_CLOUDFORMATION = "cloudformation.amazonaws.com"


def tell(to: Telling) -> None:
    """Tell what names a function, and is read for that alone."""
    for resource in to.custom():
        token = resource.node.at("ServiceToken")
        if token is not None:
            stack = resource.stack
            detail = f"custom resource {resource.logical} ({resource.type})"
            to.trigger(resource, token, service=_CLOUDFORMATION, origin=(stack.arn, stack.name), detail=detail)
    for kind, (service, find, entry_hop) in _KINDS.items():
        for resource in to.of(kind):
            tls = requires_tls(resource.text("Rule", "TlsPolicy")) if find is _receipt else None
            for node in find(resource):
                if node is not None:
                    to.trigger(resource, node, service=service, entry_hop=entry_hop, requires_tls=tls)
    for alias in to.of("AWS::Lambda::Alias"):
        _hooks(to, alias)


def _hooks(to: Telling, alias: Resource) -> None:
    """Tell the functions that CodeDeploy runs before and after it shifts an alias."""
    policy = alias.stack.resolve(alias.raw.get("UpdatePolicy"), f"{alias.pointer}/UpdatePolicy")
    update = Node(policy, alias.source.at("UpdatePolicy")).at("CodeDeployLambdaAliasUpdate")
    for key in ("BeforeAllowTrafficHook", "AfterAllowTrafficHook"):
        hook = update.at(key) if update is not None else None
        application = update.text("ApplicationName") if update is not None else ""
        if hook is not None:
            stack = alias.stack
            name = application or alias.logical
            arn = f"arn:{stack.partition}:codedeploy:{stack.region}:{stack.account}:application:{name}"
            to.trigger(alias, hook, service="codedeploy.amazonaws.com", origin=(arn, name), detail=key)


def _at(*steps: str) -> Callable[[Resource], _Found]:
    def find(resource: Resource) -> _Found:
        yield resource.node.at(*steps)

    return find


def _each(*steps: str, inner: tuple[str, ...] = ()) -> Callable[[Resource], _Found]:
    """Return what yields a part of each item of a list."""

    def find(resource: Resource) -> _Found:
        for item in several(resource.node.at(*steps)):
            yield item.at(*inner) if inner else item

    return find


def _receipt(resource: Resource) -> _Found:
    for action in several(resource.node.at("Rule", "Actions")):
        yield action.at("LambdaAction", "FunctionArn")
        yield action.at("SNSAction", "TopicArn")
        bucket = action.at("S3Action", "BucketName")
        if bucket is not None and isinstance(bucket.value, str):
            yield Node(f"arn:{resource.stack.partition}:s3:::{bucket.value}", bucket.source)
        for key in ("LambdaAction", "S3Action", "BounceAction", "StopAction", "WorkmailAction"):
            yield action.at(key, "TopicArn")


def _pipeline(resource: Resource) -> _Found:
    for stage in several(resource.node.at("Stages")):
        for action in several(stage.at("Actions")):
            provider = action.text("ActionTypeId", "Provider")
            if provider == "Lambda":
                yield action.at("Configuration", "FunctionName")
            elif provider == "StepFunctions":
                yield action.at("Configuration", "StateMachineArn")


def _config_rule(resource: Resource) -> _Found:
    if resource.text("Source", "Owner") == "CUSTOM_LAMBDA":
        yield resource.node.at("Source", "SourceIdentifier")


def _connect(resource: Resource) -> _Found:
    if resource.text("IntegrationType") == "LAMBDA_FUNCTION":
        yield resource.node.at("IntegrationArn")


def _lex(*steps: str) -> Callable[[Resource], _Found]:
    hook = ("BotAliasLocaleSetting", "CodeHookSpecification", "LambdaCodeHook", "LambdaArn")
    return _each(*steps, "BotAliasLocaleSettings", inner=hook)


def _lattice(resource: Resource) -> _Found:
    for target in several(resource.node.at("Targets")) if resource.text("Type") == "LAMBDA" else ():
        yield target.at("Id")


def _account_policy(resource: Resource) -> _Found:
    """Yield what all log groups of an account are handed to."""
    document = resource.node.at("PolicyDocument")
    if resource.text("PolicyType") == "SUBSCRIPTION_FILTER_POLICY" and document is not None:
        yield destination_in(document)


def _flow(resource: Resource) -> _Found:
    for node in several(resource.node.at("Definition", "Nodes")):
        yield node.at("Configuration", "LambdaFunction", "LambdaArn")


def _workflow(resource: Resource) -> _Found:
    for key in ("Steps", "OnExceptionSteps"):
        for step in several(resource.node.at(key)):
            yield step.at("CustomStepDetails", "Target")


_TRANSFORMED = ("ContentTransformation", "AwsLambda", "FunctionArn")
_KINDS: dict[str, tuple[str, Callable[[Resource], _Found], str]] = {
    "AWS::Bedrock::Flow": ("bedrock.amazonaws.com", _flow, ""),
    "AWS::CloudFormation::LambdaHook": ("hooks.cloudformation.amazonaws.com", _at("LambdaFunction"), ""),
    "AWS::CloudFormation::Macro": (_CLOUDFORMATION, _at("FunctionName"), ""),
    "AWS::CodeCommit::Repository": ("codecommit.amazonaws.com", _each("Triggers", inner=("DestinationArn",)), ""),
    "AWS::CodePipeline::Pipeline": ("codepipeline.amazonaws.com", _pipeline, ""),
    "AWS::Config::ConfigRule": ("config.amazonaws.com", _config_rule, ""),
    "AWS::Config::OrganizationConfigRule": (
        "config.amazonaws.com",
        _at("OrganizationCustomRuleMetadata", "LambdaFunctionArn"),
        "",
    ),
    "AWS::Connect::IntegrationAssociation": ("connect.amazonaws.com", _connect, "caller->connect"),
    "AWS::Lex::Bot": ("lexv2.amazonaws.com", _lex("TestBotAliasSettings"), ""),
    "AWS::Lex::BotAlias": ("lexv2.amazonaws.com", _lex(), ""),
    "AWS::Logs::AccountPolicy": ("logs.amazonaws.com", _account_policy, ""),
    "AWS::S3ObjectLambda::AccessPoint": (
        "s3-object-lambda.amazonaws.com",
        _each("ObjectLambdaConfiguration", "TransformationConfigurations", inner=_TRANSFORMED),
        "",
    ),
    "AWS::SES::ReceiptRule": ("ses.amazonaws.com", _receipt, "ses->lambda"),
    "AWS::Transfer::Server": ("transfer.amazonaws.com", _at("IdentityProviderDetails", "Function"), ""),
    "AWS::Transfer::Workflow": ("transfer.amazonaws.com", _workflow, ""),
    "AWS::VpcLattice::TargetGroup": ("vpc-lattice.amazonaws.com", _lattice, ""),
}
"""Type -> principal of its service, what it runs, and how the outside gets in by it."""
