"""Serverless templates: what of one that is refused is read, and what to run for those of the Serverless Framework."""

import json
import shutil
from pathlib import Path

import pytest

from auditkit.errors import ExportError
from auditkit.exports import read
from auditkit.exports.cloudformation._translating import Work
from auditkit.inventory.records.apis import RestApi, RestMethod
from auditkit.inventory.records.apis_v2 import ApiRoute, HttpApi
from auditkit.inventory.records.functions import Function

SOURCE = "service: shop\nprovider: {name: aws}\nfunctions: {hello: {handler: a.b}}\nresources:\n  Resources: {}\n"
PACKAGED = Path(__file__).parent / "corpus" / "serverless-framework.json"


@pytest.mark.parametrize("name", ["serverless.yml", "shop/serverless.yaml", "serverless.ts"])
def test_a_source_alone_is_refused_with_what_to_run(name, tmp_path):
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text(SOURCE)
    with pytest.raises(ExportError, match="run `serverless package`"):
        read(tmp_path)


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("main.tf", 'resource "aws_lambda_function" "f" {}', "terraform show -json"),
        ("app/main.tf.json", "{}", "terraform show -json"),
        ("cdk.json", '{"app": "python app.py"}', "run `cdk synth`"),
        ("Pulumi.yaml", "name: shop\nruntime: nodejs\n", "an export of the account"),
        ("cdktf.json", '{"language": "typescript"}', "run `cdktf synth`"),
        ("sst.config.ts", "export default $config({})", "an export of the account"),
        ("shop/.chalice/config.json", '{"version": "2.0"}', "run `chalice package out/`"),
        ("copilot/api/manifest.yml", "name: api\ntype: Backend Service\n", "run `copilot svc package`"),
        ("amplify/team-provider-info.json", '{"dev": {}}', "the stacks that it deployed"),
    ],
)
def test_sources_of_other_tools_say_what_to_run_once(name, text, told, tmp_path):
    (tmp_path / name).parent.mkdir(exist_ok=True, parents=True)
    (tmp_path / name).write_text(text)
    (tmp_path / "more.tf").write_text("")
    (tmp_path / "rest.tf").write_text("")
    with pytest.raises(ExportError, match=told) as error:
        read(tmp_path)
    assert str(error.value).count("a source of Terraform") == 1


def test_the_package_beside_its_source_is_read_and_the_source_noted(tmp_path):
    (tmp_path / "serverless.yml").write_text(SOURCE)
    (tmp_path / ".serverless").mkdir()
    shutil.copy(PACKAGED, tmp_path / ".serverless" / "cloudformation-template-update-stack.json")
    inventory = read(tmp_path)
    assert inventory.of(Function)
    (note,) = (note for note in inventory.not_read if note.source.file == "serverless.yml")
    assert "serverless package" in note.reason


@pytest.mark.parametrize(("bad", "most"), [({20}, 5), ({3, 4, 7, 11, 20, 21}, 40)], ids=["by name", "by halves"])
def test_events_that_are_refused_are_found_without_trying_each(tmp_path, monkeypatch, bad, most):
    translations = []
    translate = Work._translate

    def counted(work, template):
        translations.append(template)
        return translate(work, template)

    monkeypatch.setattr(Work, "_translate", counted)
    events = {f"E{i}": {"Type": "Api", "Properties": {"Path": f"/{i}", "Method": "get"}} for i in range(32)}
    for number in bad:
        events[f"E{number}"]["Properties"]["RequestModel"] = {"Model": "Nowhere"}
    function = {"Type": "AWS::Serverless::Function", "Properties": {"CodeUri": ".", "Events": events}}
    (tmp_path / "t.json").write_text(json.dumps({"Resources": {"F": function}}))
    inventory = read(tmp_path)
    assert {method.path for method in inventory.of(RestMethod)} == {f"/{i}" for i in range(32) if i not in bad}
    places = {f"/Resources/F/Properties/Events/E{number}" for number in bad}
    assert {note.source.pointer for note in inventory.not_read} == places
    assert len(translations) <= most


TWICE = """
Transform: AWS::Serverless-2016-10-31
Parameters: {Told: {Type: String}}
Conditions: {Maybe: !Equals [!Ref Told, 'yes']}
Globals: {Function: {Runtime: python3.13, Handler: a.b, InlineCode: x}}
Resources:
  Named: {Type: AWS::Serverless::HttpApi}
  First:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        Http: {Type: HttpApi, Properties: {ApiId: !Ref Named, Path: /x, Method: GET}}
        Rest: {Type: Api, Properties: {Path: /x, Method: get}}
  Second:
    Type: AWS::Serverless::Function
    Condition: Maybe
    Properties:
      Events:
        Open: {Type: HttpApi, Properties: {Path: /x, Method: GET}}
"""


def test_what_events_make_stands_where_they_do(tmp_path):
    (tmp_path / "shop.yaml").write_text(TWICE)
    inventory = read(tmp_path)
    functions = {"First": ("Http", "Rest"), "Second": ("Open",)}
    places = {f"/Resources/{name}/Properties/Events/{event}" for name, events in functions.items() for event in events}
    routes = [*inventory.of(ApiRoute), *inventory.of(RestMethod)]
    assert {route.source.pointer for route in routes} == places
    apis = {source.pointer for api in (*inventory.of(RestApi), *inventory.of(HttpApi)) for source in api.sources}
    assert "/Resources" not in apis | {note.source.pointer for note in inventory.not_read}
