"""Templates that are broken, malicious, or want something of the network."""

import copy
import json
import re
import socket
import tempfile
from contextlib import suppress
from pathlib import Path

import boto3
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auditkit.errors import ExportError
from auditkit.exports import read
from auditkit.exports.cloudformation._loading import TemplateError, load
from auditkit.exports.cloudformation._templates import names_resources
from auditkit.graph import connect
from auditkit.inventory.records.functions import Function
from auditkit.inventory.records.messaging import Queue
from tests.exports.cloudformation.writing import inventory_of

CORPUS = sorted((Path(__file__).parent / "corpus").iterdir())
TEMPLATES = [load(path.read_bytes()).content for path in CORPUS]
RESOURCES = [one for template in TEMPLATES for one in template["Resources"].values()]
TYPES = sorted({one["Type"] for one in RESOURCES if isinstance(one, dict) and "Type" in one})


_KEY = re.compile(rb"""(?m)(?:^|[{,\s"'])Resources["']?\s*:""")
_PIECES = (b"Resources", b"Resource", b"s", b":", b" ", b"\n", b"\t", b'"', b"'", b"{", b",", b"x")


@given(st.lists(st.sampled_from(_PIECES)).map(b"".join))
def test_the_word_is_found_as_the_pattern_says(text):
    assert names_resources(text) == bool(_KEY.search(text))


def test_nothing_is_ever_asked(monkeypatch):
    def refuse(*_args, **_kwargs):
        raise AssertionError("something is asked of the network")

    for name in ("socket", "create_connection", "getaddrinfo"):
        monkeypatch.setattr(socket, name, refuse)
    for holder in (boto3, boto3.Session):
        monkeypatch.setattr(holder, "client", refuse)
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    for path in CORPUS:
        if path.name.startswith("sam-"):
            assert read(path).of(Function)


def test_code_in_a_template_is_not_kept(tmp_path):
    text = """\
    Resources:
      F:
        Type: AWS::Lambda::Function
        Properties:
          Role: arn:aws:iam::111122223333:role/x
          Environment: {Variables: {DB_PASSWORD: hunter2hunter2, TABLE: orders}}
          Code: {ZipFile: 'raise SystemExit("run")'}
    """
    inventory = inventory_of(tmp_path, t__yaml=text)
    (function,) = inventory.of(Function)
    assert function.environment["DB_PASSWORD"].secret
    everything = repr(list(inventory))
    assert "hunter2" not in everything
    assert "SystemExit" not in everything


def test_no_secret_of_a_template_is_kept():
    inventory = read(Path(__file__).parent / "secrets.yaml")
    graph = connect(inventory)
    everything = repr([list(inventory), inventory.not_read, list(graph.nodes(data=True)), list(graph.edges(data=True))])
    assert re.findall(r"\w*Secret\w*\d\d", everything) == []


@pytest.mark.parametrize(
    "text",
    [
        "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
        + "".join(f"{chr(98 + i)}: &{chr(98 + i)} [{','.join([f'*{chr(97 + i)}'] * 10)}]\n" for i in range(9)),
        "a: &a {b: *a}",
        "[" * 500,
        "{a: " * 500,
        "\n".join("  " * i + "a:" for i in range(500)),
        "!!python/object/apply:os.system ['true']",
        "? [a, b]\n: c\n? {d: e}\n: f\n",
        "%YAML 9999999999999999999999.1\n---\na: b\n",
        "a: " + "9" * 100_000,
        "\ufeffResources: {}",
        "a: b\n---\nc: d\n",
        "\x00",
        "a: \x1b[31m",
        "a: {{ cookiecutter.name }}",
        "<<: [1, {a: b}]\n<<: x",
    ],
    ids=range(15),
)
def test_yaml_that_explodes_is_refused_or_read(text):
    with suppress(TemplateError):
        json.dumps(load(text.encode()).content)


def test_a_template_that_multiplies_itself_ends(tmp_path):
    topics = "".join(
        f"  T{i}:\n    Type: AWS::SNS::Topic\n    Properties: {{TopicName: !Sub '${{T{i + 1}.X}}${{T{i + 1}.X}}', "
        f"X: !Join ['', [!GetAtt T{i + 1}.X, !GetAtt T{i + 1}.X]]}}\n"
        for i in range(60)
    )
    lists = "".join(
        f"  L{i}:\n    Type: A::B::C\n    Properties: {{X: [!GetAtt L{i + 1}.X, !GetAtt L{i + 1}.X]}}\n"
        for i in range(60)
    )
    inventory = inventory_of(tmp_path, t__yaml=f"Resources:\n{topics}{lists}  Q: {{Type: AWS::SQS::Queue}}\n")
    assert inventory.of(Queue)


