"""What the AWS CDK synthesises (``cdk.out``) reads as an estate of stacks where it deploys them."""

import base64
import hashlib
import io
import json
import zipfile

import pytest

from auditkit.exports import read
from auditkit.graph import connect
from auditkit.inventory import Source
from auditkit.inventory.evidence.packages import CodePackage
from auditkit.inventory.records.functions import Function
from auditkit.inventory.records.messaging import Queue
from tests.exports.hostility import written

FUNCTION = {
    "Type": "AWS::Lambda::Function",
    "Properties": {
        "Code": {"S3Bucket": "b", "S3Key": "k"},
        "Handler": "index.handler",
        "Runtime": "nodejs22.x",
        "Role": "arn:aws:iam::111122223333:role/x",
    },
    "Metadata": {"aws:asset:path": "asset.0f1e", "aws:asset:property": "Code"},
}
ADDRESS = ["https://s3.", {"Ref": "AWS::Region"}, ".", {"Ref": "AWS::URLSuffix"}, "/assets/abcdef.json"]
SHOP = {
    "Resources": {
        "Parts": {
            "Type": "AWS::CloudFormation::Stack",
            "Properties": {
                "TemplateURL": {"Fn::Join": ["", ADDRESS]},
                "Parameters": {"JobsArn": {"Fn::GetAtt": ["Jobs", "Arn"]}},
            },
            "Metadata": {"aws:asset:path": "ShopParts.nested.template.json", "aws:asset:property": "TemplateURL"},
        },
        "Jobs": {"Type": "AWS::SQS::Queue"},
    }
}
PARTS = {
    "Parameters": {"JobsArn": {"Type": "String"}},
    "Resources": {
        "Worker": FUNCTION,
        "Mapping": {
            "Type": "AWS::Lambda::EventSourceMapping",
            "Properties": {"FunctionName": {"Ref": "Worker"}, "EventSourceArn": {"Ref": "JobsArn"}},
        },
    },
}


def synthesised(folder, environment="aws://111122223333/eu-west-1"):
    properties = {"templateFile": "Shop.template.json", "stackName": "shop-live"}
    stack = {"type": "aws:cloudformation:stack", "environment": environment, "properties": properties}
    assets = {"type": "cdk:asset-manifest", "properties": {"file": "Shop.assets.json"}}
    files = {
        "manifest.json": {"version": "38.0.1", "artifacts": {"Shop": stack, "Shop.assets": assets}},
        "tree.json": {"version": "tree-0.1", "tree": {}},
        "cdk.out": {"version": "38.0.1"},
        "Shop.assets.json": {"version": "38.0.1", "files": {}, "dockerImages": {}},
        "Shop.template.json": SHOP,
        "ShopParts.nested.template.json": PARTS,
        "asset.0f1e/package.json": {"name": "x", "dependencies": {"left-pad": "^1.0.0"}},
        "asset.0f1e/lib/more.json": {"x": 1},
        "asset.5173/site.json": {"Functions": []},
        "asset.5173/index.json": {},
    }
    for path, content in files.items():
        written(folder / "cdk.out" / path, content)
    return read(folder)


def test_stacks_are_where_and_what_the_manifest_says(tmp_path):
    inventory = synthesised(tmp_path)
    (function,), (queue,) = inventory.of(Function), inventory.of(Queue)
    assert function.id == "arn:aws:lambda:eu-west-1:111122223333:function:shop-live-Parts-Worker"
    assert queue.id == "arn:aws:sqs:eu-west-1:111122223333:shop-live-Jobs"
    assert connect(inventory).has_edge(queue.id, function.id)


def test_of_the_cdks_own_files_nothing_is_noted_and_of_its_assets_once(tmp_path):
    (note,) = synthesised(tmp_path).not_read
    assert note.source.file == "cdk.out/asset.5173/index.json"
    assert "no code of a function" in note.reason


def test_the_folder_of_an_asset_is_the_code_of_the_functions_that_name_it(tmp_path):
    inventory = synthesised(tmp_path)
    (function,), (code,) = inventory.of(Function), inventory.of(CodePackage)
    assert code.used_by == (function.id,)
    assert (code.account, code.region) == (function.account, function.region)
    (package,) = code.packages
    assert (package.purl, package.requirement) == ("pkg:npm/left-pad", "^1.0.0")
    assert package.source == Source("cdk.out/asset.0f1e", "/package.json")
    assert "cdk.out/asset.0f1e/package.json" in inventory.digests


def packed(**files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name.replace("__", ".")), text)
    return buffer.getvalue()


@pytest.mark.parametrize("key", ["0f1e.zip", {"Fn::Sub": "0f1e.zip"}])
def test_a_packed_asset_is_found_by_the_list_of_assets(tmp_path, key):
    function = {**FUNCTION, "Properties": {**FUNCTION["Properties"], "Code": {"S3Bucket": "b", "S3Key": key}}}
    del function["Metadata"]
    asset = {
        "source": {"path": "asset.0f1e.zip", "packaging": "file"},
        "destinations": {"here": {"bucketName": "b", "objectKey": "0f1e.zip"}},
    }
    written(tmp_path / "cdk.out" / "Shop.assets.json", {"files": {"0f1e": asset, "x": None, "y": {"source": 1}}})
    written(tmp_path / "cdk.out" / "Shop.template.json", {"Resources": {"A": function, "B": function}})
    written(tmp_path / "cdk.out" / "manifest.json", {"artifacts": {}})
    data = packed(requirements__txt="six==1.0")
    (tmp_path / "cdk.out" / "asset.0f1e.zip").write_bytes(data)
    inventory = read(tmp_path)
    (code,) = inventory.of(CodePackage)
    assert code.used_by == tuple(sorted(function.id for function in inventory.of(Function)))
    assert len(code.used_by) == 2
    assert [package.purl for package in code.packages] == ["pkg:pypi/six@1.0"]
    assert code.digest == base64.b64encode(hashlib.sha256(data).digest()).decode()
    assert not inventory.not_read


@pytest.mark.parametrize("path", [None, 1, "../../etc/passwd", "/etc/passwd", "https://x", "", "asset.none"])
def test_an_asset_that_leads_nowhere_is_nobodys_code(tmp_path, path):
    function = {**FUNCTION, "Metadata": {"aws:asset:path": path}}
    written(tmp_path / "cdk.out" / "Shop.template.json", {"Resources": {"A": function}})
    inventory = read(tmp_path)
    assert len(inventory.of(Function)) == 1
    assert not inventory.of(CodePackage)


def test_an_environment_that_the_cdk_does_not_know_is_the_one_that_its_arns_name(tmp_path):
    (queue,) = synthesised(tmp_path, "aws://unknown-account/unknown-region").of(Queue)
    assert queue.id == "arn:aws:sqs:unknown-region:111122223333:shop-live-Jobs"  # of the function's role


def test_a_manifest_of_anything_else_is_no_assembly(tmp_path):
    for number, content in enumerate(({"artifacts": []}, {"artifacts": {"a": 1, "b": {"properties": 2}}}, [1])):
        folder = tmp_path / str(number)
        (folder / "x").mkdir(parents=True)
        (folder / "x" / "manifest.json").write_text(json.dumps(content))
        written(folder / "x" / "Shop.template.json", SHOP)
        (queue,) = read(folder).of(Queue)
        assert queue.name == "Shop-Jobs"
