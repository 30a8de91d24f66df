"""The API calls that auditkit reads: one row each in ``calls.csv``, and in two more for those asked on wish.

The table drives three things that must agree: how a file name is recognised, which calls an export is expected to hold
(coverage), and what is asked of an account when one is collected. Names are checked against botocore's service models
in the tests.
"""

import csv
import json
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import jmespath
import msgspec

__all__ = [
    "Answer",
    "ApiCall",
    "Argument",
    "api_calls",
    "arguments_from",
    "call_named",
    "known_calls",
    "setting_calls",
    "trigger_calls",
]

Answer = tuple[Mapping[str, Any], Mapping[str, Any]]
"""The arguments of a call that was made, and its response."""


class Argument(msgspec.Struct, frozen=True):
    """Arguments of a call that come from the response of another one.

    Attributes
    ----------
    names
        Parameter names of the call.
    service, operation
        The call whose response gives the values.
    path
        JMESPath expression into that response: a list of values, or of lists with one value per name. A ``$name`` in it
        stands for the argument ``name`` that the other call was made with.
    """

    names: tuple[str, ...]
    service: str
    operation: str
    path: str


class ApiCall(msgspec.Struct, frozen=True):
    """One API call that auditkit reads.

    Attributes
    ----------
    service, operation
        By botocore's names.
    everywhere
        True for a call that is made once per account (region ``"global"``), not once per region.
    arguments
        What the call is made for; several where it is asked of things of more than one kind (a function, its aliases);
        none for a call without a resource.
    fixed
        Parameters that are always the same. Several values (``A|B``) are asked for one after the other; one may be for
        a region alone (``B@us-east-1``).
    results
        Top-level keys of which at least one is in a response that says something.
    empty_errors
        Error codes that mean *there is none*, not *refused*.
    """

    service: str
    operation: str
    everywhere: bool
    arguments: tuple[Argument, ...]
    fixed: dict[str, str]
    results: tuple[str, ...]
    empty_errors: frozenset[str]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all parameters that the call may be made for, in order; the last may be left out."""
        return max((argument.names for argument in self.arguments), key=len, default=())


def _argument(text: str) -> Argument:
    names, _, origin = text.partition("=")
    call, _, path = origin.partition(":")
    service, _, operation = call.partition(".")
    return Argument(tuple(names.split(",")), service, operation, path)


def _call(row: dict[str, str]) -> ApiCall:
    fixed = dict(pair.split("=", 1) for pair in row["fixed"].split(";") if pair)
    return ApiCall(
        service=row["service"],
        operation=row["operation"],
        everywhere=row["scope"] == "global",
        arguments=tuple(_argument(text) for text in row["arguments"].split(";") if text),
        fixed=fixed,
        results=tuple(row["result"].split("|")),
        empty_errors=frozenset(code for code in row["empty_errors"].split("|") if code),
    )


def _calls_in(table: str) -> tuple[ApiCall, ...]:
    text = files("auditkit.exports").joinpath(table).read_text(encoding="utf-8")
    return tuple(_call(row) for row in csv.DictReader(text.splitlines()))


@cache
def api_calls() -> tuple[ApiCall, ...]:
    """Return the calls that an export should hold, in order: a call stands after the one that gives its argument."""
    return _calls_in("calls.csv")


@cache
def trigger_calls() -> tuple[ApiCall, ...]:
    """Return the calls that show what else makes functions run, in order; they are read where they are there."""
    return _calls_in("triggers.csv")


@cache
def setting_calls() -> tuple[ApiCall, ...]:
    """Return the calls that show what servers start with, in order; they are read where they are there."""
    return _calls_in("settings.csv")


@cache
def known_calls() -> tuple[ApiCall, ...]:
    """Return all calls that are read, in order."""
    return (*api_calls(), *trigger_calls(), *setting_calls())


@cache
def call_named(service: str, operation: str) -> ApiCall | None:
    """Return the call of this name, or ``None`` where it is not in the table."""
    return next((call for call in known_calls() if (call.service, call.operation) == (service, operation)), None)


def arguments_from(argument: Argument, answers: Iterable[Answer]) -> list[dict[str, Any]]:
    """Return the arguments that a call is to be made with, one mapping per call, without repetition, in order.

    Parameters
    ----------
    argument
        Where the arguments come from.
    answers
        Arguments and responses of the call that it names.
    """
    found: dict[str, dict[str, Any]] = {}
    for given, response in answers:
        values = jmespath.search(_bound(argument.path, given), response) or ()
        for value in values:
            row = value if isinstance(value, list) else [value]
            if len(row) == len(argument.names) and all(part is not None for part in row):
                arguments = dict(zip(argument.names, row, strict=True))
                found.setdefault(json.dumps(arguments, sort_keys=True, default=str), arguments)
    return list(found.values())


def _bound(path: str, given: Mapping[str, Any]) -> str:
    """Put the values of the other call's arguments, as literals, where the path says ``$name``."""
    for name in sorted(given, key=len, reverse=True):
        literal = json.dumps(given[name]).replace("`", "\\u0060")
        path = path.replace(f"${name}", f"`{literal}`")
    return path
