"""The cases of ``rules/``: each rule of AWS's documentation, by requests and the decisions on them."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from auditkit.policy import Context, Outcome, PolicyKind, PolicySet, Request, evaluate, parse, principal, simulate

FOLDER = Path(__file__).parent / "rules"
NAMES = tomllib.loads((FOLDER / "names.toml").read_text(encoding="utf-8"))
LEVELS, LISTS = ("scp", "rcp"), ("identity", "boundary", "endpoint")
ELEMENTS = {
    "allow": "Action", "deny": "Action", "allow_not": "NotAction", "deny_not": "NotAction",
    "on": "Resource", "on_not": "NotResource", "to": "Principal", "to_not": "NotPrincipal", "when": "Condition",
}  # fmt: skip
TYPES = {"to_service": "Service", "to_federated": "Federated", "to_canonical": "CanonicalUser"}


def named(value: Any) -> Any:
    """Return a value of the table with its names filled in."""
    if isinstance(value, str):
        for name, arn in NAMES.items():
            value = value.replace(f"<{name}>", arn)
        return value
    if isinstance(value, list):
        return [named(one) for one in value]
    return {named(key): named(one) for key, one in value.items()} if isinstance(value, dict) else value


def statement(short: dict[str, Any], kind: str) -> dict[str, Any]:
    """Return the statement that a short one stands for."""
    made: dict[str, Any] = {"Effect": "Allow" if short.keys() & {"allow", "allow_not"} else "Deny"}
    for name, value in short.items():
        if name in TYPES:
            made.setdefault("Principal", {})[TYPES[name]] = value
        elif name in {"to", "to_not"} and value != "*":
            made.setdefault(ELEMENTS[name], {})["AWS"] = value
        else:
            made[ELEMENTS[name]] = value
    if kind != "trust" and not made.keys() & {"Resource", "NotResource"}:
        made["Resource"] = "*"
    return made


def document(short: list[dict[str, Any]], kind: str, version: str) -> dict[str, Any]:
    head = {"Version": version} if version else {}
    return head | {"Statement": [statement(one, kind) for one in short]}


def asked(case: dict[str, Any]) -> dict[str, Any]:
    """Return the simulator's request for a case."""
    version = case.get("version", "2012-10-17")
    who = {"type": "Anonymous"} if case["who"] == "anonymous" else case["who"]
    request = {"principal": who, "action": case["do"], "resource": case["on"], "context": case.get("context", {})}
    request |= {"resource_account": case["account"]} if "account" in case else {}
    request |= {"wildcard_only_action": True} if case.get("wildcard_only") else {}
    policies: dict[str, Any] = {}
    for kind in (*LISTS, "session", "resource", *LEVELS):
        if kind not in case:
            continue
        if kind in LEVELS:
            policies[kind] = [[document(level, kind, version)] if level else [] for level in case[kind]]
        elif kind in LISTS:
            policies[kind] = [document(case[kind], kind, version)] if case[kind] else []
        else:
            policies[kind] = document(case[kind], "trust" if ":role/" in case["on"] else kind, version)
    return {"id": case["expect"], "request": request, "policies": policies}


def _cases() -> Iterator[Any]:
    for path in sorted(FOLDER.glob("*.toml")):
        for number, rule in enumerate(tomllib.loads(path.read_text(encoding="utf-8")).get("rule", ())):
            for place, case in enumerate((*rule.get("cases", ()), *map(_of_condition, rule.get("given", ())))):
                yield pytest.param(named(rule.get("base", {}) | case), id=f"{path.stem}-{number}-{place}")


def _of_condition(short: dict[str, Any]) -> dict[str, Any]:
    """Return the case of one condition: an Allow hangs on it alone, and all other entries are the context."""
    context = {key: value for key, value in short.items() if key not in {"when", "holds"}}
    allowing = {
        "who": "<user>",
        "do": "s3:GetObject",
        "on": "<object>",
        "identity": [{"allow": "*", "when": short["when"]}],
    }
    return allowing | {"context": context, "expect": "ALLOW" if short["holds"] else "IMPLICIT_DENY"}


CASES = list(_cases())


@pytest.mark.parametrize("case", CASES)
def test_the_decision_is_as_documented(case: dict[str, Any]) -> None:
    (answer,) = simulate([asked(case)])
    assert answer.get("decision") == case["expect"], answer


@pytest.mark.parametrize("case", CASES)
def test_knowing_less_of_a_request_never_turns_the_decision_round(case: dict[str, Any]) -> None:
    question = asked(case)
    request, policies = question["request"], question["policies"]

    def documents(kind: str, found: Any) -> Any:
        found = found if isinstance(found, list) else [found]
        return tuple(
            documents(kind, one) if isinstance(one, list) else parse(one, kind=PolicyKind(kind)) for one in found
        )

    for known in (request["context"], {}):
        decision = evaluate(
            Request(
                principal=principal(request["principal"]),
                action=request["action"],
                resource=request["resource"],
                resource_account=request.get("resource_account"),
                context=Context(known, complete=False),
                wildcard_only=request.get("wildcard_only_action", False),
            ),
            PolicySet(**{kind: documents(kind, found) for kind, found in policies.items()}),
        )
        assert decision.outcome in {Outcome.CONDITIONAL, Outcome.UNKNOWN, Outcome(case["expect"])} or (
            decision.denied and case["expect"] != "ALLOW"
        )


def test_every_rule_says_where_it_is_from() -> None:
    for path in sorted(FOLDER.glob("*.toml")):
        for rule in tomllib.loads(path.read_text(encoding="utf-8")).get("rule", ()):
            assert rule["says"].endswith(".")
            assert rule["source"]
            assert rule.get("cases") or rule.get("given")
