"""Secrets that stand in settings beside variables and definitions: found where they stand, and never shown."""

import json

import pytest

import auditkit as ak
from auditkit.areas import Verdict
from auditkit.inventory.evidence.plain_secrets import PlainSecrets
from tests.exports.terraform.rendering import plan_of

CHECK = "appvuln.secrets-env"
VALUE = "Zeb7raCr0ss"


def judged(folder):
    return [one for one in ak.Audit(ak.read(folder), date="2026-11-01").findings if one.check == CHECK]


def found(folder):
    """Return verdict, place of what is judged, and pointer of each answer that is no PASS."""
    findings = judged(folder)
    shown = json.dumps([f"{finding}" for finding in findings])
    assert VALUE not in shown
    return {
        source.pointer: finding.verdict
        for finding in findings
        if finding.verdict in {Verdict.FAIL, Verdict.WARN}
        for source in finding.sources
    }


def template(resources="", **sections):
    head = "\n".join(f"{name}: {json.dumps(content)}" for name, content in sections.items())
    return f"{head}\nResources:\n  Topic: {{Type: AWS::SNS::Topic}}\n{resources}"


def in_template(folder, resources="", **sections):
    (folder / "template.yaml").write_text(template(resources, **sections))
    assert VALUE not in str([*ak.read(folder).of(PlainSecrets)])
    return found(folder)


def resource(kind, **properties):
    return f"  One: {json.dumps({'Type': kind, 'Properties': properties})}\n"


AT = "/Resources/One/Properties/"


@pytest.mark.parametrize(
    ("kind", "properties", "pointer"),
    [
        ("AWS::RDS::DBInstance", {"MasterUserPassword": VALUE}, "MasterUserPassword"),
        ("AWS::SecretsManager::Secret", {"SecretString": VALUE}, "SecretString"),
        ("AWS::ElastiCache::User", {"UserId": "a", "Passwords": [VALUE]}, "Passwords/0"),
        ("AWS::SecretsManager::Secret", {"SecretString": json.dumps({"password": VALUE})}, "SecretString"),
        ("AWS::SSM::Parameter", {"Type": "String", "Name": "/shop/api_key", "Value": VALUE}, "Value"),
        (
            "AWS::EC2::Instance",
            {"UserData": {"Fn::Base64": f"#!/bin/sh\nexport A_TOKEN={VALUE}\n"}},
            "UserData/Fn::Base64",
        ),
        (
            "AWS::EC2::Instance",
            {"UserData": {"Fn::Base64": {"Fn::Sub": f"mysql --password={VALUE} ${{Topic}}"}}},
            "UserData/Fn::Base64/Fn::Sub",
        ),
        (
            "AWS::ECS::TaskDefinition",
            {"ContainerDefinitions": [{"Environment": [{"Name": "JWT_SECRET", "Value": VALUE}]}]},
            "ContainerDefinitions/0/Environment/0/Value",
        ),
        (
            "AWS::CodeBuild::Project",
            {"Environment": {"EnvironmentVariables": [{"Name": "NPM_TOKEN", "Value": VALUE}]}},
            "Environment/EnvironmentVariables/0/Value",
        ),
        ("AWS::Glue::Job", {"DefaultArguments": {"--db_password": VALUE}}, "DefaultArguments/--db_password"),
        (
            "AWS::Events::Rule",
            {"Targets": [{"Id": "a", "Arn": "arn:aws:sns:a", "Input": json.dumps({"token": VALUE})}]},
            "Targets/0/Input",
        ),
        (
            "AWS::AppSync::Resolver",
            {"RequestMappingTemplate": json.dumps({"headers": {"x-api-key": VALUE}})},
            "RequestMappingTemplate",
        ),
        (
            "AWS::Cognito::UserPoolIdentityProvider",
            {"ProviderDetails": {"client_secret": VALUE}},
            "ProviderDetails/client_secret",
        ),
        (
            "AWS::SSM::Parameter",
            {"Type": "String", "Value": {"Fn::Join": ["", ["postgres://app:", VALUE, "@db/x"]]}},
            "Value",
        ),
        ("AWS::Lambda::Function", {"Code": {"ZipFile": f"import os\nAPI_KEY = '{VALUE}'\n"}}, "Code/ZipFile"),
    ],
)
def test_properties_that_hold_one(tmp_path, kind, properties, pointer):
    answers = in_template(tmp_path, resource(kind, **properties))
    assert answers == {AT + pointer: Verdict.FAIL}


