"""Entries: REST, HTTP and WebSocket APIs, function URLs, rules and schedules."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from data.samples.generator.account import ACCOUNT, HOME, Account, Statement, document


def invocation(function: str, region: str = HOME) -> str:
    """Return the integration URI of API Gateway for a function's ARN."""
    return f"arn:aws:apigateway:{region}:lambda:path/2015-03-31/functions/{function}/invocations"


def _any(path: str) -> str:
    """Return a path with its parameters as wildcards, as they stand in the source ARN of a permission."""
    return re.sub(r"\{[^}]*\}", "*", path)


def _statement_id(api: str, route: str) -> str:
    return "api-" + re.sub(r"[^a-z0-9]+", "-", f"{api}-{route}".lower()).strip("-")


class RestApi:
    """A REST API while it is built."""

    def __init__(self, account: Account, name: str, *policy: Statement, region: str = HOME, **settings: Any) -> None:
        self._account = account
        self._client = account.client("apigateway", region)
        self.region = region
        self.name = name
        made = self._client.create_rest_api(
            name=name,
            **{"endpointConfiguration": {"types": ["REGIONAL"]}, **settings},
            **({"policy": document(*policy)} if policy else {}),
        )
        self.id: str = made["id"]
        self._paths = {"/": made["rootResourceId"]}
        account.ids[f"api:{name}"] = self.id

    def resource(self, path: str) -> str:
        """Return the id of a path, created with those above it where it is new."""
        if path not in self._paths:
            above, _, part = path.rpartition("/")
            made = self._client.create_resource(restApiId=self.id, parentId=self.resource(above or "/"), pathPart=part)
            self._paths[path] = made["id"]
        return self._paths[path]

    def route_id(self, method: str, path: str) -> str:
        """Return the id that the inventory gives a method."""
        return f"route:{ACCOUNT}:{self.region}:{self.id}/{method} {path}"

    def validator(self, name: str, *, body: bool, parameters: bool) -> str:
        """Create a request validator and return its id."""
        found: str = self._client.create_request_validator(
            restApiId=self.id, name=name, validateRequestBody=body, validateRequestParameters=parameters
        )["id"]
        return found

    def model(self, name: str, schema: Mapping[str, Any]) -> str:
        """Create a model for JSON bodies and return its name."""
        self._client.create_model(
            restApiId=self.id, name=name, contentType="application/json", schema=json.dumps(schema)
        )
        return name

    def authorizer(self, name: str, **settings: Any) -> str:
        """Create an authorizer and return its id."""
        found: str = self._client.create_authorizer(restApiId=self.id, name=name, **settings)["id"]
        return found

    def method(
        self,
        method: str,
        path: str,
        uri: str,
        *,
        authorization: str = "NONE",
        integration: str = "AWS_PROXY",
        integration_settings: Mapping[str, Any] | None = None,
        **settings: Any,
    ) -> None:
        """Add a method; ``uri`` is a function's ARN or an address."""
        where = {"restApiId": self.id, "resourceId": self.resource(path), "httpMethod": method}
        self._client.put_method(**where, authorizationType=authorization, **settings)
        target = invocation(uri, self.region) if uri.startswith("arn:aws:lambda:") else uri
        self._client.put_integration(
            **where,
            type=integration,
            integrationHttpMethod="POST" if integration.startswith("AWS") else method,
            uri=target,
            **(integration_settings or {}),
        )
        if uri.startswith("arn:aws:lambda:"):
            function, *alias = uri.split(":")[6:]
            self._account.permit(
                function,
                "apigateway.amazonaws.com",
                region=self.region,
                source=self._account.arn("execute-api", f"{self.id}/*/{method}{_any(path)}", self.region),
                sid=_statement_id(self.name, f"{method} {path}"),
                alias="".join(alias),
            )

    def stage(self, name: str, *, settings: Mapping[str, str] | None = None, **more: Any) -> None:
        """Deploy to a stage; ``settings`` are patches below ``/*/*``, ``more`` patches of the stage itself."""
        self._client.create_deployment(restApiId=self.id, stageName=name)
        operations = [
            {"op": "replace", "path": f"/*/*/{path}", "value": value} for path, value in (settings or {}).items()
        ]
        operations += [{"op": "replace", "path": path, "value": value} for path, value in more.items()]
        if operations:
            self._client.update_stage(restApiId=self.id, stageName=name, patchOperations=operations)


