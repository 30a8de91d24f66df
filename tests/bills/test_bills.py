"""Bills of materials: what they say, that they say it every time, and that they can be read again."""

import json
import re

import pytest

from auditkit import read
from auditkit.bills import bills_of, write_bills
from auditkit.errors import AuditkitError
from auditkit.inventory import Inventory
from auditkit.inventory.evidence.packages import CodePackage, Found
from auditkit.inventory.records.functions import Function
from tests.areas.scenes import feed, function, functions
from tests.areas.test_deps import F, code, layered, live
from tests.smallexport import write_export

PURLS = ["pkg:pypi/one@1.0", "pkg:npm/%40s/two@2.0.0"]


def inventory(*responses, records=()):
    fed = feed(*responses)
    return Inventory([*fed, *records], coverage=fed.coverage)


def test_a_bill_is_whole():
    ((path, bill),) = bills_of(inventory(functions(function()), records=[code(*PURLS)]))
    assert path == "123456789012/eu-west-1/sbom/f.cdx.json"
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    assert re.fullmatch(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", bill["serialNumber"])
    assert [one["purl"] for one in bill["components"]] == sorted(PURLS)
    assert [one["name"] for one in bill["components"]] == ["two", "one"]
    references = [bill["metadata"]["component"]["bom-ref"], *(one["bom-ref"] for one in bill["components"])]
    assert len(set(references)) == len(references)
    assert set(bill["dependencies"][0]["dependsOn"]) == set(references[1:])
    assert bill["compositions"] == [{"aggregate": "unknown", "assemblies": [F]}]
    assert "timestamp" not in bill["metadata"]


def test_what_is_missing_is_said():
    account = inventory(functions(function(**layered())), records=[code("pkg:pypi/one", found=Found.DECLARED)])
    ((_, bill),) = bills_of(account)
    assert bill["compositions"][0]["aggregate"] == "incomplete"
    assert "version" not in bill["components"][0]


def test_a_function_of_which_nothing_is_known_has_no_bill():
    assert not [*bills_of(inventory(functions(function())))]


def test_bills_are_the_same_each_time(tmp_path):
    account = inventory(functions(function()), records=[code(*PURLS)])
    first, second = (write_bills(bills_of(account), tmp_path / name)[0].read_bytes() for name in "ab")
    assert first == second
    other = inventory(functions(function()), records=[code(PURLS[0])])
    assert json.loads(first)["serialNumber"] != next(bills_of(other))[1]["serialNumber"]


@pytest.mark.parametrize("name", ["../../up", "a/b", "<x>", "." * 3])
def test_no_name_leads_out_of_the_folder(tmp_path, name):
    account = inventory(functions(function(FunctionName=name)), records=[code(*PURLS)])
    (path,) = write_bills(bills_of(account), tmp_path / "out")
    assert path.resolve().is_relative_to((tmp_path / "out").resolve())
    assert len(path.relative_to(tmp_path / "out").parts) == 4


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(AuditkitError):
        write_bills(bills_of(inventory(functions(function()), records=[code(*PURLS)])), tmp_path / "file")


def test_bills_can_be_read_again(tmp_path):
    export = write_export(tmp_path / "export")
    ship = next(one for one in read(export).of(Function) if one.name == "orders-ship")
    plain = read(export)
    known = Inventory([*plain, code(*PURLS, used_by=ship.id)], not_read=plain.not_read)
    write_bills(bills_of(known), tmp_path / "bills")
    again = read(export, tmp_path / "bills")
    assert len(again.not_read) == len(known.not_read)
    assert sorted(used.package.purl for used in again.packages.of(ship.id)) == sorted(PURLS)


def test_a_bill_of_a_version_is_the_versions(tmp_path):
    account = inventory(functions(function()), *live(), records=[code(*PURLS, used_by=f"{F}:3")])
    write_bills(bills_of(account), tmp_path)
    again = read(tmp_path)
    assert len(again.packages.of(f"{F}:3")) == len(PURLS)
    assert not again.packages.of(F)


def test_layers_stay_layers(tmp_path):
    layer = layered()["Layers"][0]["Arn"]
    account = functions(function(**layered()), function("g", **layered()))
    records = [code(PURLS[0]), code(PURLS[0], used_by=F.replace(":f", ":g")), code(PURLS[1], used_by=layer)]
    write_bills(bills_of(inventory(account, records=records)), tmp_path)
    again = read(tmp_path)
    told = [one for one in again.of(CodePackage) if layer in one.used_by]
    assert [[package.purl for package in one.packages] for one in told] == [[PURLS[1]]]
    assert [used.package.purl for used in again.packages.of(F)] == [PURLS[0]]


def test_what_is_incomplete_stays_incomplete(tmp_path):
    write_bills(bills_of(inventory(functions(function(**layered())), records=[code(*PURLS)])), tmp_path)
    (again,) = read(tmp_path).of(CodePackage)
    assert "incomplete" in again.incomplete
