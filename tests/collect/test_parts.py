"""Parts of the collector by themselves: lanes, patience, clients, files, the command line."""

import json
import socket
import threading
from collections import Counter
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from threading import Event

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from click.testing import CliRunner

from auditkit.cli import main
from auditkit.collect.clients import Clients
from auditkit.collect.folder import Folder
from auditkit.collect.lanes import Lanes
from auditkit.collect.patience import Patience
from auditkit.errors import CollectError


def test_lanes_bear_no_more_than_they_should_and_jobs_may_add_jobs():
    lanes = Lanes(workers=6, per_lane=2, stop=Event())
    lock, now, most, told = threading.Lock(), Counter(), Counter(), []

    def work(lane):
        with lock:
            now[lane] += 1
            most[lane] = max(most[lane], now[lane])
        Event().wait(0.001)
        with lock:
            now[lane] -= 1
        return lane

    def take(lane):
        told.append(lane)
        if lane == "first" and len(told) < 40:
            lanes.add((1, len(told), 0), "later", lambda: work("later"), take)

    for number in range(20):
        for lane in ("first", "second"):
            lanes.add((0, number, lane == "second"), lane, lambda lane=lane: work(lane), take)
    lanes.run()
    assert Counter(told)["first"] == Counter(told)["second"] == 20
    assert "later" in told
    assert max(most.values()) == 2


@pytest.mark.parametrize("workers", [1, 4])
def test_first_error_ends_the_rest(workers):
    stop, made = Event(), []
    lanes = Lanes(workers=workers, per_lane=4, stop=stop)

    def work(number):
        if number == 3:
            raise CollectError("no")
        made.append(number)

    for number in range(200):
        lanes.add((number, 0, 0), "lane", lambda number=number: work(number), lambda _: None)
    with pytest.raises(CollectError, match="no"):
        lanes.run()
    assert len(made) < 100
    assert stop.is_set() == (workers > 1)


def error(code, status=400):
    return ClientError({"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}, "ListQueues")


@pytest.mark.parametrize(
    ("raised", "asked"),
    [
        (error("ThrottlingException"), 4),
        (error("SlowDown", 503), 4),
        (EndpointConnectionError(endpoint_url="u"), 4),
        (error("InternalFailure", 500), 2),
        (error("AccessDenied", 403), 1),
        (error("ValidationException"), 1),
    ],
)
def test_patience_is_for_what_passes(raised, asked):
    made = []

    def method(**_):
        made.append(1)
        raise raised

    with pytest.raises(type(raised)):
        Patience(attempts=4, first=0)(method)()
    assert len(made) == asked


def test_patience_ends_when_the_run_does():
    stop = Event()

    def method(**_):
        stop.set()
        raise error("Throttling")

    with pytest.raises(InterruptedError):
        Patience(first=60, longest=60, stop=stop)(method)()
    with pytest.raises(InterruptedError):
        Patience(stop=stop)(lambda: None)()


@pytest.mark.parametrize(
    ("service", "resolved", "expected"),
    [
        ("sqs", (), True),  # listed for the region: nothing is looked up
        ("bedrock-agent", ("bedrock-agent", "sts"), True),
        ("bedrock-agent", ("sts",), False),
        ("bedrock-agent", (), True),  # no name at all has an address: that says nothing of this one
    ],
)
def test_service_is_missing_in_a_region_only_where_its_name_alone_has_no_address(
    monkeypatch, service, resolved, expected
):
    def look_up(host, *_):
        if host.split(".")[0] not in resolved:
            raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr("auditkit.collect.clients.socket.getaddrinfo", look_up)
    clients = Clients(boto3.Session(), home="eu-south-2", look_up=True)
    assert clients.available(service, "eu-south-2") is expected
    assert Clients(boto3.Session(), home="eu-south-2").available(service, "eu-south-2")


def test_folder_keeps_whole_answers_alone(tmp_path):
    path = PurePosixPath("1", "global", "a.json")
    Folder(tmp_path).write_response(path, {"a": 1})
    assert Folder(tmp_path).kept(path) is None
    assert Folder(tmp_path, keep=True).kept(path) == {"a": 1}
    for half in ("", '{"a"', "[1]", "\x00", "[" * 100_000):
        (tmp_path / path).write_text(half)
        assert Folder(tmp_path, keep=True).kept(path) is None


def test_folder_that_cannot_be_written_is_an_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(CollectError, match="cannot be written"):
        Folder(tmp_path / "file" / "out").write(PurePosixPath("a.json"), b"{}")


def invoke(*arguments):
    return CliRunner().invoke(main, ["collect", *arguments])


def test_plan_for_programs_and_people():
    policy = json.loads(invoke("--plan", "--format", "policy").stdout)
    rows = [json.loads(line) for line in invoke("--plan", "--format", "jsonl").stdout.splitlines()]
    allowed = {action for statement in policy["Statement"] for action in statement["Action"]}
    asked = {action for row in rows for action in row["actions"].split()}
    assert [action for action in sorted(asked) if not any(fnmatchcase(action, one) for one in allowed)] == []
    more = json.loads(invoke("--plan", "--with-code", "--format", "policy").stdout)
    assert more["Statement"][-1]["Action"] == ["lambda:GetFunction", "lambda:GetLayerVersion"]
    text = invoke("--plan").stdout
    assert "ListEventSourceMappings" in text
    assert '"Version": "2012-10-17"' in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "--out FOLDER is needed"),
        (("--out", "x", "--account", "1234"), "no account of twelve digits"),
        (("--out", "x", "--account", "111122223333"), "--account and --role-name go together"),
        (("--out", "x", "--role-name", "audit"), "--account and --role-name go together"),
        (("--out", "x", "--workers", "0"), "0 is not in the range"),
    ],
)
def test_command_called_wrongly(arguments, message):
    result = invoke(*arguments)
    assert result.exit_code == 2
    assert message in result.stderr
