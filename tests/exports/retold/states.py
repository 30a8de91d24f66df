"""The account as a state of Terraform, as ``terraform show -json`` prints it: one module for each region."""

import json

from tests.exports.retold.account import ACCOUNT, REGIONS
from tests.exports.retold.states_kinds import KINDS
from tests.exports.retold.templates import template_of

WHO = {
    "address": "data.aws_caller_identity.current",
    "mode": "data",
    "type": "aws_caller_identity",
    "name": "current",
    "values": {"account_id": ACCOUNT, "id": ACCOUNT},
}


class State:
    """A state that is being written."""

    def __init__(self, account, region):
        self.account = account
        self.region = region
        self.resources = []

    def add(self, kind, name, values):
        address = f"module.{self.region}.{kind}.r{len(self.resources)}"
        shown = {key: value for key, value in values.items() if value is not None}
        shown.setdefault("id", name)
        shown.setdefault("region", self.region)
        item = {"address": address, "mode": "managed", "type": kind, "name": f"r{len(self.resources)}"}
        self.resources.append({**item, "values": shown})


def states(account):
    modules = []
    for region in REGIONS:
        to = State(account, region)
        template = template_of(account, region, secure=True)
        arns = {logical_of(found): arn for arn, found in template.by_arn.items() if is_own(found)}
        for logical, resource in template.resources.items():
            write = KINDS[resource["Type"]]
            if write is not None:
                write(to, template.physical[logical], arns.get(logical, ""), resource["Properties"])
        modules.append({"address": f"module.{region}", "resources": to.resources})
    root = {"resources": [WHO], "child_modules": modules}
    return {
        "state.json": json.dumps(
            {"format_version": "1.0", "terraform_version": "1.9.5", "values": {"root_module": root}}
        )
    }


def logical_of(reference):
    return reference.get("Ref") or reference["Fn::GetAtt"][0]


def is_own(reference):
    """Whether a reference is to the resource itself, and not to a stream of it."""
    return "Ref" in reference or reference["Fn::GetAtt"][1] != "StreamArn"
