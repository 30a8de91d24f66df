"""A template that nothing says the account and region of is where the ARNs that it writes out are."""

import json

import pytest

from auditkit.exports import read
from auditkit.exports.cloudformation._whereabouts import Whereabouts, whereabouts_of
from auditkit.graph.permissions import permissions_of
from auditkit.inventory.records.buckets import Bucket
from auditkit.inventory.records.functions import Function
from auditkit.inventory.records.identities import Role
from auditkit.inventory.records.tables import Table

OWN = "111122223333"
FOREIGN = "444455556666"
LAYER = f"arn:aws:lambda:eu-west-1:{FOREIGN}:layer:tools:3"


def role(resource, **more):
    statement = {"Effect": "Allow", "Action": "dynamodb:*", "Resource": resource, **more}
    return {"Type": "AWS::IAM::Role", "Properties": {"Policies": [{"PolicyDocument": {"Statement": [statement]}}]}}


def function(**properties):
    return {"Type": "AWS::Lambda::Function", "Properties": properties}


TABLE = {"Type": "AWS::DynamoDB::Table", "Properties": {"TableName": "orders"}}


@pytest.mark.parametrize(
    ("resources", "expected"),
    [
        ([], ("", "")),
        ([role("arn:aws:dynamodb:us-east-1:*:table/*")], ("", "us-east-1")),
        ([role({"Fn::Sub": "arn:aws:dynamodb:us-east-1:${AWS::AccountId}:table/x"})], ("", "us-east-1")),
        ([role({"Fn::Sub": "arn:${AWS::Partition}:sqs:us-east-1:${AWS::AccountId}:x"})], ("", "us-east-1")),
        ([role("arn:aws:dynamodb:*:*:table/*")], ("", "")),
        ([role(["arn:aws:sqs:us-east-1:*:a", "arn:aws:sqs:eu-west-1:*:b"])], ("", "")),  # which of them is not told
        ([role(f"arn:aws:dynamodb:us-east-1:{OWN}:table/*")], (OWN, "us-east-1")),
        ([role(f"arn:aws:dynamodb:us-east-1:{OWN}:table/orders"), TABLE], (OWN, "us-east-1")),
        ([role(f"arn:aws:dynamodb:us-east-1:{FOREIGN}:table/theirs"), TABLE], ("", "us-east-1")),
        ([role(f"arn:aws:dynamodb:us-east-1:{OWN}:table/*", Principal="*")], ("", "us-east-1")),
        ([role(f"arn:aws:iam::{FOREIGN}:role/*")], ("", "")),
        ([role([f"arn:aws:sqs:eu-west-1:{OWN}:*", f"arn:aws:sqs:eu-west-1:{FOREIGN}:*"])], ("", "eu-west-1")),
        ([function(Layers=[LAYER])], ("", "eu-west-1")),
        ([function(Role=f"arn:aws:iam::{OWN}:role/f", Layers=[LAYER])], (OWN, "eu-west-1")),
        ([function(Role=f"arn:aws:iam::{OWN}:role/f"), role(f"arn:aws:sqs:eu-west-1:{FOREIGN}:*")], (OWN, "eu-west-1")),
        ([function(Role="arn:aws:iam::${Where}:role/f"), role(f"arn:aws:sqs:eu-west-1:{OWN}:*")], (OWN, "eu-west-1")),
        ([function(Role=f"arn:aws:iam::{OWN}:role/f"), function(Role=f"arn:aws:iam::{FOREIGN}:role/f")], ("", "")),
        ([{"Type": "X", "Properties": {"Arn": f"arn:aws:acm:us-east-1:{OWN}:certificate/1"}}], ("", "")),
        (["no resource", {"Properties": []}, function(Role=7), {"Type": [], "Properties": {"Role": {}}}], ("", "")),
    ],
)
def test_what_arns_tell(resources, expected):
    template = {"Resources": {f"R{number}": one for number, one in enumerate(resources)}}
    assert whereabouts_of([template]) == Whereabouts(*expected)
    assert whereabouts_of([{"Resources": {}}, template, {"Resources": "none"}]) == Whereabouts(*expected)


def written(folder, **templates):
    for name, resources in templates.items():
        (folder / f"{name}.json").write_text(json.dumps({"Resources": resources}))
    return read(folder)


def test_what_a_policy_names_by_its_whole_arn_is_the_stacks_own(tmp_path):
    trust = {"Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"},
                            "Action": "sts:AssumeRole"}]}  # fmt: skip
    named = role(f"arn:aws:dynamodb:us-east-1:{OWN}:table/*")
    named["Properties"]["AssumeRolePolicyDocument"] = trust
    runs = function(Role={"Fn::GetAtt": ["R", "Arn"]}, Handler="a.b", Runtime="python3.13", Code={"ZipFile": "x"})
    inventory = written(tmp_path, app={"R": named, "F": runs, "T": TABLE}, more={"B": {"Type": "AWS::S3::Bucket"}})
    (found,), (table,), (who,) = inventory.of(Function), inventory.of(Table), inventory.of(Role)
    assert (found.region, table.id) == ("us-east-1", f"arn:aws:dynamodb:us-east-1:{OWN}:table/orders")
    assert {grant.action for grant in permissions_of(inventory).of(who.id, table.id)} >= {"dynamodb:PutItem"}
    (bucket,) = inventory.of(Bucket)
    assert bucket.account == OWN  # stacks of one export are in one place where nothing else is said


def test_what_a_path_says_counts_more(tmp_path):
    folder = tmp_path / FOREIGN / "eu-central-1"
    folder.mkdir(parents=True)
    (folder / "t.json").write_text(json.dumps({"Resources": {"R": role(f"arn:aws:sqs:us-east-1:{OWN}:*"), "T": TABLE}}))
    (table,) = read(tmp_path).of(Table)
    assert table.id == f"arn:aws:dynamodb:eu-central-1:{FOREIGN}:table/orders"


def test_the_first_step_of_a_stack_is_no_stack_beside_the_whole(tmp_path):
    bucket = {"ServerlessDeploymentBucket": {"Type": "AWS::S3::Bucket"}}
    create, update = (f"cloudformation-template-{step}-stack" for step in ("create", "update"))
    folder = tmp_path / "shop" / ".serverless"
    folder.mkdir(parents=True)
    inventory = written(folder, **{create: bucket, update: {**bucket, "T": TABLE}})
    assert len(inventory.of(Bucket)) == len(inventory.of(Table)) == 1
    assert "update" in inventory.of(Bucket)[0].source.file
    (folder / f"{update}.json").unlink()
    assert len(read(folder).of(Bucket)) == 1
