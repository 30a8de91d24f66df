"""The account as two stacks of CloudFormation, one for each region, with the list of what they made.

Resources refer to each other by ``Ref`` and ``Fn::GetAtt``, as people write them. What is global is in the first stack.
"""

import json
import re

from tests.exports.retold import templates_apis, templates_data
from tests.exports.retold.account import ACCOUNT, HOME, REGIONS, document, only, tagged

REF = {"AWS::SNS::Topic", "AWS::ElasticLoadBalancingV2::TargetGroup", "AWS::ElasticLoadBalancingV2::LoadBalancer"}
"""Types whose ``Ref`` is the ARN; others have the attribute Arn."""


class Template:
    """A template that is being written."""

    def __init__(self, account, region):
        self.account = account
        self.region = region
        self.resources = {}
        self.physical = {}
        self.by_arn = {}
        self.by_id = {}
        self.hosts = {}

    def add(self, kind, name, properties, *, physical="", arn="", ref=""):
        """Declare a resource; ``physical`` is what CloudFormation lists it as, ``ref`` an id that Ref stands for."""
        stem = re.sub(r"[^A-Za-z0-9]", "", f"{kind.rpartition('::')[2]}{name.title()}")
        logical, count = stem, 1
        while logical in self.resources:
            count += 1
            logical = f"{stem}{count}"
        tags = self.account.tags.get(arn or physical)
        if tags and not {"Tags", "UserPoolTags", "FileSystemTags", "AccessPointTags"} & properties.keys():
            properties = {**properties, "Tags": tags}
        self.resources[logical] = {"Type": kind, "Properties": properties}
        self.physical[logical] = physical or name
        if arn:
            self.by_arn[arn] = {"Ref": logical} if kind in REF else {"Fn::GetAtt": [logical, "Arn"]}
        if ref:
            self.by_id[ref] = {"Ref": logical}
        return logical

    def referring(self, value):
        """Return a value in which what the template declares is referred to."""
        if isinstance(value, dict):
            if "Ref" in value or "Fn::GetAtt" in value or "Fn::Sub" in value:
                return value
            return {key: self.referring(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.referring(item) for item in value]
        if not isinstance(value, str):
            return value
        return self.by_arn.get(value) or self.by_id.get(value) or self._inside(value)

    def _inside(self, text):
        """Return a text in which the function of an integration, or the host of a store, is filled in."""
        function = re.fullmatch(r"(arn:aws:apigateway:.*/functions/)(arn:aws:lambda:[^/]+?)(/invocations)", text)
        found = self.by_arn.get(function[2]) if function else None
        if found:
            return {"Fn::Sub": f"{function[1]}${{{'.'.join(found['Fn::GetAtt'])}}}{function[3]}"}
        if text.startswith("integrations/"):
            return {"Fn::Join": ["/", ["integrations", self.by_id[text.partition("/")[2]]]]}
        for host, attribute in self.hosts.items():
            if host in text:
                before, _, after = text.partition(host)
                return {"Fn::Sub": f"{before}${{{attribute}}}{after}"}
        return text

    def finished(self):
        resources = {
            logical: {**resource, "Properties": self.referring(resource["Properties"])}
            for logical, resource in self.resources.items()
        }
        return {"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources}

    def listed(self):
        stack = f"arn:aws:cloudformation:{self.region}:{ACCOUNT}:stack/retailer-{self.region}/5d3b1c8e"
        return {
            "StackResources": [
                {
                    "StackName": f"retailer-{self.region}",
                    "StackId": stack,
                    "LogicalResourceId": logical,
                    "PhysicalResourceId": physical,
                    "ResourceType": self.resources[logical]["Type"],
                    "ResourceStatus": "CREATE_COMPLETE",
                }
                for logical, physical in self.physical.items()
            ]
        }


# ---------------------------------------------------------------- functions


def functions(account, to):
    for region, name, answer in account.each("lambda-get-function"):
        if region == to.region:
            _function(account, to, name, answer)
    for region, _, mapping in account.each("lambda-list-event-source-mappings", "EventSourceMappings"):
        if region == to.region:
            said = {
                key: value
                for key, value in mapping.items()
                if key
                not in {
                    "UUID",
                    "EventSourceMappingArn",
                    "FunctionArn",
                    "LastModified",
                    "State",
                    "StateTransitionReason",
                }
            }
            said |= {"FunctionName": mapping["FunctionArn"], "Enabled": mapping["State"] == "Enabled"}
            to.add("AWS::Lambda::EventSourceMapping", mapping["UUID"], said, physical=mapping["UUID"])
    _layers(account, to)


def _function(account, to, name, answer):
    said, region = answer["Configuration"], to.region
    properties = only(
        said,
        *("FunctionName", "Runtime", "Role", "Handler", "Timeout", "MemorySize", "PackageType", "Environment"),
        *("DeadLetterConfig", "TracingConfig", "FileSystemConfigs", "Architectures", "EphemeralStorage"),
        *("Description", "LoggingConfig"),
    )
    properties["KmsKeyArn"] = said.get("KMSKeyArn")
    properties["Layers"] = [layer["Arn"] for layer in said.get("Layers", [])]
    if said.get("VpcConfig", {}).get("SubnetIds"):
        properties["VpcConfig"] = only(said["VpcConfig"], "SubnetIds", "SecurityGroupIds")
    uri = answer["Code"].get("ImageUri")
    properties["Code"] = {"ImageUri": uri} if uri else {"S3Bucket": "larkspurvane-artifacts", "S3Key": f"{name}.zip"}
    properties["Tags"] = tagged(answer.get("Tags"))
    properties["ReservedConcurrentExecutions"] = answer.get("Concurrency", {}).get("ReservedConcurrentExecutions")
    signing = account.one("lambda-get-function-code-signing-config", region, name).get("CodeSigningConfigArn")
    properties["CodeSigningConfigArn"] = signing
    properties["RecursiveLoop"] = account.one("lambda-get-function-recursion-config", region, name)["RecursiveLoop"]
    managed = account.one("lambda-get-runtime-management-config", region, name)
    properties["RuntimeManagementConfig"] = only(managed, "UpdateRuntimeOn", "RuntimeVersionArn")
    properties = {key: value for key, value in properties.items() if value not in (None, [], {})}
    to.add("AWS::Lambda::Function", name, properties, physical=name, arn=said["FunctionArn"])
    _versions(account, to, name)
    _around(account, to, name)


def _versions(account, to, name):
    held = {
        item["FunctionArn"]: item["RequestedProvisionedConcurrentExecutions"]
        for item in account.one("lambda-list-provisioned-concurrency-configs", to.region, name)[
            "ProvisionedConcurrencyConfigs"
        ]
    }
    for version in account.one("lambda-list-versions-by-function", to.region, name)["Versions"]:
        if version["Version"] != "$LATEST":
            to.add(
                "AWS::Lambda::Version",
                f"{name}-{version['Version']}",
                {"FunctionName": name},
                physical=version["FunctionArn"],
            )
    for alias in account.one("lambda-list-aliases", to.region, name)["Aliases"]:
        properties = {"FunctionName": name, "FunctionVersion": alias["FunctionVersion"], "Name": alias["Name"]}
        if held.get(alias["AliasArn"]):
            properties["ProvisionedConcurrencyConfig"] = {"ProvisionedConcurrentExecutions": held[alias["AliasArn"]]}
        to.add("AWS::Lambda::Alias", f"{name}-{alias['Name']}", properties, physical=alias["AliasArn"])


def _around(account, to, name):
    """Declare permissions, addresses and destinations of a function."""
    for region, argument, answer in account.each("lambda-get-policy"):
        if region == to.region and argument.partition(",")[0] == name and "Policy" in answer:
            for number, statement in enumerate(document(answer["Policy"])["Statement"]):
                to.add("AWS::Lambda::Permission", f"{name}-{number}", permission(statement))
    for url in account.one("lambda-list-function-url-configs", to.region, name)["FunctionUrlConfigs"]:
        properties = {"TargetFunctionArn": name, **only(url, "AuthType", "Cors", "InvokeMode")}
        if url["FunctionArn"].count(":") > 6:
            properties["Qualifier"] = url["FunctionArn"].rpartition(":")[2]
        to.add("AWS::Lambda::Url", name, properties, physical=url["FunctionArn"])
    for config in account.one("lambda-list-function-event-invoke-configs", to.region, name)[
        "FunctionEventInvokeConfigs"
    ]:
        qualifier = config["FunctionArn"].split(":")[7:] or ["$LATEST"]
        properties = only(config, "DestinationConfig", "MaximumEventAgeInSeconds", "MaximumRetryAttempts")
        to.add("AWS::Lambda::EventInvokeConfig", name, {"FunctionName": name, "Qualifier": qualifier[0], **properties})


CONDITIONS = {
    "AWS:SourceArn": "SourceArn",
    "AWS:SourceAccount": "SourceAccount",
    "aws:PrincipalOrgID": "PrincipalOrgID",
    "lambda:FunctionUrlAuthType": "FunctionUrlAuthType",
}


def permission(statement):
    """Return the properties of a permission that AWS makes a statement of."""
    who = statement["Principal"]
    properties = {
        "Action": statement["Action"],
        "FunctionName": statement["Resource"],
        "Principal": who if isinstance(who, str) else next(iter(who.values())),
    }
    for operator in statement.get("Condition", {}).values():
        for key, value in operator.items():
            if key == "lambda:InvokedViaFunctionUrl":
                properties["InvokedViaFunctionUrl"] = True
            else:
                properties[CONDITIONS[key]] = value
    return properties


def _layers(account, to):
    for region, name, version in account.each("lambda-list-layer-versions", "LayerVersions"):
        if region != to.region:
            continue
        arn = version["LayerVersionArn"]
        properties = {"LayerName": name, "Content": {"S3Bucket": "larkspurvane-artifacts", "S3Key": f"{name}.zip"}}
        properties |= only(version, "CompatibleRuntimes", "Description")
        logical = to.add("AWS::Lambda::LayerVersion", f"{name}-{version['Version']}", properties, physical=arn)
        to.by_arn[arn] = {"Ref": logical}
        answer = account.one("lambda-get-layer-version-policy", region, f"{name},{version['Version']}")
        for number, statement in enumerate(document(answer["Policy"])["Statement"] if "Policy" in answer else []):
            who = statement["Principal"]
            said = {
                "LayerVersionArn": arn,
                "Action": statement["Action"],
                "Principal": who if isinstance(who, str) else who["AWS"],
            }
            for operator in statement.get("Condition", {}).values():
                said["OrganizationId"] = operator["aws:PrincipalOrgID"]
            to.add("AWS::Lambda::LayerVersionPermission", f"{name}-{number}", said)
    for region, _, config in account.each("lambda-list-code-signing-configs", "CodeSigningConfigs"):
        if region == to.region:
            said = only(config, "AllowedPublishers", "CodeSigningPolicies", "Description")
            arn = config["CodeSigningConfigArn"]
            logical = to.add("AWS::Lambda::CodeSigningConfig", config["CodeSigningConfigId"], said, physical=arn)
            to.by_arn[arn] = {"Fn::GetAtt": [logical, "CodeSigningConfigArn"]}


# ---------------------------------------------------------------- identities


def identities(account, to):
    if to.region != HOME:
        return
    details = account.one("iam-get-account-authorization-details", "global", "")
    for policy in details["Policies"]:
        if not policy["Arn"].startswith("arn:aws:iam::aws:"):
            (current,) = [one for one in policy["PolicyVersionList"] if one["IsDefaultVersion"]]
            said = {"ManagedPolicyName": policy["PolicyName"], "PolicyDocument": current["Document"]}
            logical = to.add("AWS::IAM::ManagedPolicy", policy["PolicyName"], said, physical=policy["Arn"])
            to.by_arn[policy["Arn"]] = {"Ref": logical}
    for group in details["GroupDetailList"]:
        said = _identity(group, "GroupName", "GroupPolicyList")
        to.add("AWS::IAM::Group", group["GroupName"], said, physical=group["GroupName"], arn=group["Arn"])
    for role in details["RoleDetailList"]:
        said = _identity(role, "RoleName", "RolePolicyList")
        said["AssumeRolePolicyDocument"] = role["AssumeRolePolicyDocument"]
        said |= only(role, "MaxSessionDuration")
        to.add("AWS::IAM::Role", role["RoleName"], said, physical=role["RoleName"], arn=role["Arn"])
        for profile in role["InstanceProfileList"]:
            said = {"InstanceProfileName": profile["InstanceProfileName"], "Roles": [role["RoleName"]]}
            to.add("AWS::IAM::InstanceProfile", profile["InstanceProfileName"], said)
    for user in details["UserDetailList"]:
        said = _identity(user, "UserName", "UserPolicyList") | {"Groups": user["GroupList"]}
        to.add("AWS::IAM::User", user["UserName"], said, physical=user["UserName"], arn=user["Arn"])
    for _, _, provider in account.each("iam-list-open-id-connect-providers", "OpenIDConnectProviderList"):
        url = f"https://{provider['Arn'].partition('/')[2]}"
        said = {"Url": url, "ClientIdList": ["sts.amazonaws.com"]}
        to.add("AWS::IAM::OIDCProvider", "ci", said, physical=provider["Arn"], arn=provider["Arn"])


def _identity(detail, name, inline):
    said = {name: detail[name], "Path": detail["Path"], "Tags": detail.get("Tags", [])}
    said["ManagedPolicyArns"] = [policy["PolicyArn"] for policy in detail["AttachedManagedPolicies"]]
    said["Policies"] = detail[inline]
    boundary = detail.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
    return said | ({"PermissionsBoundary": boundary} if boundary else {})


def template_of(account, region, *, secure=False):
    """Return a template; with what templates cannot make if ``secure``, for other formats."""
    to = Template(account, region)
    to.secure = secure
    for part in (identities, *templates_data.PARTS, functions, *templates_apis.PARTS):
        part(account, to)
    return to


def templates(account):
    """Return files by path."""
    found = {}
    for region in REGIONS:
        to = template_of(account, region)
        found[f"{ACCOUNT}/{region}/retailer-{region}.json"] = json.dumps(to.finished())
        found[f"{ACCOUNT}/{region}/cloudformation-describe-stack-resources.json"] = json.dumps(to.listed())
    return found


__all__ = ["template_of", "templates"]
