"""Repositories handed over as they lie there: what in them is no part of what they deploy is not read, and told."""

import pytest

from auditkit.errors import ExportError
from auditkit.exports import read
from auditkit.inventory.records.buckets import Bucket
from auditkit.inventory.records.functions import Function

MINE = """
Transform: AWS::Serverless-2016-10-31
Resources:
  F: {Type: AWS::Serverless::Function, Properties: {FunctionName: mine, Runtime: nodejs22.x, Handler: a.b, CodeUri: s/}}
"""
THEIRS = "Resources:\n  B: {Type: AWS::S3::Bucket, Properties: {BucketName: theirs}}\n"


def written(folder, files):
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize("place", ["node_modules", "shop/node_modules", ".git", ".venv", "lib/site-packages"])
def test_templates_of_packages_and_of_history_are_not_those_of_the_repository(tmp_path, place):
    files = {"template.yaml": MINE, f"{place}/pkg/template.yaml": THEIRS, f"{place}/pkg/a.js": "x"}
    inventory = read(written(tmp_path, files))
    assert [one.name for one in inventory.of(Function)] == ["mine"]
    assert not inventory.of(Bucket)
    (note,) = inventory.not_read
    assert note.source.file == place
    assert "2 files, of which none is read" in note.reason


def test_a_file_that_is_called_so_is_none_of_them(tmp_path):
    inventory = read(written(tmp_path, {"node_modules.yaml": THEIRS, "venv": "x"}))
    assert [one.name for one in inventory.of(Bucket)] == ["theirs"]


def test_nothing_but_packages_is_no_export(tmp_path):
    with pytest.raises(ExportError, match="no file of a known format"):
        read(written(tmp_path, {"node_modules/pkg/template.yaml": THEIRS}))


def test_what_sam_built_of_a_template_is_no_second_stack(tmp_path):
    inventory = read(written(tmp_path, {"shop/template.yaml": MINE, "shop/.aws-sam/build/template.yaml": MINE}))
    (function,) = inventory.of(Function)
    assert {source.file for source in function.sources} == {"shop/template.yaml"}
    assert not inventory.contradictions
    assert {(note.source.file, note.reason) for note in inventory.not_read} == {
        ("shop/.aws-sam/build/template.yaml", "built from shop/template.yaml, which is read")
    }


def test_what_sam_built_is_read_where_nothing_else_tells_it(tmp_path):
    inventory = read(written(tmp_path, {"other.yaml": THEIRS, ".aws-sam/build/template.yaml": MINE}))
    assert [one.name for one in inventory.of(Function)] == ["mine"]
