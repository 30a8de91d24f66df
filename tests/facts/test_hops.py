import re

import botocore.session
import pytest

from auditkit.facts import FACTORS, get_hops, get_table, get_tables

SESSION = botocore.session.get_session()


def resolve(shape, steps):
    for step in steps:
        while shape.type_name == "list":
            shape = shape.member
        if shape.type_name == "map":
            shape = shape.value
            continue
        if shape.type_name != "structure" or step not in shape.members:
            return None
        shape = shape.members[step]
    return shape


@pytest.mark.parametrize("fact", [fact for fact in get_hops().values() if fact.setting], ids=lambda fact: fact.hop)
def test_the_deciding_setting_is_a_field_of_the_service_model(fact):
    service, operation, path = re.fullmatch(r"([a-z0-9-]+)\.([A-Za-z0-9]+):(.+)", fact.setting).groups()
    model = SESSION.get_service_model(service).operation_model(operation)
    assert resolve(model.output_shape, path.split(".")) is not None


@pytest.mark.parametrize("fact", get_hops().values(), ids=lambda fact: fact.hop)
def test_levels_are_levels_of_the_scores_and_what_varies_names_what_decides(fact):
    assert set(fact.levels) == set(FACTORS)
    assert {level for bounds in fact.levels.values() for level in bounds} <= {0, 0.25, 0.5, 0.6, 1}
    assert all(low <= high for low, high in fact.levels.values())
    assert fact.confidence in {"verified", "partly verified", "known"}
    assert fact.source
    assert fact.authentication.endswith(".")
    assert fact.encryption.endswith(".")


HTTPS_ONLY = ["kinesis", "lambda", "events", "states", "secretsmanager", "ssm", "kms", "sts", "logs", "firehose"]
PLAIN_TOO = ["s3", "sqs", "sns", "dynamodb"]


def protocols(service):
    data = SESSION.get_data("endpoints")
    partition = data["partitions"][0]
    defaults = partition["services"][service].get("defaults", {})
    return set(defaults.get("protocols") or partition["defaults"]["protocols"])


@pytest.mark.parametrize(("service", "plain"), [*((s, False) for s in HTTPS_ONLY), *((s, True) for s in PLAIN_TOO)])
def test_plain_http_is_possible_where_the_endpoint_data_say_so(service, plain):
    assert ("http" in protocols(service)) is plain
    assert (get_hops()[f"function->{service}"].levels["encryption"][1] > 0) is plain


def test_every_table_is_dated_and_has_a_digest():
    for table in get_tables().values():
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", table.as_of)
        assert re.fullmatch(r"[0-9a-f]{64}", table.sha256)
        assert table.source
    with pytest.raises(KeyError):
        get_table("no such table")