def test_references_in_a_circle_end(tmp_path):
    text = """\
    Resources:
      A: {Type: AWS::SNS::Topic, Properties: {TopicName: !GetAtt B.TopicName, X: !GetAtt B.X}}
      B: {Type: AWS::SNS::Topic, Properties: {TopicName: !GetAtt A.TopicName, X: !GetAtt A.X}}
      Q: {Type: AWS::SQS::Queue, Properties: {QueueName: !Ref Q}}
    """
    assert len(inventory_of(tmp_path, t__yaml=text).of(Queue)) == 1


def test_a_resource_named_twice_is_told(tmp_path):
    text = '{"Resources": {"Q": {"Type": "AWS::SNS::Topic"}, "Q": {"Type": "AWS::SQS::Queue"}}}'
    inventory = inventory_of(tmp_path, t__json=text)
    assert len(inventory.of(Queue)) == 1
    assert [note.source.pointer for note in inventory.not_read] == ["/Resources/Q"]


def test_a_reason_holds_nothing_that_drives_a_terminal(tmp_path):
    inventory = inventory_of(tmp_path, t__json=json.dumps({"Resources": {"F": {"Type": "AWS::Lambda::F\x1b[2J"}}}))
    assert [note.reason.isprintable() for note in inventory.not_read] == [True]


@pytest.mark.parametrize("body", [{f"T{i}${{A}}${{B}}": {"Type": "AWS::SNS::Topic"} for i in range(500)}, {}])
def test_loops_that_multiply_a_template_end(tmp_path, body):
    for name in "BA":
        body = {f"Fn::ForEach::{name}": [name, [str(number) for number in range(300)], body]}
    inventory = inventory_of(tmp_path, t__json=json.dumps({"Resources": {**body, "Q": {"Type": "AWS::SQS::Queue"}}}))
    assert len(inventory.of(Queue)) == 1
    assert "loops of the template make too much" in {note.reason for note in inventory.not_read}


@pytest.mark.parametrize("loop", [None, [], ["A", {"Fn::GetAtt": "Q.x"}, {}], ["A", [{}], {}], ["A", ["x"], []]])
def test_a_loop_that_cannot_be_written_out_is_told(tmp_path, loop):
    resources = {"Q": {"Type": "AWS::SQS::Queue"}, "Fn::ForEach::X": loop}
    inventory = inventory_of(tmp_path, t__json=json.dumps({"Resources": resources}))
    assert [note.source.pointer for note in inventory.not_read] == ["/Resources/Fn::ForEach::X"]


# ---------------------------------------------------------------- anything

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
functions = st.sampled_from(
    ["Ref", "Fn::Sub", "Fn::GetAtt", "Fn::If", "Fn::Join", "Fn::Select", "Fn::Split", "Fn::FindInMap", "Fn::Transform"]
)
anything = json_values | st.builds(lambda name, value: {name: value}, functions, json_values)


def places(value, at=()):
    yield at
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from places(item, (*at, key))


@st.composite
def mutated(draw):
    template = copy.deepcopy(draw(st.sampled_from(TEMPLATES)))
    for _ in range(draw(st.integers(1, 3))):
        *above, last = draw(st.sampled_from([place for place in places(template) if place]))
        holder = template
        for step in above:
            holder = holder[step]
        if isinstance(holder, dict) and draw(st.booleans()):
            holder[draw(st.sampled_from(["Type", "Properties", "Condition", "Fn::If", "x"]))] = draw(anything)
        else:
            holder[last] = draw(anything)
    return template


def survives(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t.json"
        path.write_bytes(data)
        try:
            inventory = read(path)
        except ExportError:
            return
        connect(inventory)
        for note in inventory.not_read:
            assert note.source.file == "t.json"


fuzzed = settings(deadline=None, max_examples=40, suppress_health_check=list(HealthCheck))


@fuzzed
@given(mutated())
def test_a_mutated_template_is_read_or_refused(template):
    survives(json.dumps(template).encode())


@fuzzed
@given(
    st.dictionaries(
        st.text(max_size=5),
        st.fixed_dictionaries(
            {
                "Type": st.sampled_from(TYPES),
                "Properties": anything,
            }
        ),
        max_size=3,
    )
)
def test_any_properties_are_read(resources):
    survives(json.dumps({"Resources": resources}).encode())


@fuzzed
@given(st.sampled_from(CORPUS), st.data())
def test_any_text_is_read_or_refused(path, data):
    text = path.read_text()
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 40)))
    survives((text[:start] + data.draw(st.text(max_size=10)) + text[end:]).encode("utf-8", "surrogatepass"))
