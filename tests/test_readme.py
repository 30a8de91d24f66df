"""The lines in README.md run as they stand, and the pictures that it shows are there."""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text("utf-8")

sys.path.insert(0, str(ROOT / "tests"))

from auditkit.cli import main  # noqa: E402
from smallexport import write_export  # noqa: E402 -- a helper beside the tests, which are no package


def test_the_lines_that_matter_run(tmp_path, monkeypatch):
    write_export(tmp_path / "export")
    monkeypatch.chdir(tmp_path)
    [code] = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    exec(compile(code, "README.md", "exec"), {})
    assert (tmp_path / "report" / "report.html").exists()
    assert (tmp_path / "flows.svg").exists()


def test_every_command_named_is_one():
    blocks = "".join(re.findall(r"^```\w*\n(.*?)^```", README, re.DOTALL | re.MULTILINE))
    named = set(re.findall(r"^auditkit ([a-z-]+) ", blocks, re.MULTILINE))
    assert named
    assert named <= set(main.commands)


def test_pictures_are_there():
    pictures = re.findall(r"!\[[^]]+\]\(([^)]+)\)", README)
    assert pictures
    assert all((ROOT / picture).is_file() for picture in pictures)
