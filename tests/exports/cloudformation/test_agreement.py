"""A template and the account that it makes say the same: deployed to a stand-in for AWS, collected, and compared."""

import re
import warnings
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from auditkit.collect import collect
from auditkit.exports import read
from auditkit.exports.calls import api_calls
from auditkit.graph import connect
from auditkit.inventory.records.functions import Function
from auditkit.inventory.records.identities import Role
from tests.exports.feeding import ACCOUNT, NOT_IN_MOTO, REGION

TEMPLATE = Path(__file__).parent / "retailer.yaml"
SERVICES = {"dynamodb", "events", "iam", "kinesis", "lambda", "logs", "s3", "sns", "sqs", "ssm", "stepfunctions", "sts"}
STREAM = re.compile(r"/stream/.*")


@pytest.fixture(scope="module")
def inventories(tmp_path_factory):
    folder = tmp_path_factory.mktemp("agreement")
    template = folder / "template" / ACCOUNT / REGION / "shop.yaml"
    template.parent.mkdir(parents=True)
    template.write_bytes(TEMPLATE.read_bytes())
    calls = [
        call
        for call in api_calls()
        if call.service in SERVICES and f"{call.service}.{call.operation}" not in NOT_IN_MOTO
    ]
    with pytest.MonkeyPatch.context() as patch, mock_aws(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        patch.setenv("AWS_ACCESS_KEY_ID", "testing")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        boto3.client("cloudformation", REGION).create_stack(
            StackName="shop", TemplateBody=TEMPLATE.read_text(), Capabilities=["CAPABILITY_NAMED_IAM"]
        )
        collect(boto3.Session(region_name=REGION), folder / "api", account=ACCOUNT, regions=[REGION], calls=calls)
    return read(folder / "api"), read(folder / "template")


def edges(inventory):
    """Return the edges of an inventory's graph; the time in the ARN of a table's stream is made up by AWS."""
    return {
        (STREAM.sub("/stream", origin), STREAM.sub("/stream", target), edge["kind"], edge["view"], edge["evidence"])
        for origin, target, edge in connect(inventory).edges(data=True)
    }


def test_the_graph_is_the_same(inventories):
    deployed, declared = map(edges, inventories)
    assert len(declared) > 20
    assert declared == deployed


@pytest.mark.parametrize("field", ["runtime", "handler", "memory_size", "timeout", "role", "environment", "vpc_config"])
def test_functions_are_the_same(inventories, field):
    deployed, declared = (getattr(inventory.of(Function)[0], field) for inventory in inventories)
    assert declared == deployed


def test_permissions_are_the_same(inventories):
    deployed, declared = (inventory.of(Role)[0] for inventory in inventories)
    assert declared.trust_policy.document == deployed.trust_policy.document
    assert [policy.document.document for policy in declared.inline_policies] == [
        policy.document.document for policy in deployed.inline_policies
    ]


def test_nothing_of_the_template_is_left(inventories):
    assert not inventories[1].not_read
