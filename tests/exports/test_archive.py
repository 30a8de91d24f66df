"""Opening exports that nobody vouches for."""

import io
import os
import stat
import sys
import zipfile

import pytest

from auditkit.errors import ExportError
from auditkit.exports.archive import Limits, open_export, printable


def opened(path, **limits):
    refused = []
    with open_export(path, lambda name, reason: refused.append((name, reason)), limits=Limits(**limits)) as files:
        content = {}
        for file in files:
            try:
                content[file.path] = file.read()
            except ExportError as error:
                refused.append((file.path, str(error)))
    return content, dict(refused)


def zipped(path, entries, **options):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, **options) as archive:
        for name, data in entries:
            archive.writestr(name, data)
    return path


def test_a_folder_gives_its_files_in_order(tmp_path):
    for name in ("b/z.json", "a.json", "b/a.json", ".DS_Store"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(name.encode())
    content, refused = opened(tmp_path)
    assert content == {"a.json": b"a.json", "b/a.json": b"b/a.json", "b/z.json": b"b/z.json"}
    assert refused == {}


def test_a_zip_gives_the_same_as_its_folder(tmp_path):
    path = zipped(tmp_path / "x.zip", [("b/z.json", "1"), ("a.json", "2"), ("__MACOSX/a.json", "3"), ("b/", "")])
    assert opened(path) == ({"a.json": b"2", "b/z.json": b"1"}, {})


def test_a_single_file_is_an_export(tmp_path):
    (tmp_path / "gaad.json").write_bytes(b"{}")
    assert opened(tmp_path / "gaad.json") == ({"gaad.json": b"{}"}, {})


@pytest.mark.skipif(sys.platform == "win32", reason="making a link takes a privilege there")
def test_links_of_a_folder_are_not_followed(tmp_path):
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "key.json").write_text("secret")
    export = tmp_path / "export"
    export.mkdir()
    (export / "file.json").symlink_to(secret / "key.json")
    (export / "folder").symlink_to(secret)
    (export / "loop").symlink_to(export)
    (export / "good.json").write_text("good")
    content, refused = opened(export)
    assert content == {"good.json": b"good"}
    assert refused == dict.fromkeys(("file.json", "folder", "loop"), "a symbolic link; links are not followed")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no such files there")
def test_pipes_and_devices_are_not_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe.json")
    assert opened(tmp_path) == ({}, {"pipe.json": "neither a folder nor a regular file"})
    with pytest.raises(ExportError, match="neither a folder nor a regular file"):
        opened(tmp_path / "pipe.json")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("../../etc/passwd", "its path leads out of the archive"),
        ("a/../../b.json", "its path leads out of the archive"),
        ("..\\..\\b.json", "its path leads out of the archive"),
        ("/etc/passwd", "an absolute path"),
        ("C:/windows/b.json", "an absolute path"),
        ("C:\\windows\\b.json", "an absolute path"),
        ("inner.7z", "an archive inside an export is not opened"),
        ("logs.tar.gz", "an archive inside an export is not opened"),
    ],
)
def test_names_that_lead_elsewhere_are_refused_and_the_rest_is_read(tmp_path, name, reason):
    path = zipped(tmp_path / "x.zip", [(name, "bad"), ("good.json", "good")])
    content, refused = opened(path)
    assert content == {"good.json": b"good"}
    assert list(refused.values()) == [reason]
    assert list(tmp_path.iterdir()) == [path], "nothing is unpacked"


def test_links_of_a_zip_are_not_followed(tmp_path):
    link = zipfile.ZipInfo("link.json")
    link.create_system = 3
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    device = zipfile.ZipInfo("device.json")
    device.create_system = 3
    device.external_attr = (stat.S_IFCHR | 0o777) << 16
    path = zipped(tmp_path / "x.zip", [(link, "/etc/passwd"), (device, ""), ("good.json", "good")])
    content, refused = opened(path)
    assert content == {"good.json": b"good"}
    assert refused == {
        "link.json": "a symbolic link; links are not followed",
        "device.json": "neither a folder nor a regular file",
    }


