"""The notebooks run top to bottom on the sample and on another export, and are committed without outputs."""

import json
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parent.parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))

sys.path.insert(0, str(ROOT / "tests"))

from smallexport import write_export  # noqa: E402 -- a helper beside the tests, which are no package


def execute(path: Path, folder: Path, **parameters: object) -> nbformat.NotebookNode:
    """Run a notebook in a folder, with parameters set after the cell that is tagged for them."""
    notebook = nbformat.read(path, as_version=4)
    place = next(i for i, cell in enumerate(notebook.cells) if "parameters" in cell.metadata.get("tags", []))
    lines = [f"{name} = {value!r}" for name, value in parameters.items()]
    notebook.cells.insert(place + 1, nbformat.v4.new_code_cell("\n".join(lines)))
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(folder)}}).execute()
    return notebook


def mime_types(notebook: nbformat.NotebookNode) -> set[str]:
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    return {mime for output in outputs for mime in output.get("data", {})}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_runs_on_the_sample(path, tmp_path):
    kinds = mime_types(execute(path, tmp_path))
    assert "text/html" in kinds
    if not path.stem.startswith("01"):
        assert kinds & {"image/svg+xml", "image/png"}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_runs_on_another_export(path, tmp_path):
    export = write_export(tmp_path / "export")
    text = json.dumps(execute(path, tmp_path, EXPORTS=[str(export)]))
    assert "orders-ship" in text
    assert "k3y-s3cr3t" not in text


def test_there_are_notebooks():
    numbers = [path.stem[:2] for path in NOTEBOOKS]
    assert len(set(numbers)) == len(numbers) >= 8
    assert {"00", "01", "02", "03", "04", "05", "06", "07"} <= set(numbers)


def test_they_are_in_the_form_that_is_committed():
    subprocess.run([sys.executable, str(ROOT / "scripts" / "notebooks.py"), "--check"], check=True)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_each_ends_with_a_question(path):
    last = nbformat.read(path, as_version=4).cells[-1]
    assert last.cell_type == "markdown"
    assert "?" in last.source
