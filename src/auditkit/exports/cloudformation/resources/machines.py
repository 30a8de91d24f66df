"""AWS Step Functions."""

import json
import re

from auditkit.exports._answers import Node
from auditkit.exports.cloudformation._identity import spelled
from auditkit.exports.cloudformation._resource import Resource
from auditkit.exports.cloudformation._telling import Telling

__all__ = ["tell"]

_PLACEHOLDER = re.compile(r"\$\{([A-Za-z0-9_.:-]+)\}")


def tell(to: Telling) -> None:
    """Tell state machines."""
    for machine in to.of("AWS::StepFunctions::StateMachine"):
        definition = _definition(to, machine)
        members = {
            "stateMachineArn": machine.identity.arn,
            "name": machine.identity.name,
            "definition": definition,
            "type": machine.node.at("StateMachineType") or "STANDARD",
            "status": "ACTIVE",
        }
        tree = to.tree(machine, "stepfunctions.DescribeStateMachineOutput", {"Definition": ""}, members)
        to.give(machine, "stepfunctions.DescribeStateMachine", tree, machine.identity.arn)
        tags = {"tags": machine.node.at("Tags")}
        to.give(machine, "stepfunctions.ListTagsForResource", tags, machine.identity.arn)


def _definition(to: Telling, machine: Resource) -> Node | None:
    given = machine.node.at("Definition") or machine.node.at("DefinitionString")
    if given is None:
        if machine.get("DefinitionS3Location") is not None:
            to.note(machine, "the definition is kept elsewhere", "Properties", "DefinitionS3Location")
        return None
    values = machine.get("DefinitionSubstitutions")
    if not isinstance(values, dict) or not values:
        return given
    return Node(_filled(given.value, {key: spelled(value) for key, value in values.items()}), given.source)


def _filled(value: object, values: dict[str, str]) -> object:
    """Return a definition with its placeholders filled in; within JSON text as JSON needs it."""
    if isinstance(value, dict):
        return {key: _filled(item, values) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, values) for item in value]
    if not isinstance(value, str):
        return value
    whole = value.lstrip().startswith("{")

    def fill(match: re.Match[str]) -> str:
        found = values.get(match[1])
        return match[0] if found is None else json.dumps(found)[1:-1] if whole else found

    return _PLACEHOLDER.sub(fill, value)
