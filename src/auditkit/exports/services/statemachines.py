"""Responses of AWS Step Functions."""

from auditkit.exports._attached import tags_of
from auditkit.exports._reading import Handler, Reading, Response
from auditkit.exports._statemachines import planted_in, state_calls
from auditkit.exports.services._fields import enrich
from auditkit.inventory import UNSET
from auditkit.inventory.records.statemachines import StateMachine

__all__ = ["HANDLERS"]


def _list_state_machines(response: Response, reading: Reading) -> None:
    for machine, item, _ in reading.each(response, StateMachine, "stateMachines"):
        machine.id = machine.state_machine_arn
        machine.name = str(item.get("name") or machine.id.rpartition(":")[2])
        reading.add(machine)


def _describe_state_machine(response: Response, reading: Reading) -> None:
    item = response.payload
    if not item:
        return
    machine = reading.convert(response, StateMachine, item)
    if machine is None:
        return
    machine.id = machine.state_machine_arn
    machine.name = str(item.get("name") or machine.id.rpartition(":")[2])
    machine.calls = state_calls(item.get("definition"), response.at("definition"), reading)
    machine.secrets = planted_in(item.get("definition"), response.at("definition"))
    for field in ("logging_configuration", "encryption_configuration"):
        if getattr(machine, field) is UNSET:
            setattr(machine, field, None)
    reading.add(machine)


def _list_tags(response: Response, reading: Reading) -> None:
    tags = tags_of(response.payload.get("tags"), response.at("tags"), reading)
    enrich(response, reading, StateMachine, "tags", tags=tags)


HANDLERS: dict[tuple[str, str], Handler] = {
    ("stepfunctions", "DescribeStateMachine"): _describe_state_machine,
    ("stepfunctions", "ListStateMachines"): _list_state_machines,
    ("stepfunctions", "ListTagsForResource"): _list_tags,
}
