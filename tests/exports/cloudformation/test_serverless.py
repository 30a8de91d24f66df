"""The Serverless Framework: its source says what to run, and what that writes is read."""

import shutil
from pathlib import Path

import pytest

from auditkit.errors import ExportError
from auditkit.exports import read
from auditkit.inventory.records.functions import Function

SOURCE = "service: shop\nprovider: {name: aws}\nfunctions: {hello: {handler: a.b}}\nresources:\n  Resources: {}\n"
PACKAGED = Path(__file__).parent / "corpus" / "serverless-framework.json"


@pytest.mark.parametrize("name", ["serverless.yml", "shop/serverless.yaml", "serverless.ts"])
def test_a_source_alone_is_refused_with_what_to_run(name, tmp_path):
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text(SOURCE)
    with pytest.raises(ExportError, match="run `serverless package`"):
        read(tmp_path)


def test_the_package_beside_its_source_is_read_and_the_source_noted(tmp_path):
    (tmp_path / "serverless.yml").write_text(SOURCE)
    (tmp_path / ".serverless").mkdir()
    shutil.copy(PACKAGED, tmp_path / ".serverless" / "cloudformation-template-update-stack.json")
    inventory = read(tmp_path)
    assert inventory.of(Function)
    (note,) = (note for note in inventory.not_read if note.source.file == "serverless.yml")
    assert "serverless package" in note.reason
