import json
import re
from datetime import date
from importlib.resources import files

import botocore.session
import pytest

from auditkit.errors import ScoreError
from auditkit.facts import (
    FACTORS,
    get_hops,
    get_known_account,
    get_quota,
    get_quotas,
    get_runtime,
    get_runtimes,
    get_weights,
    weights_from,
)
from auditkit.graph.schema import ACCESS_LAMBDA, EntryKind, Sensitivity

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


def test_the_weights_are_the_defaults_of_the_schema():
    weights = get_weights()
    assert set(weights.factors) == set(FACTORS)
    assert {level.value: weights.access[level.value] for level in ACCESS_LAMBDA} == {
        level.value: value for level, value in ACCESS_LAMBDA.items()
    }
    assert all(weights.entries[kind.value] == kind.cost for kind in EntryKind)
    assert set(weights.sensitivity) == {word.value for word in Sensitivity}
    assert weights.sensitivity["unknown"] == (0, 3)


def test_every_level_of_a_hop_has_words():
    weights = get_weights()
    for fact in get_hops().values():
        for factor, bounds in fact.levels.items():
            assert {f"{level:g}" for level in bounds} <= set(weights.factors[factor].levels), (fact.hop, factor)


def changed(tmp_path, **fields):
    document = json.loads(json.dumps({**json.loads(json_of_package()), **fields}))
    path = tmp_path / "weights.json"
    path.write_text(json.dumps(document))
    return path


def json_of_package():
    return files("auditkit.facts").joinpath("weights.json").read_text()


def test_own_weights_have_a_digest_of_their_own(tmp_path):
    own = weights_from(changed(tmp_path, version="mine"))
    assert own.version == "mine"
    assert own.sha256 != get_weights().sha256


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"access": {"metadata": 0.1, "delete": 0.4, "read": 1.6, "write": 0.6, "admin": 1}}, "access"),
        ({"entries": {"anonymous": -1}}, "entries"),
        ({"entries": {"anonymous": 0}}, "missing or unknown"),
        ({"sensitivity": {"public": [1, 0]}}, "sensitivity"),
        ({"factors": {"authentication": {"weight": "high"}}}, "factors"),
        (
            {"sensitivity": {w: [2, 1] for w in ("public", "internal", "confidential", "restricted", "unknown")}},
            "crossed",
        ),
    ],
)
def test_weights_outside_their_range_are_refused(tmp_path, fields, message):
    with pytest.raises(ScoreError, match=message):
        weights_from(changed(tmp_path, **fields))


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff"])
def test_a_file_of_weights_that_is_none_is_refused(tmp_path, content):
    path = tmp_path / "weights.json"
    path.write_bytes(content)
    with pytest.raises(ScoreError, match="weights"):
        weights_from(path)


def test_a_file_of_weights_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ScoreError, match="cannot be read"):
        weights_from(tmp_path / "none.json")