class HttpApi:
    """An HTTP or WebSocket API while it is built."""

    def __init__(
        self, account: Account, name: str, *, region: str = HOME, protocol: str = "HTTP", **settings: Any
    ) -> None:
        self._account = account
        self._client = account.client("apigatewayv2", region)
        self.region = region
        self.name = name
        self.id: str = self._client.create_api(Name=name, ProtocolType=protocol, **settings)["ApiId"]
        self._authorizers: list[dict[str, Any]] = []
        account.ids[f"api:{name}"] = self.id

    def authorizer(self, name: str, **settings: Any) -> str:
        """Create an authorizer and return its id."""
        found: str = self._client.create_authorizer(ApiId=self.id, Name=name, **settings)["AuthorizerId"]
        self._authorizers.append({"AuthorizerId": found, "Name": name, **settings})
        self._account.gaps.say("apigatewayv2", "GetAuthorizers", self.id, {"Items": self._authorizers})
        return found

    def route_id(self, key: str) -> str:
        """Return the id that the inventory gives a route."""
        return f"route:{ACCOUNT}:{self.region}:{self.id}/{key}"

    def integration(self, uri: str, **settings: Any) -> str:
        """Create an integration with a function's ARN or an address and return its id."""
        given = {"IntegrationType": "AWS_PROXY", "PayloadFormatVersion": "2.0", **settings}
        found: str = self._client.create_integration(ApiId=self.id, IntegrationUri=uri, **given)["IntegrationId"]
        return found

    def route(
        self,
        key: str,
        uri: str,
        *,
        authorization: str = "NONE",
        authorizer: str = "",
        scopes: Sequence[str] = (),
        **integration: Any,
    ) -> None:
        """Add a route to a function's ARN or an address."""
        target = self.integration(uri, **integration)
        self._client.create_route(
            ApiId=self.id,
            RouteKey=key,
            Target=f"integrations/{target}",
            AuthorizationType=authorization,
            **({"AuthorizerId": authorizer} if authorizer else {}),
            **({"AuthorizationScopes": list(scopes)} if scopes else {}),
        )
        if uri.startswith("arn:aws:lambda:"):
            path = _any(key.split(" ", 1)[-1])
            function, *alias = uri.split(":")[6:]
            self._account.permit(
                function,
                "apigateway.amazonaws.com",
                region=self.region,
                source=self._account.arn("execute-api", f"{self.id}/*/*{path}", self.region),
                sid=_statement_id(self.name, key),
                alias="".join(alias),
            )

    def stage(self, name: str = "$default", **settings: Any) -> None:
        """Create a stage."""
        self._client.create_stage(ApiId=self.id, StageName=name, **settings)


def function_url(
    account: Account,
    function: str,
    *,
    authorization: str,
    region: str = HOME,
    cors: Mapping[str, Any] | None = None,
    permit_all: bool = False,
) -> str:
    """Give a function a URL; ``permit_all`` adds the two statements that anonymous calls need."""
    configuration = account.client("lambda", region).create_function_url_config(
        FunctionName=function, AuthType=authorization, **({"Cors": dict(cors)} if cors else {})
    )
    kept = {key: value for key, value in configuration.items() if key != "ResponseMetadata"}
    kept |= {"InvokeMode": "BUFFERED", "LastModifiedTime": kept.pop("LastModifiedTime", kept["CreationTime"])}
    account.gaps.say("lambda", "ListFunctionUrlConfigs", function, {"FunctionUrlConfigs": [kept]})
    if permit_all:
        account.permit(
            function,
            "*",
            region=region,
            sid="url-anyone",
            action="lambda:InvokeFunctionUrl",
            FunctionUrlAuthType="NONE",
        )
        account.permit(function, "*", region=region, sid="url-anyone-invoke", InvokedViaFunctionUrl=True)
    url: str = configuration["FunctionUrl"]
    return url


def rule(
    account: Account,
    name: str,
    target: str,
    *,
    bus: str = "default",
    pattern: Mapping[str, Any] | None = None,
    schedule: str = "",
    region: str = HOME,
    state: str = "ENABLED",
    role: str | None = None,
    **settings: Any,
) -> str:
    """Create a rule with one target, and the permission that a function needs."""
    events = account.client("events", region)
    arn: str = events.put_rule(
        Name=name,
        State=state,
        **({"EventPattern": json.dumps(pattern)} if pattern else {}),
        **({"ScheduleExpression": schedule} if schedule else {}),
        **({"EventBusName": bus} if bus != "default" else {}),
    )["RuleArn"]
    given = {"Id": "target", "Arn": target, **({"RoleArn": role} if role else {}), **settings}
    events.put_targets(Rule=name, EventBusName=bus, Targets=[given])
    if target.startswith("arn:aws:lambda:"):
        account.permit(
            target.split(":")[6], "events.amazonaws.com", region=region, source=arn, account=ACCOUNT, sid=f"rule-{name}"
        )
    return arn


def schedule(
    account: Account, name: str, expression: str, target: str, role: str, *, region: str = HOME, state: str = "ENABLED"
) -> None:
    """Create a schedule of EventBridge Scheduler."""
    account.client("scheduler", region).create_schedule(
        Name=name,
        ScheduleExpression=expression,
        FlexibleTimeWindow={"Mode": "OFF"},
        State=state,
        Target={"Arn": target, "RoleArn": role, "Input": json.dumps({"schedule": name})},
    )