def test_a_thousandfold_expansion_is_refused(tmp_path):
    path = zipped(tmp_path / "x.zip", [("bomb.json", b"[" + b" " * (8 << 20) + b"]"), ("good.json", "good")])
    content, refused = opened(path)
    assert content == {"good.json": b"good"}
    assert refused == {"bomb.json": "expands more than 200 times"}
    assert set(opened(path, ratio=100_000)[0]) == {"bomb.json", "good.json"}


def test_sizes_and_numbers_are_bounded(tmp_path):
    for number in range(5):
        (tmp_path / f"{number}.json").write_bytes(b"x" * 100)
    assert opened(tmp_path, file_bytes=99)[1] == {f"{number}.json": "larger than 99 bytes" for number in range(5)}
    content, refused = opened(tmp_path, total_bytes=250)
    assert len(content) == 2
    assert set(refused.values()) == {"the export is larger than 250 bytes"}
    content, refused = opened(tmp_path, files=3)
    assert len(content) == 3
    assert refused == {"": "more than 3 files; the rest was not read"}


def test_an_entry_that_is_larger_than_announced_is_not_read(tmp_path):
    path = zipped(tmp_path / "x.zip", [("a.json", b"x" * 10_000)])
    data = bytearray(path.read_bytes())
    entry = data.rindex(b"PK\x01\x02")
    data[entry + 24 : entry + 28] = (100).to_bytes(4, "little")
    path.write_bytes(data)
    content, refused = opened(path)
    assert content == {}
    assert "cannot be unpacked" in refused["a.json"]


def test_an_encrypted_entry_is_refused(tmp_path):
    path = zipped(tmp_path / "x.zip", [("a.json", "{}"), ("good.json", "good")])
    data = bytearray(path.read_bytes())
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + flags] |= 1
    path.write_bytes(data)
    content, refused = opened(path)
    assert content == {"good.json": b"good"}
    assert refused == {"a.json": "encrypted"}


def test_an_entry_with_a_wrong_check_sum_is_not_read(tmp_path):
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.json", "AAAA-BBBB")
        archive.writestr("good.json", "good")
    path.write_bytes(path.read_bytes().replace(b"AAAA-BBBB", b"AAAA-CCCC"))
    content, refused = opened(path)
    assert content == {"good.json": b"good"}
    assert refused == {"a.json": "cannot be unpacked: its check sum is wrong"}


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_stands_twice_is_read_once(tmp_path):
    path = zipped(tmp_path / "x.zip", [("a.json", "1"), ("a.json", "2"), ("./a.json", "3")])
    content, refused = opened(path)
    assert content == {"a.json": b"1"}
    assert set(refused.values()) == {"named twice in the archive; the first is read"}


def test_an_entry_without_a_name_is_not_read(tmp_path):
    path = zipped(tmp_path / "x.zip", [("a.json", "{}"), ("Q", "{}")])
    path.write_bytes(path.read_bytes().replace(b"Q", b"\0"))  # a name ends where a zero is
    content, refused = opened(path)
    assert content == {"a.json": b"{}"}
    assert set(refused.values()) == {"an entry of the archive without a name"}


@pytest.mark.parametrize("cut", [30, 60, 100, 130])
def test_a_broken_zip_is_one_clear_error(tmp_path, cut):
    path = zipped(tmp_path / "x.zip", [("a.json", "{}"), ("b.json", "{}")])
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(ExportError, match=r"x\.zip: not a readable zip"):
        opened(path)


def test_what_is_not_there_is_one_clear_error(tmp_path):
    with pytest.raises(ExportError, match=r"nowhere: No such file"):
        opened(tmp_path / "nowhere")


@pytest.mark.parametrize("packed", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_ways_of_packing_are_refused(tmp_path, packed):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", packed) as archive:
        archive.writestr("a.json", "{}" * 100)
    (tmp_path / "x.zip").write_bytes(buffer.getvalue())
    assert opened(tmp_path / "x.zip")[1] == {"a.json": "packed in a way that is neither plain nor deflated"}


def test_names_in_messages_cannot_steer_a_terminal():
    assert printable("a\x1b[31m\u202e\nb") == "a\\x1b[31m\\u202e\\nb"
    assert printable("Zürich/☃.json") == "Zürich/☃.json"