@pytest.mark.parametrize(
    ("kind", "properties"),
    [
        ("AWS::RDS::DBInstance", {"MasterUserPassword": {"Ref": "Masked"}}),
        ("AWS::Lambda::Permission", {"EventSourceToken": "amzn1.ask.skill.0a1b2c3d-4e5f", "FunctionName": "f"}),
        (
            "AWS::RDS::DBInstance",
            {"MasterUserPassword": {"Fn::If": ["IsProd", {"Ref": "Masked"}, {"Ref": "AWS::NoValue"}]}},
        ),
        (
            "AWS::RDS::DBInstance",
            {
                "MasterUserPassword": {
                    "Fn::Join": ["", ["{{resolve:secretsmanager:", {"Ref": "One"}, ":SecretString:password}}"]]
                }
            },
        ),
        (
            "AWS::SecretsManager::Secret",
            {"GenerateSecretString": {"SecretStringTemplate": '{"username": "a"}', "GenerateStringKey": "password"}},
        ),
        ("AWS::SSM::Parameter", {"Type": "String", "Name": "/shop/limit", "Value": "a plain text: of words"}),
        (
            "AWS::EC2::Instance",
            {"UserData": {"Fn::Base64": "export DB_PASSWORD=$(aws secretsmanager get-secret-value)"}},
        ),
        (
            "AWS::ECS::TaskDefinition",
            {"ContainerDefinitions": [{"Secrets": [{"Name": "JWT_SECRET", "ValueFrom": "arn:x"}]}]},
        ),
        (
            "AWS::CodeBuild::Project",
            {
                "Environment": {
                    "EnvironmentVariables": [{"Name": "A_TOKEN", "Type": "SECRETS_MANAGER", "Value": "a:tok3n"}]
                }
            },
        ),
        ("AWS::Cognito::UserPoolClient", {"TokenValidityUnits": {"AccessToken": "hours"}, "GenerateSecret": True}),
        (
            "AWS::ApiGateway::Method",
            {
                "Integration": {
                    "RequestParameters": {"integration.request.header.x-api-key": "method.request.header.X-Api-Key"}
                }
            },
        ),
        (
            "AWS::ApiGateway::Method",
            {
                "Integration": {
                    "IntegrationResponses": [
                        {"ResponseParameters": {"method.response.header.Access-Control-Allow-Credentials": "'true'"}}
                    ]
                }
            },
        ),
        ("AWS::DynamoDB::Table", {"KeySchema": [{"AttributeName": "Token1", "KeyType": "HASH"}]}),
        ("AWS::AppSync::GraphQLSchema", {"Definition": "type Mutation { login(password: String!): Token }"}),
        ("AWS::Lambda::Function", {"Code": {"ZipFile": "password = os.environ['PASSWORD']\ntoken = event['token']\n"}}),
        (
            "AWS::IAM::Role",
            {"AssumeRolePolicyDocument": {"Statement": [{"Condition": {"StringEquals": {"x:token": "Ab12"}}}]}},
        ),
    ],
)
def test_properties_that_hold_none(tmp_path, kind, properties):
    parameters = {"Masked": {"Type": "String", "NoEcho": True}}
    conditions = {"IsProd": {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-1"]}}
    answers = in_template(tmp_path, resource(kind, **properties), Parameters=parameters, Conditions=conditions)
    assert answers == {}


def test_defaults_outputs_and_mappings_of_a_template(tmp_path):
    answers = in_template(
        tmp_path,
        resource("AWS::IAM::AccessKey", UserName="a"),
        Parameters={
            "DbPassword": {"Type": "String", "Default": VALUE},
            "Masked": {"Type": "String", "NoEcho": True},
            "Stage": {"Type": "String", "Default": "prod"},
            "TokenTable": {"Type": "String", "Default": VALUE},
            "Secret": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "shop.Secret9"},
        },
        Mappings={"Stages": {"prod": {"ApiKey": VALUE, "Size": "small"}}},
        Outputs={
            "KeyOfUser": {"Value": {"Fn::GetAtt": ["One", "SecretAccessKey"]}},
            "GraphKey": {"Value": {"Fn::GetAtt": ["Topic", "ApiKey"]}},
            "Shown": {"Value": {"Fn::Sub": "user:${Masked}"}},
            "Topic": {"Value": {"Ref": "Topic"}},
        },
    )
    assert set(answers) == {
        "/Parameters/DbPassword/Default",
        "/Mappings/Stages/prod/ApiKey",
        "/Outputs/KeyOfUser/Value",
        "/Outputs/GraphKey/Value",
        "/Outputs/Shown/Value",
    }


def test_a_masked_default_is_worth_a_look(tmp_path):
    answers = in_template(tmp_path, Parameters={"Masked": {"Type": "String", "NoEcho": True, "Default": VALUE}})
    assert answers == {"/Parameters/Masked/Default": Verdict.WARN}


def test_a_masked_parameter_that_is_written_out(tmp_path):
    user_data = {"UserData": {"Fn::Base64": {"Fn::Sub": "curl -H x:${Masked} https://a.example"}}}
    answers = in_template(
        tmp_path,
        resource("AWS::EC2::Instance", **user_data),
        Parameters={"Masked": {"Type": "String", "NoEcho": True}},
    )
    assert set(answers.values()) == {Verdict.FAIL}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"Ref": "Masked"}, Verdict.FAIL),
        ({"Fn::Sub": "key ${Masked}"}, Verdict.FAIL),
        ({"Fn::If": ["IsProd", {"Ref": "Masked"}, {"Ref": "AWS::NoValue"}]}, Verdict.FAIL),
        ({"Fn::GetAtt": ["Client", "ClientSecret"]}, Verdict.FAIL),
        ({"Ref": "Stage"}, Verdict.PASS),
    ],
)
def test_a_variable_of_a_function_that_a_masked_parameter_fills(tmp_path, value, expected):
    function = {"Code": {"ZipFile": "x"}, "Handler": "a.b", "Runtime": "python3.13", "Role": "r", "FunctionName": "f"}
    variables = {"Environment": {"Variables": {"Payments": value, "Table": "orders"}}}
    resources = resource("AWS::Lambda::Function", **function, **variables)
    resources += "  Client: {Type: AWS::Cognito::UserPoolClient, Properties: {UserPoolId: eu-west-1_abc}}\n"
    parameters = {"Masked": {"Type": "String", "NoEcho": True}, "Stage": {"Type": "String", "Default": "p"}}
    conditions = {"IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "p"]}}
    in_template(tmp_path, resources, Parameters=parameters, Conditions=conditions)
    (answer,) = [one for one in judged(tmp_path) if one.label == "f"]
    assert answer.verdict is expected
    pointers = [source.pointer.partition("/Fn::If")[0] for source in answer.sources]
    assert (AT + "Environment/Variables/Payments" in pointers) == (expected is Verdict.FAIL)


def test_a_template_without_any_passes(tmp_path):
    (tmp_path / "template.yaml").write_text(template())
    findings = judged(tmp_path)
    assert [finding.reason for finding in findings if finding.verdict is Verdict.PASS] == [
        "its settings hold no secret"
    ]


def in_plan(folder, resources, **more):
    document = plan_of(resources)
    for steps, content in more.items():
        part = document
        *way, last = steps.split("__")
        for step in way:
            part = part.setdefault(step, {})
        part[last] = content
    (folder / "plan.json").write_text(json.dumps(document))
    assert VALUE not in str([*ak.read(folder).of(PlainSecrets)])
    return found(folder)


VALUES = "/planned_values/root_module/resources/0/values/"


@pytest.mark.parametrize(
    ("kind", "values", "pointer"),
    [
        (
            "aws_db_instance",
            {"password": VALUE},
            "/configuration/root_module/resources/0/expressions/password/constant_value",
        ),
        ("aws_instance", {"user_data": f"export A_TOKEN={VALUE}"}, VALUES + "user_data"),
        ("aws_ssm_parameter", {"name": "/a/api_key", "type": "String", "value": VALUE}, VALUES + "value"),
        ("aws_glue_job", {"default_arguments": {"--password": VALUE}}, VALUES + "default_arguments/--password"),
        (
            "aws_codebuild_project",
            {"environment": [{"environment_variable": [{"name": "A_TOKEN", "value": VALUE}]}]},
            VALUES + "environment/0/environment_variable/0/value",
        ),
        (
            "aws_ecs_task_definition",
            {"container_definitions": json.dumps([{"environment": [{"name": "A_TOKEN", "value": VALUE}]}])},
            VALUES + "container_definitions/0/environment/0/value",
        ),
    ],
)
def test_resources_of_terraform(tmp_path, kind, values, pointer):
    assert in_plan(tmp_path, {f"{kind}.one": values}) == {pointer: Verdict.FAIL}


def test_a_password_that_another_resource_shows(tmp_path):
    resources = {"aws_db_instance.one": {}, "aws_instance.two": {"user_data": f"connect {VALUE}"}}
    document = plan_of(resources)
    document["planned_values"]["root_module"]["resources"][0]["values"]["password"] = VALUE
    (tmp_path / "plan.json").write_text(json.dumps(document))
    assert found(tmp_path) == {"/planned_values/root_module/resources/1/values/user_data": Verdict.FAIL}


def test_variables_and_outputs_of_terraform(tmp_path):
    declared = {
        "db_password": {"default": VALUE},
        "api_token": {"default": ""},
        "stage": {"default": "prod"},
    }
    outputs = {
        "api_key": {"sensitive": False, "value": VALUE},
        "api_secret": {"sensitive": True, "value": VALUE},
        "url": {"sensitive": False, "value": "https://a.example"},
    }
    answers = in_plan(
        tmp_path,
        {"aws_sns_topic.one": {"name": "a"}},
        configuration__root_module__variables=declared,
        planned_values__outputs=outputs,
    )
    assert set(answers) == {
        "/configuration/root_module/variables/db_password/default",
        "/planned_values/outputs/api_key/value",
    }


def test_answers_of_the_api(tmp_path):
    arn = "arn:aws:cloudformation:eu-west-1:111122223333:stack/shop/1"
    shown = [
        {"ParameterKey": "DbPassword", "ParameterValue": VALUE},
        {"ParameterKey": "ApiKey", "ParameterValue": "****"},
        {"ParameterKey": "Stage", "ParameterValue": "prod"},
    ]
    stack = {"StackId": arn, "StackName": "shop", "StackStatus": "CREATE_COMPLETE", "Parameters": shown}
    folder = tmp_path / "111122223333" / "eu-west-1"
    folder.mkdir(parents=True)
    (folder / "cloudformation-DescribeStacks.json").write_text(json.dumps({"Stacks": [stack]}))
    assert found(tmp_path) == {"/Stacks/0/Parameters/0/ParameterValue": Verdict.FAIL}
