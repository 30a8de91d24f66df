"""What checks answer where the call or the setting that decides was not seen: unknown, never a pass."""

import pytest

from auditkit.areas import get_checks, glance
from tests.areas.scenes import ACCOUNT, REGION, answer, function, functions, gaad, judged, role, verdicts

HIDDEN = {"Environment": {"Error": {"ErrorCode": "AccessDeniedException", "Message": "no key"}}}
REST = answer("apigateway.GetRestApis", {"items": [{"id": "r", "name": "shop"}]})
HTTP = answer("apigatewayv2.GetApis", {"Items": [{"ApiId": "h", "Name": "shop", "ProtocolType": "HTTP"}]})


@pytest.mark.parametrize(
    "check",
    ["long.exec-wrapper", "appvuln.secrets-env", "transit.env-urls", "rest.env-kms", "long.cred-lifetime"],
)
def test_variables_that_could_not_be_decrypted_are_not_known(check):
    assert verdicts(check, functions(function(**HIDDEN))) == {"f": "UNKNOWN"}


@pytest.mark.parametrize(
    ("check", "responses"),
    [
        ("appvuln.secrets-env", [functions(), REST]),
        ("appvuln.verbose-errors", [functions(), REST]),
        ("sprawl.api-logging", [REST]),
        ("sprawl.tracing", [functions(), REST]),
        ("dos.no-throttle", [REST]),
        ("transit.api-backend", [HTTP]),
    ],
)
def test_stages_and_integrations_that_were_not_seen_are_not_known(check, responses):
    found = verdicts(check, *responses)
    assert "UNKNOWN" in {verdict for name, verdict in found.items() if name.startswith("shop")}


@pytest.mark.parametrize(
    ("check", "call"),
    [
        ("long.managed-instances", "lambda:ListFunctions"),
        ("perim.role-shared", "lambda:ListFunctions"),
        ("deps.foreign-layer", "lambda:ListFunctions"),
        ("deps.shared-layer-blast", "lambda:ListFunctions"),
        ("deps.reverse-index", "lambda:ListFunctions"),
        ("sprawl.duplicate-code", "lambda:ListFunctions"),
        ("sprawl.count-metrics", "lambda:ListFunctions"),
        ("transit.sns-http", "sns:ListSubscriptions"),
        ("perim.authorizer-quality", "apigateway:GetAuthorizers"),
        ("sprawl.disabled-triggers", "lambda:ListEventSourceMappings"),
    ],
)
def test_what_was_not_listed_is_not_known(check, call):
    (found,) = [one for one in judged(check, answer("sqs.ListQueues", {})) if one.resource == f"{ACCOUNT}:{REGION}"]
    assert found.verdict == "UNKNOWN"
    assert f"{call} (missing)" in found.missing


@pytest.mark.parametrize(
    "check", ["patch.runtime-deprecated", "long.code-tamper", "perim.role-admin", "transit.db-tls"]
)
def test_what_has_a_region_is_not_known_where_an_export_shows_none(check):
    (found,) = judged(check, gaad(role()), around=False)
    assert (found.verdict, found.resource) == ("UNKNOWN", ACCOUNT)
    assert found.missing


def test_no_area_stands_well_by_identities_alone():
    stand = glance([found for check in get_checks() for found in judged(check, gaad(role()), around=False)])
    assert set(stand.set_index("area").standing.drop("perimeter")) == {"unknown"}
