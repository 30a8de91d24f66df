import json
import re
from datetime import date
from importlib.resources import files

import botocore.session
import pytest

from auditkit.facts import (
    get_hops,
    get_known_account,
    get_prices,
    get_quota,
    get_quotas,
    get_runtime,
    get_runtimes,
    get_token_claims,
)

LAMBDA = botocore.session.get_session().get_service_model("lambda")


def test_runtimes_are_those_of_the_service_model():
    offered = set(LAMBDA.shape_for("Runtime").enum) - {"custom"}
    known = {name for name, runtime in get_runtimes().items() if not runtime.container_only}
    assert known <= offered
    newer = offered - known
    assert all(re.fullmatch(r"[a-z]+\d+(\.(\d+|x|al2023))+", name) for name in newer)


@pytest.mark.parametrize("runtime", get_runtimes().values(), ids=lambda runtime: runtime.runtime)
def test_dates_of_a_runtime_follow_on_each_other(runtime):
    released, deprecated = date.fromisoformat(runtime.released), date.fromisoformat(runtime.deprecated)
    assert released < deprecated
    if runtime.blocked:
        assert deprecated <= date.fromisoformat(runtime.blocked)
    assert runtime.managed is not runtime.runtime.startswith("provided")


def test_a_runtime_that_is_in_no_table_is_none():
    assert get_runtime("python3.99") is None
    assert get_runtime("python3.13").label == "Python 3.13"


def test_quotas_are_numbers_with_units():
    assert get_quota("function timeout").value == 900
    assert all(quota.value > 0 and quota.unit and quota.source for quota in get_quotas().values())
    with pytest.raises(KeyError):
        get_quota("no such quota")


def test_known_accounts():
    assert get_known_account("580247275435").aws is True
    assert get_known_account("464622532012").aws is False
    assert get_known_account("111122223333") is None


def test_claims_of_tokens():
    hub = get_token_claims("token.actions.githubusercontent.com")
    assert {claim for claim, about in hub.items() if about.names == "caller"} >= {"sub", "repository", "actor_id"}
    assert hub["job_workflow_ref"].names == "code"
    assert [*get_token_claims("login.example.com")] == ["sub"]


def test_every_level_of_a_hop_has_words():
    levels = json.loads(files("auditkit.facts").joinpath("weights.json").read_text())["levels"]
    for fact in get_hops().values():
        for factor, bounds in fact.levels.items():
            assert {f"{level:g}" for level in bounds} <= set(levels[factor]), (fact.hop, factor)


def test_prices_are_dated_and_say_where_they_come_from():
    prices = list(get_prices())
    assert all(price.usd > 0 and price.unit and price.source and date.fromisoformat(price.as_of) for price in prices)
    assert {price.confidence for price in prices} == {"verified", "partly verified"}
    assert {price.item for price in prices if price.region == "us-east-1"} == {price.item for price in prices}


def test_a_region_without_a_price_has_that_of_the_default_region_and_it_shows():
    own, other = (get_prices().of("lambda duration arm64", region) for region in ("af-south-1", "eu-west-1"))
    assert (own.region, other.region) == ("af-south-1", "us-east-1")
    assert get_prices().of("no such thing", "eu-west-1") is None
