"""Names out of an export are shown as what they are: no markup, no script, no request, whatever stands in them."""

import json
import sys
from pathlib import Path
from urllib.parse import quote

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent))

import auditkit as ak
from smallexport import ACCOUNT, REGION, arn, function, table, write_export

EVIL = [
    "<img src=x onerror=\"document.title='owned'\">",
    "</script><script>document.title='owned'</script>",
    "\"><svg onload=document.title='owned'>",
    "]]><!-- <b>bold</b> --> &lt;i&gt;",
    "\x1b[2J\x1b]0;owned\x07\u202egnp.exe",
    "{{7*7}}${7*7}`javascript:document.title='owned'`",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    export = write_export(tmp_path_factory.mktemp("export"))
    place = export / ACCOUNT / REGION
    made = [function(name, TABLE=name, SITE=f"https://{index}.example/{name}") for index, name in enumerate(EVIL)]
    for item in made:
        item |= {"Role": f"arn:aws:iam::{ACCOUNT}:role/orders-ship", "Tags": {name: name for name in EVIL}}
    listed = json.loads((place / "lambda-list-functions.json").read_text())
    listed["Functions"] += made
    (place / "lambda-list-functions.json").write_text(json.dumps(listed))
    (place / "dynamodb-list-tables.json").write_text(json.dumps({"TableNames": ["orders", "audit", *EVIL]}))
    for index, name in enumerate(EVIL):
        told = table(name)
        told["Table"]["TableArn"] = arn("dynamodb", f"table/{name}")
        (place / "dynamodb-describe-table" / f"{index}.json").write_text(json.dumps(told))
    (place / f"{quote(EVIL[0], safe='')}.json").write_text(EVIL[1])
    out = tmp_path_factory.mktemp("report")
    audit = ak.Audit(ak.read(export), date="2026-11-01")
    ak.write_report(ak.report_from_audit(audit, title=EVIL[1]), out)
    return out


def test_names_are_text_in_the_page(browser_page, folder):
    browser_page.goto((folder / "report.html").as_uri())
    assert browser_page.title() == EVIL[1]
    assert browser_page.locator("img[src=x], svg[onload], [onerror]").count() == 0
    assert browser_page.locator("b", has_text="bold").count() == 0
    text = browser_page.locator("body").inner_text()
    for name in (EVIL[0], EVIL[2], EVIL[3], EVIL[5]):
        assert name in text
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_names_are_text_in_the_pictures(browser_page, folder):
    for picture in sorted((folder / "pictures").glob("*.svg")):
        browser_page.goto(picture.as_uri())
        assert browser_page.locator("[onerror], [onload], script, foreignObject").count() == 0
        assert browser_page.evaluate("document.title || ''").find("owned") == -1
        data = picture.read_bytes()
        assert b"\x1b" not in data
        assert "\u202e".encode() not in data
