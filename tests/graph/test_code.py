"""What the code of a function mentions becomes references, as far as its role permits what is mentioned."""

import pytest

from auditkit.exports import read
from auditkit.graph import EdgeKind, Evidence, connect
from auditkit.inventory import Inventory, Source
from auditkit.inventory.evidence.packages import CodePackage, Mention, MentionKind
from tests.areas.scenes import function, functions, gaad, role
from tests.exports.feeding import answer, feed
from tests.smallexport import arn, write_export

CREATE, SHIP, IDLE = (arn("lambda", f"function:{name}") for name in ("orders-create", "orders-ship", "idle"))
ORDERS, AUDIT = arn("dynamodb", "table/orders"), arn("dynamodb", "table/audit")
CODE = Source("code.zip", "/src~1app.py")


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    return read(write_export(tmp_path_factory.mktemp("export")))


def added(bare, function, *mentions):
    """Return the edges that mentions in the code of a function add."""
    code = CodePackage(id="code:1", sources=(Source("code.zip"),), used_by=(function,), mentions=mentions)
    after = connect(Inventory([*bare, code], coverage=bare.coverage))
    before = connect(bare)
    return {
        (origin, target, edge["kind"], edge["label"]): edge
        for origin, target, key, edge in after.edges(keys=True, data=True)
        if not before.has_edge(origin, target, key)
    }


@pytest.mark.parametrize(
    ("function", "mention", "edges"),
    [
        (
            SHIP,
            Mention(MentionKind.NAME, AUDIT, "", CODE, 3),
            {(SHIP, AUDIT, EdgeKind.WRITES, "src/app.py:3"), (AUDIT, SHIP, EdgeKind.READS, "src/app.py:3")},
        ),
        (SHIP, Mention(MentionKind.ARN, ORDERS, "", CODE, 3), set()),
        (IDLE, Mention(MentionKind.NAME, AUDIT, "", CODE, 3), set()),
        (
            IDLE,
            Mention(MentionKind.HOST, "metrics.partner.io", "http", CODE, 5),
            {(IDLE, "thirdparty:metrics.partner.io", EdgeKind.CALLS, "src/app.py:5")},
        ),
        (IDLE, Mention(MentionKind.HOST, "dynamodb.eu-west-1.amazonaws.com", "https", CODE, 5), set()),
    ],
    ids=["name", "told by a variable already", "not permitted", "third party", "service"],
)
def test_mentions_become_references(bare, function, mention, edges):
    found = added(bare, function, mention, mention)
    assert set(found) == edges
    for edge in found.values():
        assert (edge["evidence"], edge["sources"]) == (Evidence.REFERENCED, (CODE,))


def test_the_scheme_of_an_address_in_the_code_counts(bare):
    (edge,) = added(bare, IDLE, Mention(MentionKind.HOST, "metrics.partner.io", "http", CODE, 5)).values()
    assert edge["factors"].encryption.low == 1
    assert "An address in the code (src/app.py:5)" in edge["factors"].reasons["encryption"]


def test_the_name_of_a_function_in_its_own_code_is_no_call_of_itself():
    allowed = {"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": "*"}
    organization = answer("organizations.DescribeOrganization", {}, region="global")
    inventory = feed(functions(function("echo-again")), gaad(role("echo-again", allowed)), organization)
    itself = function("echo-again")["FunctionArn"]
    assert not added(inventory, itself, Mention(MentionKind.NAME, itself, "", CODE, 3))
    assert added(inventory, itself, Mention(MentionKind.ARN, itself, "", CODE, 3))
