"""Entries connect whatever an export says of them: a wrong part is told where it is read, and the rest is there."""

import random

import msgspec
import pytest

from auditkit.exports._reading import Reading
from auditkit.exports.detect import place_of
from auditkit.exports.services import HANDLERS
from auditkit.graph._build import Builder
from auditkit.graph.connect import validate
from auditkit.graph.edges import agents, apis, appsync, cloudfront, cognito, iot, loadbalancers
from tests.exports.feeding import answer
from tests.exports.test_hostile import mutated, responses_of_the_sample

FAMILIES = (agents, apis, appsync, cloudfront, cognito, iot, loadbalancers)
SERVICES = {
    "apigateway", "apigatewayv2", "appsync", "bedrock-agent", "cloudfront", "cognito-identity", "cognito-idp", "elbv2",
    "iot",
}  # fmt: skip


@pytest.fixture(scope="module")
def responses():
    found = []
    for path, payload in responses_of_the_sample():
        place = place_of(path)
        if place.call is not None and place.call.service in SERVICES and "Error" not in payload:
            name = f"{place.call.service}.{place.call.operation}"
            if tuple(name.split(".")) in HANDLERS:
                found.append(
                    answer(name, payload, *place.arguments, account=place.account, region=place.region, file=path)
                )
    assert {response.service for response in found} == SERVICES
    return found


@pytest.mark.parametrize("seed", range(40))
def test_a_mutated_entry_never_stops_the_others(seed, responses):
    choose = random.Random(seed)
    reading = Reading()
    for response in responses:
        payload = mutated(response.payload, choose) if choose.random() < 0.6 else response.payload
        changed = payload if isinstance(payload, dict) else response.payload
        HANDLERS[response.service, response.operation](msgspec.structs.replace(response, payload=changed), reading)
    build = Builder(reading.build())
    for family in FAMILIES:
        family.connect(build)
    graph = build.graph
    validate(graph)
    assert len(graph) > 50
