"""What the command line does with exports that are broken, contradictory, empty or malicious.

Each time: a clear message with file and place, the rest is read, the report counts what was not, and no traceback.
"""

import csv
import io
import json
import os
import re
import stat
import subprocess
import sys
import zipfile
from pathlib import Path
from urllib.parse import quote

import pytest
from click.testing import CliRunner

sys.path.insert(0, str(Path(__file__).parent.parent))

from auditkit.cli import main
from smallexport import ACCOUNT, REGION, allow, arn, function, role, write_export

PLACE = f"{ACCOUNT}/{REGION}"
GAAD = f"{ACCOUNT}/global/iam-get-account-authorization-details.json"
FUNCTIONS = f"{PLACE}/lambda-list-functions.json"
QUEUE = f"{PLACE}/sqs-get-queue-attributes/" + quote(f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/paid", safe="")


def run(*arguments, code=0):
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exit_code == code, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert "Traceback" not in result.output
    assert "\x1b" not in result.output
    return result


def rows(result):
    return [json.loads(line) for line in result.stdout.splitlines()]


def whole(folder):
    """The small export, without the file in it that is broken on purpose."""
    write_export(folder)
    (folder / PLACE / "sns-list-topics.json").unlink()
    return folder


def put(folder, name, content):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())


def policy(statement):
    return {"Policy": json.dumps({"Version": "2012-10-17", "Statement": [statement]})}


TRUNCATED = b'{"Functions": [{"FunctionName": "orders-cre'
BROKEN = {
    "truncated": (FUNCTIONS, TRUNCATED, "", "truncated at line 1 column"),
    "wrong shape": (FUNCTIONS, {"Functions": "none"}, "/Functions", "wrong shape: expected a list, got text"),
    "wrong item": (f"{PLACE}/sns-list-topics.json", {"Topics": [7]}, "/Topics/0", "wrong shape: expected"),
    "no JSON": (f"{PLACE}/sqs-list-queues.json", b"<html>Access denied</html>", "", "not JSON"),
    "empty": (f"{PLACE}/sqs-list-queues.json", b"", "", "not JSON: empty"),
    "policy": (f"{PLACE}/lambda-get-policy/idle.json", {"Policy": "{oops"}, "/Policy", "policy document is not JSON"),
    "nested": (f"{PLACE}/sqs-list-queues.json", b"[" * 100_000, "", "nested deeper than"),
}


@pytest.mark.parametrize("case", sorted(BROKEN))
def test_what_is_broken_is_told_with_file_and_place_and_the_rest_is_read(tmp_path, case):
    name, content, pointer, reason = BROKEN[case]
    put(whole(tmp_path), name, content)
    result = run("inventory", tmp_path, "--not-read", "--format", "jsonl")
    (told,) = rows(result)
    assert (told["file"], told["pointer"]) == (name, pointer)
    assert reason in told["reason"]
    assert f"not read: {name}#{pointer}: " in result.stderr
    run("inventory", tmp_path, "--strict", code=3)
    counts = {row["kind"]: row["records"] for row in rows(run("inventory", tmp_path, "--format", "jsonl"))}
    assert counts["role"] == 3
    assert counts["table"] == 2
    assert counts.get("function", 0) == (3 if name != FUNCTIONS else 0)


def test_the_report_counts_what_was_not_read_and_holds_the_rest(tmp_path):
    export, out = whole(tmp_path / "export"), tmp_path / "out"
    for case in ("wrong item", "no JSON", "policy"):
        put(export, *BROKEN[case][:2])
    disagreeing = function("orders-ship") | {"Runtime": "python3.8"}
    put(export, f"{PLACE}/lambda-get-function/orders-ship.json", {"Configuration": disagreeing})
    put(export, "notes.txt", b"nothing to see")
    run("report", export, "--out", out)

    def table(name):
        return list(csv.DictReader(io.StringIO((out / "tables" / f"{name}.csv").read_text("utf-8-sig"))))

    told = {row["file"]: row["reason"] for row in table("not-read")}
    assert set(told) == {BROKEN[case][0] for case in ("wrong item", "no JSON", "policy")} | {"notes.txt"}
    page = (out / "report.html").read_text("utf-8")
    assert re.search(r"Not read</\w+>\s*<\w+[^>]*>\s*4\b", page)
    assert all(name in page.replace("<wbr>", "") for name in told)
    found = next(row for row in table("contradictions") if row["field"] == "runtime")
    assert (found["field"], found["kept"], found["dropped"]) in {
        ("runtime", "python3.8", "python3.13"),
        ("runtime", "python3.13", "python3.8"),
    }
    assert "lambda-list-functions.json#/Functions/1" in found["read in"] + found["also in"]
    assert "lambda-get-function/orders-ship.json" in found["read in"] + found["also in"]
    assert {row["label"] for row in table("nodes")} >= {"orders-create", "orders-ship", "idle", "orders"}


