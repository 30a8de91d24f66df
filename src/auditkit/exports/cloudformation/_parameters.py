"""Parameters of templates: what they are worth, given or by default, by their type."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from auditkit.exports.cloudformation._identity import spelled
from auditkit.exports.cloudformation._values import NOTHING, Symbols

__all__ = ["Parameter"]

_STORED = "AWS::SSM::Parameter::Value<"
_LISTS = ("CommaDelimitedList", "List<", f"{_STORED}CommaDelimitedList", f"{_STORED}List<")


class Parameter(NamedTuple):
    """A parameter of a stack.

    Attributes
    ----------
    declared
        Its declaration; empty where there is none.
    symbols
        Stand for what is not known.
    name
        What its symbol is named by: the stack, and the parameter.
    """

    declared: Mapping[str, Any]
    symbols: Symbols
    name: tuple[str, str]

    def value(self, given: Any, stored: Callable[[str], Any]) -> Any:  # noqa: ANN401 -- a template holds anything
        """Return what it is worth: what is given, by default, or its symbol.

        Parameters
        ----------
        given
            What is given for it, :data:`NOTHING` where nothing is.
        stored
            Returns what Parameter Store holds under a name, :data:`NOTHING` where that is not known.
        """
        kind = spelled(self.declared.get("Type"))
        value = self._by_default() if given is NOTHING else given
        if value is not NOTHING and value is not None and kind.startswith(_STORED):
            found = stored(spelled(value))
            value = self.symbols.symbol("ssm", spelled(value)) if found is NOTHING else found
        if value is NOTHING or value is None or isinstance(value, dict):
            value = self.symbols.symbol(*self.name)
        if kind.startswith(_LISTS):
            if isinstance(value, list):
                return value
            return [part.strip() for part in spelled(value).split(",")] if spelled(value) else []
        return ",".join(spelled(item) for item in value) if isinstance(value, list) and kind else value

    def _by_default(self) -> Any:  # noqa: ANN401
        value = self.declared.get("Default", NOTHING)
        allowed = self.declared.get("AllowedValues")
        if value is NOTHING and isinstance(allowed, list) and len(allowed) == 1:
            return allowed[0]
        return value
