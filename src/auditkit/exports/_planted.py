"""Where settings hold a secret in plain: by the names of fields, by the form of values, and in texts.

What is found is a place and a reason, never the value.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from auditkit.exports._json import JsonError, parse_json
from auditkit.exports._scripts import assignments, decoded
from auditkit.exports.secrets import credential_in, why_secret
from auditkit.inventory import Source
from auditkit.inventory.arn import parse_arn
from auditkit.inventory.evidence.plain_secrets import PlainSecrets, PlantedSecret

__all__ = ["Reference", "looked_through", "marked", "planted", "why_planted"]

Reference = Callable[[Mapping[str, Any], str], str | None]
"""Says of an object that may be an expression why it is a secret: ``""`` for none, ``None`` where it is no expression.

It is given the object, and the name of the field that it is the value of."""

_PAIRS = (
    ("Name", "Value"),
    ("name", "value"),
    ("Key", "Value"),
    ("HeaderName", "HeaderValue"),
    ("ParameterKey", "ParameterValue"),
)
_ITSELF = frozenset({"apikeyvalue", "secretstring", "secret_string"})
"""Fields that hold a secret and nothing else."""
_NAMES_NONE = frozenset({"EventSourceToken", "event_source_token"})
"""Fields whose names sound like a secret: the id of an Alexa skill is public."""
_NO_SECRETS = re.compile(
    r".*(?:Policy|Policies|PolicyDocument|EventPattern|FilterCriteria|FilterPolicy|KeySchema|AttributeDefinitions)|"
    r".*(?:_policy|policy|event_pattern|filter_criteria|assume_role_policy|tags_all)"
)
"""Fields of conditions and patterns: what they compare with is no secret."""
_TAKEN = re.compile(
    r"(?:method|integration|context|stageVariables|route|request|response)\.[\w.$-]+|arn:.*|.*\$\{.*", re.DOTALL
)
"""Values that name what is taken from elsewhere."""
_MARK = re.compile(r"\[removed: ([A-Za-z ]{1,60})\]")
_LONGEST = 1 << 20
_DEEPEST = 60


def planted(
    value: object, source: Source, *, key: str = "", refers: Reference = lambda _value, _key: None
) -> Iterator[PlantedSecret]:
    """Yield where a setting holds a secret.

    Parameters
    ----------
    value
        Any JSON value.
    source
        Where it stands.
    key
        Name of the field that it is the value of.
    refers
        Judges expressions.
    """
    yield from _within(value, (), key, source, refers)


def _within(
    value: object, steps: tuple[str | int, ...], key: str, source: Source, refers: Reference
) -> Iterator[PlantedSecret]:
    if len(steps) > _DEEPEST:
        return
    if isinstance(value, str):
        inner = _parsed(value)
        if inner is not None:
            found = list(_within(inner, steps, key, source, refers))
            yield from found
            if found:
                return
        reason = why_planted(value, key)
    elif isinstance(value, dict):
        said = refers(value, key)
        if said is None:
            yield from _members(value, steps, key, source, refers)
        reason = said or ""
    else:
        reason = ""
        for index, item in enumerate(value) if isinstance(value, list | tuple) else ():
            yield from _within(item, (*steps, index), key, source, refers)
    if reason:
        yield PlantedSecret("/".join(map(str, steps)), reason, source.at(*steps))


def _members(
    value: Mapping[str, Any], steps: tuple[str | int, ...], key: str, source: Source, refers: Reference
) -> Iterator[PlantedSecret]:
    names = {second: str(value[first]) for first, second in _PAIRS if first in value and second in value}
    kept_elsewhere = str(value.get("Type", value.get("type", ""))).upper() in {"PARAMETER_STORE", "SECRETS_MANAGER"}
    for name, item in value.items():
        if kept_elsewhere and name.lower() == "value":
            continue
        if name == "Fn::If" and isinstance(item, list):  # the first is the name of a condition
            for index, branch in enumerate(item[1:], start=1):
                yield from _within(branch, (*steps, name, index), key, source, refers)
            continue
        if not _NO_SECRETS.fullmatch(str(name)):
            kept = str(name).startswith("Fn::") or name == "constant_value"  # what stands around a value says its name
            yield from _within(item, (*steps, str(name)), names.get(name, key if kept else str(name)), source, refers)


def why_planted(value: str, key: str = "") -> str:
    """Return why a text is a secret or holds one, ``""`` where it does not; a field's name helps to tell."""
    text = value if len(value) <= _LONGEST else value[:_LONGEST]
    name = key.replace("-", "_").replace(".", "_").rpartition("/")[2]
    name = "" if name in _NAMES_NONE else name.removesuffix("s") if name.lower().endswith("passwords") else name
    if len(text) > 1 and text[0] == text[-1] == "'":  # a constant, as mappings of API Gateway spell it
        text = text[1:-1]
    if name.lower() in _ITSELF and not _TAKEN.fullmatch(text) and not text.lstrip().startswith(("{", "[")):
        return "a secret written out" if text.strip() and not text.startswith("{{resolve:") else ""
    if "\n" not in text and (reason := why_secret(text, "" if _TAKEN.fullmatch(text) else name)):
        return reason
    return _in_text(text) or _in_text(decoded(text))


def _in_text(text: str) -> str:
    """Return why a text of several words or lines holds a secret: by its form, or what it assigns to a name of one."""
    if reason := credential_in(text):
        return reason
    for key, value in assignments(text):
        if not _TAKEN.fullmatch(value) and why_secret(value, key.replace("-", "_")):
            return f"{key} is set to it in a text"
    return ""


def _parsed(text: str) -> Any:  # noqa: ANN401 -- any JSON value
    """Return what a text of JSON holds, ``None`` for any other."""
    if text[:1] not in {"{", "["} or len(text) > _LONGEST:
        return None
    try:
        return parse_json(text.encode("utf-8", "surrogatepass"))
    except JsonError:
        return None


def marked(value: object, source: Source) -> Iterator[PlantedSecret]:
    """Yield where a response that was reduced held a secret: what stands in its place says so."""
    waiting: list[tuple[object, tuple[str | int, ...]]] = [(value, ())]
    while waiting:
        item, steps = waiting.pop()
        reason = ""
        if isinstance(item, str) and (found := _MARK.search(item)):
            reason = found[1]
        elif isinstance(item, dict) and item.get("secret") is True and "length" in item:
            reason = str(item.get("reason", "")).split("; ")[0]
        if reason:
            yield PlantedSecret("/".join(map(str, steps)), reason, source.at(*steps))
        elif isinstance(item, dict):
            waiting += [(inner, (*steps, str(name))) for name, inner in item.items()]
        elif isinstance(item, list | tuple):
            waiting += [(inner, (*steps, index)) for index, inner in enumerate(item)]


def looked_through(
    of: str, name: str, at: Source, found: Iterable[PlantedSecret], *, account: str = "", region: str = ""
) -> PlainSecrets:
    """Return the record that something was looked through, with what was found in the order of its places."""
    arn = parse_arn(of)
    if arn is not None and arn.account.isdigit():
        account, region = arn.account, arn.region or region
    return PlainSecrets(
        id=f"plain secrets:{at}:{of}",
        of=of,
        name=name,
        account=account,
        region=region,
        sources=(at,),
        secrets=tuple(sorted(found, key=lambda one: (one.place, str(one.source)))),
    )
