"""Terraform configurations in short, as the state and as the plan that Terraform would show of them.

A resource is an address and its attributes; ``"${aws_sqs_queue.q.arn}"`` refers to another one. An object where an
attribute is a JSON document stands for ``jsonencode``.
"""

import copy
import json
import re

from auditkit.exports._answers import Node
from auditkit.exports._reading import Reading
from auditkit.exports.terraform._plan import Plan
from auditkit.exports.terraform._raw import raw_resources
from auditkit.inventory import Source

ACCOUNT, REGION = "111122223333", "eu-west-1"
DOCUMENTS = {
    "access_policies",
    "assume_role_policy",
    "body",
    "container_definitions",
    "definition",
    "event_pattern",
    "filter_policy",
    "policy",
    "policy_document",
    "redrive_policy",
}
REFERENCE = re.compile(r"\$\{([^}]+)\}")
MAPS = {"environment_variables", "roles", "stage_variables", "tags", "variables", "request_parameters", "endpoints"}
WHO = {
    "address": "data.aws_caller_identity.current",
    "mode": "data",
    "type": "aws_caller_identity",
    "name": "current",
    "values": {"account_id": ACCOUNT, "id": ACCOUNT},
}


def references(value):
    return REFERENCE.findall(json.dumps(value))


def listed(names):
    """Name what each reference leads up to as well, as Terraform does."""
    found = []
    for name in names:
        found.append(name)
        parts = name.split(".")
        while len(parts) > 2:
            parts.pop()
            found.append(".".join(parts))
    return {"references": found}


def expression(name, value):
    blocks = isinstance(value, list) and value and all(isinstance(item, dict) for item in value)
    if blocks and (name not in DOCUMENTS or name == "definition"):  # of a flow blocks, of a state machine a document
        return [{key: expression(key, item) for key, item in block.items()} for block in value]
    found = references(value)
    return listed(found) if found else {"constant_value": value}


def planned(name, value):
    """Return what a plan shows of a value: what is not known is left out."""
    if name in DOCUMENTS and isinstance(value, dict):
        return None if references(value) else json.dumps(value)
    if isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
        return [
            {key: shown for key, item in block.items() if (shown := planned(key, item)) is not None} for block in value
        ]
    if name in MAPS and isinstance(value, dict):
        return {key: item for key, item in value.items() if not references(item)}
    if isinstance(value, list) and references(value):
        return None
    return None if references(value) else value


def unknown(name, value):
    if isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
        return [{key: unknown(key, item) for key, item in block.items()} for block in value]
    if name in MAPS and isinstance(value, dict):
        return {key: True for key, item in value.items() if references(item)}
    return bool(references(value))


def parts(address):
    """Return module, mode, type, name and index of an address."""
    match = re.fullmatch(r"((?:module\.[^.\[]+(?:\[[^\]]+\])?\.)*)(data\.)?(\w+)\.(\w+)(?:\[(.+)\])?", address)
    module, data, kind, name, index = match.groups()
    return module.rstrip("."), "data" if data else "managed", kind, name, json.loads(index) if index else None


def item(address, values):
    _, mode, kind, name, index = parts(address)
    found = {"address": address, "mode": mode, "type": kind, "name": name, "values": values}
    return found if index is None else {**found, "index": index}


def modules(items):
    """Return root and child modules of resources."""
    root = {"resources": [found for found in items if not parts(found["address"])[0]]}
    names = sorted({parts(found["address"])[0] for found in items} - {""})
    children = [
        {"address": name, "resources": [found for found in items if parts(found["address"])[0] == name]}
        for name in names
    ]
    return {**root, "child_modules": children} if children else root


def plan_of(resources, configuration=None, **more):
    """Return the plan of some resources, all of which are yet to be made."""
    shown = {
        address: {key: value for key, content in values.items() if (value := planned(key, content)) is not None}
        for address, values in resources.items()
    }
    seen, declared = set(), []
    for address, values in resources.items():
        module, mode, kind, name, _ = parts(address)
        if module or (kind, name) in seen:
            continue
        seen.add((kind, name))
        declared.append(
            {
                "address": f"{'data.' if mode == 'data' else ''}{kind}.{name}",
                "mode": mode,
                "type": kind,
                "name": name,
                "provider_config_key": "aws",
                "expressions": {key: expression(key, value) for key, value in values.items()},
            }
        )
    changes = [
        {
            "address": address,
            "mode": parts(address)[1],
            "type": parts(address)[2],
            "name": parts(address)[3],
            "change": {
                "actions": ["create"],
                "before": None,
                "after": shown[address],
                "after_unknown": {key: unknown(key, value) for key, value in values.items()},
            },
        }
        for address, values in resources.items()
    ]
    provider = {"aws": {"name": "aws", "expressions": {"region": {"constant_value": REGION}}}}
    return {
        "format_version": "1.2",
        "terraform_version": "1.9.5",
        "planned_values": {"root_module": modules([item(address, values) for address, values in shown.items()])},
        "resource_changes": changes,
        "prior_state": {"format_version": "1.0", "values": {"root_module": {"resources": [WHO]}}},
        "configuration": {"provider_config": provider, "root_module": configuration or {"resources": declared}},
        **more,
    }


def state_of(resources):
    """Return the state of some resources once they are made: names that AWS chooses are those that a plan foretells."""
    filled = {}
    plan = Plan(Node(plan := plan_of(resources), Source("p")), list(raw_resources(Node(plan, Source("p")))), Reading())
    known = {resource.address: resource.node.value for resource in plan.resources}
    for address, values in resources.items():
        text = REFERENCE.sub(lambda found: value_of(found[1], known), json.dumps(values))
        own = {
            key: json.dumps(value) if key in DOCUMENTS and isinstance(value, dict) else value
            for key, value in json.loads(text).items()
        }
        filled[address] = {**known[address], **own}
    return {
        "format_version": "1.0",
        "terraform_version": "1.9.5",
        "values": {"root_module": modules([WHO, *(item(address, values) for address, values in filled.items())])},
    }


def value_of(reference, known):
    for address in sorted(known, key=len, reverse=True):
        if reference.startswith(f"{address}."):
            value = known[address].get(reference[len(address) + 1 :], "")
            return json.dumps(value)[1:-1] if isinstance(value, str) else ""
    return ""


def state_file_of(resources):
    """Return the state as a backend keeps it."""
    state = state_of(resources)
    found = []
    for resource in state["values"]["root_module"]["resources"]:
        instance = {"attributes": resource["values"], "sensitive_attributes": []}
        if "index" in resource:
            instance["index_key"] = resource["index"]
        kept = {key: resource[key] for key in ("mode", "type", "name")}
        found.append({**kept, "provider": 'provider["registry.terraform.io/hashicorp/aws"]', "instances": [instance]})
    return {"version": 4, "terraform_version": "1.9.5", "serial": 3, "lineage": "x", "resources": found}


def copied(value):
    return copy.deepcopy(value)
