import pytest

from auditkit.case import Case
from auditkit.errors import GraphError
from auditkit.graph._build import Builder
from auditkit.graph._hosts import host_reference
from auditkit.graph._refs import reference
from auditkit.graph.boundaries import Boundaries
from auditkit.graph.schema import Interval, Sensitivity
from auditkit.graph.sensitivity import sensitivity_of
from auditkit.inventory import UNSET, Call, Coverage, CoverageState, Inventory
from auditkit.inventory.records.functions import Function
from auditkit.inventory.records.identities import Organization, OrganizationAccount

HOME, SISTER, PARTNER, DATADOG = "111122223333", "222233334444", "444455556666", "464622532012"
ORGANIZATION = f"arn:aws:organizations::{SISTER}"


def function(account=HOME):
    arn = f"arn:aws:lambda:eu-west-1:{account}:function:f"
    return Function(id=arn, account=account, function_name="f", function_arn=arn)


def boundaries(*records, case=None, coverage=None):
    return Boundaries(Inventory(records, coverage=coverage), case or Case())


def sister():
    arn = f"{ORGANIZATION}:account/o-1/{SISTER}"
    return OrganizationAccount(id=arn, account=SISTER, arn=arn, account_id=SISTER)


def test_accounts_of_the_organization_are_not_ours_by_being_listed():
    organization = Organization(id=f"{ORGANIZATION}:organization/o-1", account=SISTER, arn="")
    found = boundaries(function(), sister(), organization)
    assert found.own == {HOME}
    assert found.organization == {HOME, SISTER}


def test_an_account_is_ours_when_calls_were_made_in_it():
    calls = [
        Call(HOME, "eu-west-1", "lambda", "ListFunctions", state=CoverageState.EMPTY),
        Call(PARTNER, "eu-west-1", "lambda", "ListFunctions"),
    ]
    assert boundaries(function(PARTNER), coverage=Coverage(calls)).own == {HOME}


@pytest.mark.parametrize(
    ("account", "kind", "label"),
    [
        (HOME, "account", f"Account {HOME}"),
        (PARTNER, "partner", f"Logistics ({PARTNER})"),
        (DATADOG, "partner", f"Datadog ({DATADOG})"),
        ("aws", "AWS", "AWS"),
        ("", "partner", "owner unknown"),
    ],
)
def test_whose_an_account_is(account, kind, label):
    found = boundaries(function(), case=Case(accounts={PARTNER: "Logistics"})).of_account(account)
    assert (found.kind, found.label) == (kind, label)


@pytest.mark.parametrize(
    ("case", "target", "level"),
    [
        (Case(), HOME, Interval(0, 0)),
        (Case(), SISTER, Interval(0.25, 0.25)),
        (Case(accounts={PARTNER: "Logistics"}), PARTNER, Interval(0.5, 0.5)),
        (Case(third_parties={PARTNER: "contract"}), PARTNER, Interval(0.5, 0.5)),
        (Case(), PARTNER, Interval(1, 1)),
        (Case(), DATADOG, Interval(1, 1)),
        (Case(), "", Interval(0, 1)),
    ],
)
def test_how_far_an_account_is_from_home(case, target, level):
    found = boundaries(function(), sister(), case=case)
    assert found.party(found.of_account(target), account=HOME)[0] == level


@pytest.mark.parametrize(
    ("attested", "level"),
    [
        ({}, 1),
        ({"api.bank.example": "contract"}, 0.5),
        ({"*.bank.example": "contract"}, 0.5),
        ({"bank.example": "contract"}, 1),
        ({"*.example.bank.example": "contract"}, 1),
    ],
)
def test_a_third_party_is_attested_by_name_or_pattern(attested, level):
    found = boundaries(function(), case=Case(third_parties=attested))
    target = found.of_reference(host_reference("api.bank.example"))
    assert found.party(target, account=HOME)[0] == Interval.exactly(level)


def test_a_private_host_is_behind_the_account_and_an_aws_service_is_aws():
    found = boundaries(function())
    private = found.of_reference(host_reference("ledger.corp"))
    assert (private.kind, private.parent) == ("VPC", HOME)
    assert found.party(private, account=HOME)[0] == Interval(0, 0.25)
    service = found.of_reference(reference("sqs.amazonaws.com"))
    assert found.party(service, account=HOME)[0] == Interval(0, 0)


def test_the_level_is_the_same_in_both_directions():
    build = Builder(Inventory([function()]))
    here, there = function().id, build.ref(f"arn:aws:sqs:eu-west-1:{PARTNER}:q")
    assert build.party(here, there)[0] == build.party(there, here)[0] == Interval(1, 1)


ARN = "arn:aws:s3:::orders"


@pytest.mark.parametrize(
    ("tags", "level"),
    [
        ({"DataClassification": "Highly Confidential"}, Sensitivity.RESTRICTED),
        ({"data-classification": "INTERNAL"}, Sensitivity.INTERNAL),
        ({"sensitivity": "public", "classification": "confidential"}, Sensitivity.CONFIDENTIAL),
        ({"sensitivity": "rather"}, Sensitivity.UNKNOWN),
        ({"team": "restricted"}, Sensitivity.UNKNOWN),
        ({}, Sensitivity.UNKNOWN),
        (UNSET, Sensitivity.UNKNOWN),
    ],
)
def test_sensitivity_by_tags(tags, level):
    found, reason = sensitivity_of(ARN, "orders", tags, Case())
    assert found is level
    assert reason


@pytest.mark.parametrize(
    ("classification", "level"),
    [
        ({"orders": "restricted"}, Sensitivity.RESTRICTED),
        ({ARN: "public", "arn:aws:s3:::*": "restricted"}, Sensitivity.PUBLIC),
        ({"arn:aws:s3:::ord*": "confidential", "arn:aws:s3:::*": "restricted"}, Sensitivity.CONFIDENTIAL),
        ({"arn:aws:s3:::[o]rders": "restricted"}, Sensitivity.INTERNAL),
    ],
)
def test_the_case_goes_before_the_tags(classification, level):
    case = Case(classification=classification)
    assert sensitivity_of(ARN, "orders", {"sensitivity": "internal"}, case)[0] is level


def test_a_sensitivity_that_there_is_not_is_refused():
    with pytest.raises(GraphError, match="secretive"):
        sensitivity_of(ARN, "orders", {}, Case(classification={"orders": "secretive"}))
