"""The answer key of the sample, held against the checks: what is wrong is found, what is right is not."""

import pytest

from auditkit import samples
from auditkit.areas import Severity, Verdict, get_checks
from auditkit.audit import Audit
from auditkit.scanning import scan_code

BAD = {Verdict.FAIL, Verdict.WARN}
KEY = [row for row in samples.key("retailer").itertuples() if row.check in get_checks()]


@pytest.fixture(scope="module")
def found():
    inventory = scan_code(samples.load("retailer"), samples.path("retailer"))
    audit = Audit(inventory, date="2026-11-01", advisories=samples.advisories("retailer"))
    return [item for item in audit.findings if item.verdict in BAD]


def worst(found, check, resource):
    """Return the highest severity of what a check found on a resource, its parts, or the whole that it is a part of."""
    return max(
        (item.severity for item in found if item.check == check and _same(item.resource, resource)), default=None
    )


def _same(one, other):
    return one == other or one.startswith(f"{other}:") or other.startswith(f"{one}:")


@pytest.mark.parametrize("row", KEY, ids=lambda row: f"{row.check} {row.expected} {row.resource.rpartition(':')[2]}")
def test_the_key(found, row):
    severity = worst(found, row.check, row.resource)
    match row.expected:
        case "fail":
            assert severity is not None
        case "right":
            assert severity is None
        case _:
            assert severity is None or severity <= Severity.LOW