def test_a_folder_with_no_known_file_is_one_line(tmp_path):
    put(tmp_path, "holiday.txt", b"sun")
    for command in ("inventory", "graph", "paths", "blast", "exposure"):
        result = run(command, tmp_path, code=1)
        assert result.stdout == ""
        assert len(result.stderr.strip().splitlines()) == 1
        assert "holiday.txt" in result.stderr
    run("report", tmp_path, "--out", tmp_path / "out", code=1)
    assert not (tmp_path / "out").exists()


def test_an_account_with_nothing_in_it_has_a_report(tmp_path):
    put(tmp_path / "export", FUNCTIONS, {"Functions": []})
    put(tmp_path / "export", GAAD, {"RoleDetailList": [], "UserDetailList": [], "GroupDetailList": [], "Policies": []})
    run("report", tmp_path / "export", "--out", tmp_path / "out")
    assert ACCOUNT in (tmp_path / "out" / "report.html").read_text("utf-8")
    for command in ("graph", "paths", "blast", "exposure"):
        assert rows(run(command, tmp_path / "export", "--format", "jsonl")) == []
        assert run(command, tmp_path / "export").stdout.strip()


# ---------------------------------------------------------------- documents in every form


def as_text(document):
    return json.dumps(document)


def as_url(document):
    return quote(json.dumps(document))


def as_both(document):
    """Encoded for a URL, and that as JSON text once more."""
    return json.dumps(quote(json.dumps(document)))


@pytest.mark.parametrize("form", [as_text, as_url, as_both], ids=["text", "URL-encoded", "both"])
def test_documents_say_the_same_in_every_form(tmp_path, form):
    def edges(name, form):
        folder = whole(tmp_path / name)
        details = json.loads((folder / GAAD).read_text())
        for item in details["RoleDetailList"]:
            item["AssumeRolePolicyDocument"] = form(item["AssumeRolePolicyDocument"])
            for inline in item["RolePolicyList"]:
                inline["PolicyDocument"] = form(inline["PolicyDocument"])
        put(folder, GAAD, details)
        statement = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": arn("sqs", "paid")}
        attributes = {"QueueArn": arn("sqs", "paid"), "Policy": form({"Version": "2012-10-17", "Statement": statement})}
        put(folder, f"{QUEUE}.json", {"Attributes": attributes})
        result = run("graph", folder, "--format", "jsonl")
        assert "not read" not in result.stderr
        return [{key: value for key, value in row.items() if key != "source"} for row in rows(result)]

    plain = edges("plain", lambda document: document)
    assert any(edge["origin"] == "internet" for edge in plain)
    assert edges("formed", form) == plain


# ---------------------------------------------------------------- zips


def zipped(path, export, *more):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(export.rglob("*.json")):
            archive.write(file, file.relative_to(export).as_posix())
        for name, content in more:
            archive.writestr(name, content)
    return path


def link(name):
    info = zipfile.ZipInfo(name)
    info.create_system = 3
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


def test_a_zip_that_leads_out_links_or_expands_a_thousandfold_is_read_but_for_that(tmp_path):
    export = whole(tmp_path / "export")
    bomb = b'{"Topics": [' + b" " * (16 << 20) + b"]}"
    path = zipped(
        tmp_path / "client.zip",
        export,
        ("../../outside.json", "{}"),
        (link(f"{PLACE}/kms-list-keys.json"), "/etc/passwd"),
        (f"{PLACE}/sns-list-topics.json", bomb),
    )
    before = sorted(tmp_path.rglob("*"))
    result = run("inventory", path, "--not-read", "--format", "jsonl")
    told = {row["file"].replace("client.zip/", ""): row["reason"] for row in rows(result)}
    assert told == {
        "../../outside.json": "its path leads out of the archive",
        f"{PLACE}/kms-list-keys.json": "a symbolic link; links are not followed",
        f"{PLACE}/sns-list-topics.json": "expands more than 200 times",
    }
    assert sorted(tmp_path.rglob("*")) == before, "nothing is unpacked"
    assert "root:" not in result.output
    counts = rows(run("inventory", path, "--format", "jsonl"))
    assert counts == rows(run("inventory", export, "--format", "jsonl"))


