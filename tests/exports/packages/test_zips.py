"""Code packages in exports: whose they are, what they bring along and mention, and what is refused."""

import base64
import contextlib
import hashlib
import io
import json
import struct
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditkit.errors import ExportError
from auditkit.exports import read
from auditkit.exports.packages import zips
from auditkit.exports.packages.zips import read_zip
from auditkit.inventory import Source
from auditkit.inventory.evidence.packages import CodePackage, Found, MentionKind
from tests.smallexport import ACCOUNT, REGION, arn, function, write_export

PLACE = f"{ACCOUNT}/{REGION}"
CREATE = arn("lambda", "function:orders-create")
SECRET = "hunter2-s3cr3t"


def zipped(members, packed=zipfile.ZIP_DEFLATED):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", packed) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content, packed)
    return buffer.getvalue()


APP = f"""
import boto3, requests  # see https://docs.notthis.example-docs.com/x
TABLE = boto3.resource("dynamodb").Table("orders")
URL = "https://user:{SECRET}@api.carrier.net/v1?key={SECRET}"
PLAIN = 'http://metrics.partner.io:8080'
QUEUE = "{arn("sqs", "paid")}"
NOWHERE = "https://example.com/", "http://www.w3.org/2000/svg", f"https://{{host}}/x"
PASSWORD = "{SECRET}"
"""
CODE = {
    "app.py": APP,
    "requests/api.py": 'URL = "https://dependency.net"',
    "requests-2.19.0.dist-info/METADATA": "Name: requests\nVersion: 2.19.0\n",
    "requests-2.19.0.dist-info/RECORD": "requests/api.py,sha256=x,1\n",
    "node_modules/left/package.json": '{"name": "left", "version": "1.0.0"}',
    "node_modules/left/index.js": 'fetch("https://dependency.net")',
    "lib/log4j-core.jar": zipped(
        {"META-INF/maven/g/a/pom.properties": "groupId=g\nartifactId=a\nversion=2.14.1\n", "a.class": "x"}
    ),
}


def contents(members, names=None):
    return read_zip(io.BytesIO(zipped(members)), Source("code.zip"), names or {})


def test_packages_and_mentions_with_their_places():
    found = contents(CODE, {"orders": (arn("dynamodb", "table/orders"),)})
    assert {(one.purl, one.found, one.source.pointer) for one in found.packages} == {
        ("pkg:maven/g/a@2.14.1", Found.INSTALLED, "/lib~1log4j-core.jar/META-INF~1maven~1g~1a~1pom.properties"),
        ("pkg:npm/left@1.0.0", Found.INSTALLED, "/node_modules~1left~1package.json"),
        ("pkg:pypi/requests@2.19.0", Found.INSTALLED, "/requests-2.19.0.dist-info~1METADATA"),
    }
    assert {(one.kind, one.value, one.scheme, one.line) for one in found.mentions} == {
        (MentionKind.NAME, arn("dynamodb", "table/orders"), "", 3),
        (MentionKind.HOST, "api.carrier.net", "https", 4),
        (MentionKind.HOST, "metrics.partner.io", "http", 5),
        (MentionKind.ARN, arn("sqs", "paid"), "", 6),
    }
    assert {one.source.pointer for one in found.mentions} == {"/app.py"}
    assert not found.left_out
    assert SECRET not in repr(found.mentions)


def test_addresses_in_manifests_are_not_kept():
    address = f"git+https://user:{SECRET}@git.internal/x.git"
    found = contents(
        {
            "package.json": json.dumps({"dependencies": {"left": address, "right": "^1.0 || >=2"}}),
            "package-lock.json": json.dumps({"dependencies": {"left": {"version": address}}}),
        }
    )
    assert {(one.purl, one.requirement) for one in found.packages} == {
        ("pkg:npm/left", ""),
        ("pkg:npm/right", "^1.0 || >=2"),
    }
    assert SECRET not in repr(found.packages)


BOMB = b" " * (4 << 20)


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"../../etc/passwd": "x"}, "its path leads out of the archive"),
        ({"/package.json": "x"}, "an absolute path"),
        ({"node_modules/a/package.json": BOMB}, "expands more than 200 times"),
        ({"package.json": "{"}, "package.json: not what it should be"),
        ({"package-lock.json": "[" * 100_000}, "package-lock.json: not what it should be"),
        (
            {"node_modules/a/package.json": '{"name": "a\\u001b", "version": "1"}'},
            "a name that is none of its ecosystem",
        ),
        ({"lib/x.jar": "no zip"}, "not a readable zip"),
        ({"lib/x.jar": zipped({"a.class": "x"})}, "jars without the coordinates of Maven"),
        (
            {"1.zip": zipped({"2.zip": zipped({"3.zip": zipped({"4.zip": zipped({"go.mod": "x"})})})})},
            "archives more than 3 levels deep",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_refused_is_said_and_the_rest_is_read(members, reason):
    found = contents({**members, "app/requirements.txt": "six==1.0"})
    assert reason in found.left_out
    assert [one.purl for one in found.packages] == ["pkg:pypi/six@1.0"]


def test_a_manifest_beyond_bounds_is_left_out(monkeypatch):
    monkeypatch.setattr(zips, "_MANIFEST", 1 << 20)
    found = contents({"package-lock.json": struct.pack("<I", 7) * (1 << 19), "requirements.txt": "six==1.0"})
    assert set(found.left_out) <= {"larger than 1 MiB", "expands more than 200 times"}
    assert len(found.packages) == 1


def test_a_list_of_files_beyond_bounds_is_an_error():
    data = bytearray(zipped({"a": "b"}))
    at = data.rindex(b"PK\x05\x06")
    data[at + 12 : at + 16] = (1 << 30).to_bytes(4, "little")
    with pytest.raises(ExportError, match="a zip of too many files"):
        read_zip(io.BytesIO(bytes(data)), Source("code.zip"), {})


@settings(max_examples=60)
@given(st.data())
def test_no_zip_breaks_the_reader(data):
    whole = bytearray(zipped(CODE, packed=data.draw(st.sampled_from([zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED]))))
    for place in data.draw(st.lists(st.integers(0, len(whole) - 1), max_size=6)):
        whole[place] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(whole)) | st.just(len(whole)))
    with contextlib.suppress(ExportError):
        read_zip(io.BytesIO(bytes(whole[:cut])), Source("code.zip"), {})


