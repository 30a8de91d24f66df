"""What docs/exports.md says of the collector and of the formats is so."""

import re
from pathlib import Path

import pytest
from botocore import xform_name

from auditkit.cli_collect import collect
from auditkit.collect import CALLS, plan
from auditkit.exports.calls import api_calls
from auditkit.exports.steampipe._tables import GROUPS, TABLES

DOCS = Path(__file__).resolve().parents[2] / "docs"
TEXT = (DOCS / "exports.md").read_text(encoding="utf-8")
COMMANDS = {f"{call.service} {xform_name(call.operation, '-')}" for call in api_calls()}
ELSEWHERE = {
    "cloudformation describe-stack-resources",
    "cloudformation get-template",
    "configservice deliver-config-snapshot",
    "configservice select-resource-config",
}


def test_options_of_the_collector_exist():
    lines = [line for line in TEXT.splitlines() if line.startswith(("auditkit collect", "| `--with"))]
    named = set(re.findall(r"--[a-z-]+", "\n".join(lines))) | {"--ask-again", "--endpoint-url", "--strict", "--workers"}
    known = {option for parameter in collect.params for option in parameter.opts}
    assert named <= known


def test_permissions_of_extras_are_those_that_they_need():
    for extra, calls in CALLS.items():
        (row,) = (line for line in TEXT.splitlines() if line.startswith(f"| `--with-{extra}`"))
        cells = row.split("|")
        assert set(re.findall(r"[a-z][a-z0-9-]*:[A-Z]\w+", cells[3])) == {
            action for call in plan(calls) for action in call.actions
        }


def test_tables_of_steampipe_are_read():
    named = set(re.findall(r"`(aws_\w+)`", TEXT))
    assert named
    assert named <= {*TABLES, *GROUPS}


def test_commands_are_calls_that_are_read():
    found = set(re.findall(r"^aws ([a-z0-9-]+ [a-z0-9-]+)", TEXT, re.MULTILINE))
    assert found
    assert found - ELSEWHERE <= COMMANDS


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(([^)#][^)]*)\)", TEXT))))
def test_links_lead_somewhere(link):
    assert (DOCS / link).is_file()