def test_a_link_in_a_folder_is_not_followed(tmp_path):
    export = whole(tmp_path / "export")
    (tmp_path / "secret.json").write_text('{"Topics": [{"TopicArn": "arn:aws:sns:eu-west-1:999999999999:stolen"}]}')
    try:
        (export / PLACE / "sns-list-topics.json").symlink_to(tmp_path / "secret.json")
    except OSError:
        pytest.skip("this system lets nobody make links")
    (told,) = rows(run("inventory", export, "--not-read", "--format", "jsonl"))
    assert (told["file"], told["reason"]) == (
        f"{PLACE}/sns-list-topics.json",
        "a symbolic link; links are not followed",
    )
    assert "stolen" not in run("graph", export, "--nodes").output


# ---------------------------------------------------------------- names

EVIL = "<img src=x onerror=alert(1)>\x1b]0;pwned\x07\x1b[2J\u202egnp"


@pytest.mark.parametrize("form", ["table", "jsonl", "csv"])
def test_names_cannot_steer_a_terminal(tmp_path, form):
    export = whole(tmp_path)
    put(export, FUNCTIONS, {"Functions": [function(EVIL), function("orders-ship", TABLE="orders")]})
    put(export, GAAD, {"RoleDetailList": [role(EVIL, allow("s3:*", on="*"))], "UserDetailList": []})
    put(export, f"{PLACE}/{quote(EVIL, safe='')}.json", b"{")
    for command in (
        ("inventory", "--kind", "function"),
        ("inventory", "--not-read"),
        ("inventory", "--coverage"),
        ("graph",),
        ("graph", "--nodes"),
        ("paths",),
        ("blast",),
        ("exposure",),
    ):
        output = run(command[0], export, *command[1:], "--format", form).output
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", output), command


@pytest.mark.parametrize("command", ["blast", "choke-points", "exposure", "fixes", "ownership", "paths", "wallet"])
def test_where_nothing_was_found_it_is_said_how_much_was_not_seen(tmp_path, command):
    put(tmp_path, GAAD, {"RoleDetailList": [role("lone", allow("s3:*", on="*"))], "IsTruncated": False})
    result = run(command, tmp_path, "--format", "jsonl")
    assert result.stdout == ""
    assert re.search(r"not seen: \d+ of \d+ calls; `auditkit coverage`", result.stderr)


@pytest.mark.parametrize("command", ["blast", "findings", "escalate"])
def test_a_name_that_no_arn_can_hold_is_not_read_and_all_else_is(tmp_path, command):
    folder = whole(tmp_path)
    details = json.loads((folder / GAAD).read_text())
    details["RoleDetailList"].append(role("x" * 5000, allow("dynamodb:*", on="*")))
    put(folder, GAAD, details)
    result = run(command, folder, "--format", "jsonl")
    assert f"{GAAD}#/RoleDetailList/3: its ARN has 5,031 characters" in result.stderr
    assert rows(result)
    assert run(command, folder, "--strict", code=3)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_what_cannot_be_written_is_named_in_one_line(tmp_path):
    folder = whole(tmp_path / "export")
    for target in (tmp_path / "nowhere" / "flows.svg", tmp_path / "nowhere" / "graph.graphml"):
        result = run("graph", folder, "--out", target, code=1)
        assert result.stderr.splitlines()[-1] == f"auditkit: {target}: No such file or directory"
    with Path("/dev/full").open("w") as full:  # fails where the buffer is emptied
        done = subprocess.run(
            [sys.executable, "-m", "auditkit", "blast", folder],
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
            text=True,
        )
    assert done.returncode == 1
    assert done.stderr.splitlines() == ["auditkit: No space left on device"]


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminal")
@pytest.mark.parametrize("form", ["table", "csv"])
def test_a_terminal_is_told_that_something_is_worked_out_and_a_file_is_not(tmp_path, form):
    folder = whole(tmp_path)
    command = [sys.executable, "-m", "auditkit", "blast", str(folder), "--format", form]
    plain = subprocess.run(command, capture_output=True, check=True)
    ours, theirs = os.openpty()
    watched = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=theirs, check=True, env={**os.environ, "TERM": "xterm"}
    )
    os.close(theirs)
    said = os.read(ours, 1 << 16)
    os.close(ours)
    assert b"working it out" in said
    assert plain.stderr == b""
    assert watched.stdout == plain.stdout
