"""Where answers of the API hold what may be a secret, and what is kept of it."""

from collections.abc import Mapping
from enum import Enum, auto

__all__ = ["PLACES", "Keep"]


class Keep(Enum):
    """What is kept of a value that may be a secret."""

    NOTHING = auto()
    SCRIPT = auto()  # of a text that assigns values, in base64 or not: the shape, and whether one is a secret
    SHAPE = auto()  # length, digest, scheme and host, and whether it is a secret
    ORIGIN = auto()  # of an address: scheme, host and port; the path of a web hook is often its password
    BACKEND = auto()  # the same, or an ARN
    REFERENCE = auto()  # references; of constants ('abc') the shape
    EXPRESSION = auto()  # expressions and names of resources; of constants the shape
    TEXT = auto()  # JSON, or a template of it, without the values of fields that are named like a secret
    NAMED = auto()  # of an object with a name and a value: the value's shape, judged by the name
    SUBSCRIPTION = auto()  # of an endpoint what identifies a resource, a host or a domain
    SCHEDULE = auto()  # of the input of a universal target the text, of any other the shape


_ACTION_VALUES = (
    "Commands",
    "EnvironmentVariables",
    "Input",
    "OAuthToken",
    "ParameterOverrides",
    "UserParameters",
)
_TEMPLATES = ("code", "requestMappingTemplate", "responseMappingTemplate")
_OAUTH_PARAMETERS = ("credentialProvider", "oauthCredentialProvider", "customParameters", "*")
_IOT_ACTION: tuple[tuple[tuple[str, ...], Keep], ...] = (
    (("kafka", "clientProperties", "*"), Keep.SHAPE),
    (("kafka", "headers", "*"), Keep.NAMED),
    (("http", "headers", "*"), Keep.NAMED),
    (("http", "url"), Keep.ORIGIN),
    (("http", "confirmationUrl"), Keep.ORIGIN),
    (("salesforce", "token"), Keep.SHAPE),
    (("salesforce", "url"), Keep.ORIGIN),
)
_LAMBDA_AUTHORIZER = ("lambdaAuthorizerConfig", "identityValidationExpression")
_FUNCTION_VARIABLES = ("Environment", "Variables", "*")
_CONNECTION_VALUES = ("InvocationHttpParameters", "*", "*")
_CONTAINER = ("ContainerOverrides", "Environment", "*")
_CONTAINERS = ("ContainerOverrides", "*", "Environment", "*")
_CONTAINER_DEFINITIONS = ("containerDefinitions", "*")
_SIGN_IN = (
    ("AuthenticateOidcConfig", "ClientSecret"),
    ("AuthenticateOidcConfig", "AuthenticationRequestExtraParams", "*"),
    ("AuthenticateCognitoConfig", "AuthenticationRequestExtraParams", "*"),
)
_SOUGHT = ("SearchString", "RegexString")  # a header's secret value, where only a distribution may call
_HEADERS = ("HttpParameters", "HeaderParameters", "*")
_QUERY = ("HttpParameters", "QueryStringParameters", "*")
_ORIGIN_HEADERS = ("Origins", "Items", "*", "CustomHeaders", "Items", "*", "HeaderValue")
PLACES: Mapping[tuple[str, str], tuple[tuple[tuple[str, ...], Keep], ...]] = {
    ("lambda", "ListFunctions"): ((("Functions", "*", *_FUNCTION_VARIABLES), Keep.SHAPE),),
    ("lambda", "ListVersionsByFunction"): ((("Versions", "*", *_FUNCTION_VARIABLES), Keep.SHAPE),),
    ("lambda", "GetFunctionConfiguration"): ((_FUNCTION_VARIABLES, Keep.SHAPE),),
    ("lambda", "GetFunction"): (
        (("Configuration", *_FUNCTION_VARIABLES), Keep.SHAPE),
        (("Code", "Location"), Keep.NOTHING),
    ),
    ("lambda", "GetLayerVersion"): ((("Content", "Location"), Keep.NOTHING),),
    ("apigateway", "GetAuthorizers"): ((("items", "*", "identityValidationExpression"), Keep.SHAPE),),
    ("apigateway", "GetStages"): (
        (("item", "*", "variables", "*"), Keep.SHAPE),
        (("item", "*", "canarySettings", "stageVariableOverrides", "*"), Keep.SHAPE),
    ),
    ("apigateway", "GetApiKeys"): ((("items", "*", "value"), Keep.SHAPE),),
    ("apigateway", "GetResources"): (
        (("items", "*", "resourceMethods", "*", "methodIntegration", "requestParameters", "*"), Keep.REFERENCE),
        (("items", "*", "resourceMethods", "*", "methodIntegration", "uri"), Keep.BACKEND),
    ),
    ("apigatewayv2", "GetIntegrations"): (
        (("Items", "*", "RequestParameters", "*"), Keep.EXPRESSION),
        (("Items", "*", "IntegrationUri"), Keep.BACKEND),
    ),
    ("apigatewayv2", "GetAuthorizers"): ((("Items", "*", "IdentityValidationExpression"), Keep.SHAPE),),
    ("apigatewayv2", "GetStages"): ((("Items", "*", "StageVariables", "*"), Keep.SHAPE),),
    ("appsync", "ListApiKeys"): ((("apiKeys", "*", "id"), Keep.SHAPE),),
    ("appsync", "ListDataSources"): ((("dataSources", "*", "httpConfig", "endpoint"), Keep.ORIGIN),),
    ("appsync", "ListGraphqlApis"): (
        (("graphqlApis", "*", *_LAMBDA_AUTHORIZER), Keep.SHAPE),
        (("graphqlApis", "*", "additionalAuthenticationProviders", "*", *_LAMBDA_AUTHORIZER), Keep.SHAPE),
    ),
    ("appsync", "ListFunctions"): tuple((("functions", "*", name), Keep.NOTHING) for name in _TEMPLATES),
    ("appsync", "ListResolvers"): tuple((("resolvers", "*", name), Keep.NOTHING) for name in _TEMPLATES),
    ("appsync", "GetDataSource"): ((("dataSource", "httpConfig", "endpoint"), Keep.ORIGIN),),
    ("appsync", "ListApis"): ((("apis", "*", "eventConfig", "authProviders", "*", *_LAMBDA_AUTHORIZER), Keep.SHAPE),),
    ("appsync", "ListChannelNamespaces"): ((("channelNamespaces", "*", "codeHandlers"), Keep.NOTHING),),
    ("bedrock-agent", "GetFlow"): tuple(
        (("definition", "nodes", "*", "configuration", name), Keep.NOTHING) for name in ("prompt", "inlineCode")
    ),
    ("codecommit", "GetRepositoryTriggers"): ((("triggers", "*", "customData"), Keep.SHAPE),),
    ("codepipeline", "GetPipeline"): (
        *((("pipeline", "stages", "*", "actions", "*", "configuration", name), Keep.SHAPE) for name in _ACTION_VALUES),
        (("pipeline", "variables", "*", "defaultValue"), Keep.SHAPE),
    ),
    ("config", "DescribeConfigRules"): ((("ConfigRules", "*", "InputParameters"), Keep.SHAPE),),
    ("ses", "DescribeActiveReceiptRuleSet"): (
        (("Rules", "*", "Actions", "*", "AddHeaderAction", "HeaderValue"), Keep.SHAPE),
    ),
    ("transfer", "DescribeServer"): (
        (("Server", "IdentityProviderDetails", "Url"), Keep.ORIGIN),
        (("Server", "PreAuthenticationLoginBanner"), Keep.NOTHING),
        (("Server", "PostAuthenticationLoginBanner"), Keep.NOTHING),
    ),
    ("bedrock-agent", "GetAgent"): (
        (("agent", "instruction"), Keep.NOTHING),
        (("agent", "promptOverrideConfiguration", "promptConfigurations"), Keep.NOTHING),
    ),
    ("bedrock-agentcore-control", "GetAgentRuntime"): ((("environmentVariables", "*"), Keep.SHAPE),),
    ("bedrock-agentcore-control", "GetGatewayTarget"): (
        (("targetConfiguration", "http", "passthrough", "staticQueryParameters", "*"), Keep.SHAPE),
        (("credentialProviderConfigurations", "*", *_OAUTH_PARAMETERS), Keep.SHAPE),
    ),
    ("cloudfront", "ListDistributions"): ((("DistributionList", "Items", "*", *_ORIGIN_HEADERS), Keep.SHAPE),),
    ("cloudfront", "GetDistributionConfig"): ((("DistributionConfig", *_ORIGIN_HEADERS), Keep.SHAPE),),
    ("cloudfront", "GetDistribution"): ((("Distribution", "DistributionConfig", *_ORIGIN_HEADERS), Keep.SHAPE),),
    ("cognito-idp", "DescribeUserPoolClient"): ((("UserPoolClient", "ClientSecret"), Keep.SHAPE),),
    ("cognito-idp", "DescribeUserPool"): ((("UserPool", "SmsConfiguration", "ExternalId"), Keep.SHAPE),),
    ("elbv2", "DescribeListeners"): tuple(
        (("Listeners", "*", "DefaultActions", "*", *place), Keep.SHAPE) for place in _SIGN_IN
    ),
    ("elbv2", "DescribeRules"): (
        *((("Rules", "*", "Actions", "*", *place), Keep.SHAPE) for place in _SIGN_IN),
        (("Rules", "*", "Conditions", "*", "HttpHeaderConfig", "Values", "*"), Keep.SHAPE),
        (("Rules", "*", "Conditions", "*", "QueryStringConfig", "Values", "*"), Keep.NAMED),
    ),
    ("events", "DescribeConnection"): (
        (("AuthParameters", *_CONNECTION_VALUES), Keep.NAMED),
        (("AuthParameters", "OAuthParameters", "OAuthHttpParameters", "*", "*"), Keep.NAMED),
        (("AuthParameters", "OAuthParameters", "AuthorizationEndpoint"), Keep.ORIGIN),
    ),
    ("events", "ListApiDestinations"): ((("ApiDestinations", "*", "InvocationEndpoint"), Keep.ORIGIN),),
    ("events", "ListTargetsByRule"): (
        (("Targets", "*", *_HEADERS), Keep.SHAPE),
        (("Targets", "*", *_QUERY), Keep.SHAPE),
        (("Targets", "*", "Input"), Keep.SHAPE),
        (("Targets", "*", "InputTransformer", "InputTemplate"), Keep.TEXT),
    ),
    ("pipes", "DescribePipe"): (
        *(
            ((part, *values), Keep.SHAPE)
            for part in ("EnrichmentParameters", "TargetParameters")
            for values in (_HEADERS, _QUERY)
        ),
        (("EnrichmentParameters", "InputTemplate"), Keep.TEXT),
        (("TargetParameters", "InputTemplate"), Keep.TEXT),
        (("TargetParameters", "BatchJobParameters", *_CONTAINER), Keep.NAMED),
        (("TargetParameters", "EcsTaskParameters", "Overrides", *_CONTAINERS), Keep.NAMED),
    ),
    ("firehose", "DescribeDeliveryStream"): (
        (
            (
                "DeliveryStreamDescription",
                "Destinations",
                "*",
                "RedshiftDestinationDescription",
                "CopyCommand",
                "CopyOptions",
            ),
            Keep.SHAPE,
        ),
        (("DeliveryStreamDescription", "Destinations", "*", "SplunkDestinationDescription", "HECToken"), Keep.SHAPE),
        (
            (
                *("DeliveryStreamDescription", "Destinations", "*", "HttpEndpointDestinationDescription"),
                *("RequestConfiguration", "CommonAttributes", "*", "AttributeValue"),
            ),
            Keep.SHAPE,
        ),
    ),
    ("ec2", "DescribeInstanceAttribute"): ((("UserData", "Value"), Keep.SCRIPT),),
    ("ecs", "DescribeTaskDefinition"): (
        (("taskDefinition", *_CONTAINER_DEFINITIONS, "environment", "*"), Keep.NAMED),
        (("taskDefinition", *_CONTAINER_DEFINITIONS, "logConfiguration", "options", "*"), Keep.SHAPE),
        *(
            (("taskDefinition", *_CONTAINER_DEFINITIONS, *place, "*"), Keep.SCRIPT)
            for place in (("command",), ("entryPoint",), ("healthCheck", "command"))
        ),
    ),
    ("glue", "GetJobs"): tuple(
        (("Jobs", "*", name, "*"), Keep.SHAPE) for name in ("DefaultArguments", "NonOverridableArguments")
    ),
    ("scheduler", "GetSchedule"): ((("Target",), Keep.SCHEDULE),),
    ("sns", "GetSubscriptionAttributes"): ((("Attributes",), Keep.SUBSCRIPTION),),
    ("sns", "ListSubscriptions"): ((("Subscriptions", "*"), Keep.SUBSCRIPTION),),
    ("stepfunctions", "DescribeStateMachine"): ((("definition",), Keep.TEXT),),
    ("cloudformation", "DescribeStacks"): (
        (("Stacks", "*", "Parameters", "*"), Keep.NAMED),
        (("Stacks", "*", "Outputs", "*"), Keep.NAMED),
    ),
    ("codebuild", "BatchGetProjects"): (
        (("projects", "*", "environment", "environmentVariables", "*"), Keep.NAMED),
        (("projects", "*", "source", "buildspec"), Keep.NOTHING),
        (("projects", "*", "source", "location"), Keep.ORIGIN),
        (("projects", "*", "secondarySources", "*", "buildspec"), Keep.NOTHING),
        (("projects", "*", "secondarySources", "*", "location"), Keep.ORIGIN),
        (("projects", "*", "webhook"), Keep.NOTHING),
    ),
    ("wafv2", "GetWebACL"): tuple((("**", name), Keep.SHAPE) for name in _SOUGHT),
    ("wafv2", "GetWebACLForResource"): tuple((("**", name), Keep.SHAPE) for name in _SOUGHT),
    ("iot", "GetTopicRule"): tuple(
        ((*action, *place), kept)
        for action in (("rule", "actions", "*"), ("rule", "errorAction"))
        for place, kept in _IOT_ACTION
    ),
}