# ---------------------------------------------------------------- whose code it is


def digest_of(data):
    return base64.b64encode(hashlib.sha256(data).digest()).decode()


def export(folder, code, files, layers=()):
    """Write an export whose function orders-create runs some code, with zips beside it."""
    write_export(folder)
    functions = [
        {**function("orders-create"), "CodeSha256": digest_of(code), "Layers": [{"Arn": one} for one in layers]}
    ]
    versions = [
        {"LayerVersionArn": f"{arn('lambda', 'layer:shared')}:{number}", "Version": number} for number in (1, 2)
    ]
    place = folder / PLACE
    (place / "lambda-list-functions.json").write_text(json.dumps({"Functions": functions}), "utf-8")
    (place / "lambda-list-layer-versions").mkdir()
    (place / "lambda-list-layer-versions/shared.json").write_text(json.dumps({"LayerVersions": versions}), "utf-8")
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return read(folder)


CURRENT, OLD, SHARED = (
    zipped(CODE),
    zipped({"requirements.txt": "six==1.0"}),
    zipped({"x/requirements.txt": "pyjwt==1"}),
)
LAYER = f"{arn('lambda', 'layer:shared')}:2"


@pytest.mark.parametrize(
    ("files", "used_by", "incomplete"),
    [
        ({"anywhere/code.zip": CURRENT}, (CREATE,), ""),
        ({f"{PLACE}/lambda-code/orders-create.zip": CURRENT}, (CREATE,), ""),
        ({"a.zip": CURRENT, f"{PLACE}/lambda-code/idle-copy.zip": CURRENT}, (CREATE,), ""),
        (
            {f"{PLACE}/lambda-code/orders-create.zip": OLD},
            (CREATE,),
            "orders-create runs other code now: its digest is another",
        ),
        ({f"{PLACE}/layer-code/shared,2.zip": SHARED}, (LAYER,), ""),
        ({f"{PLACE}/lambda-code/unheard-of.zip": OLD}, (), ""),
    ],
    ids=["digest", "name and digest", "twice", "older code", "layer", "nobody's"],
)
def test_whose_code_a_zip_is(tmp_path, files, used_by, incomplete):
    inventory = export(tmp_path, CURRENT, files)
    (found,) = inventory.of(CodePackage)
    assert (found.used_by, found.incomplete) == (used_by, incomplete)
    assert found.digest == digest_of(next(iter(files.values())))
    assert [source.file for source in found.sources] == sorted(files)
    assert set(files) <= set(inventory.digests)
    assert SECRET not in repr(list(inventory))


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("other.zip", OLD, "an archive inside an export is not opened, unless it is the code of a function"),
        (f"{PLACE}/lambda-code/orders-create.zip", b"PK", "not a readable zip"),
    ],
)
def test_other_zips_are_not_opened(tmp_path, name, content, reason):
    inventory = export(tmp_path, CURRENT, {name: content})
    assert not inventory.of(CodePackage)
    assert reason in [note.reason for note in inventory.not_read if note.source.file == name]


def test_packages_of_a_function_are_those_of_its_code_and_its_layers(tmp_path):
    files = {"code.zip": CURRENT, f"{PLACE}/layer-code/shared,2.zip": SHARED}
    inventory = export(tmp_path, CURRENT, files, layers=[LAYER])
    used = inventory.packages.of(CREATE)
    assert [(one.package.without_version, one.layer) for one in used] == [
        ("pkg:maven/g/a", ""),
        ("pkg:npm/left", ""),
        ("pkg:pypi/pyjwt", LAYER),
        ("pkg:pypi/requests", ""),
    ]
    table = inventory.packages.frame()
    assert list(table["name"].unique()) == ["orders-create"]
    assert list(table["version"]) == ["2.14.1", "1.0.0", "1", "2.19.0"]
    assert table["source"].iloc[2] == f"{PLACE}/layer-code/shared,2.zip#/x~1requirements.txt"


def test_an_export_without_code_has_no_packages(tmp_path):
    assert read(write_export(tmp_path)).packages.frame().empty
