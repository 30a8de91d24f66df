"""Stage variables: what a template such as ``function:${stageVariables.fn}`` stands for in each stage.

Values of stage variables are not kept, only their digests. What they name is found by its own digest: names and ARNs of
the inventory's records, qualified functions, names of stages. A value that names none of these stays a variable.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping

from auditkit.inventory import Inventory
from auditkit.inventory.records.apis import (
    RestApi,
    RestStage,
)
from auditkit.inventory.records.apis_v2 import (
    ApiStage,
)
from auditkit.inventory.records.apis_v2 import (
    ApiV2 as _ApiV2,
)
from auditkit.inventory.records.functions import EnvironmentValue, FunctionAlias, FunctionVersion

__all__ = ["Vocabulary", "resolutions"]

Stage = RestStage | ApiStage

_DIGITS = 16
_VARIABLE = re.compile(r"\$\{stageVariables\.(?P<braced>\w+)\}|\$?stageVariables\.(?P<bare>\w+)", re.ASCII)
_WORDS = (
    "$LATEST",
    "blue",
    "dev",
    "development",
    "green",
    "int",
    "live",
    "prod",
    "production",
    "qa",
    "stage",
    "staging",
    "test",
)


class Vocabulary:
    """Texts of an inventory by their digest; made when the first one is asked for."""

    def __init__(self, inventory: Inventory) -> None:
        self._inventory = inventory
        self._texts: dict[str, str] | None = None

    def __getitem__(self, digest: str) -> str:
        """Return the text with a digest (16 hexadecimal digits), ``""`` where no record has it."""
        if self._texts is None:
            self._texts = {_digest(text): text for text in sorted(set(self._words()), reverse=True)}
        return self._texts.get(digest[:_DIGITS], "") if digest else ""

    def _words(self) -> Iterator[str]:
        yield from _WORDS
        for record in self._inventory:
            yield from (record.id, record.name)
            for separator in ":/":
                yield record.id.rpartition(separator)[2]
            if isinstance(record, FunctionAlias | FunctionVersion):
                yield record.id.partition(":function:")[2]
            if isinstance(record, RestApi | _ApiV2) and isinstance(record.stages, tuple):
                yield from (stage.stage_name for stage in record.stages)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]


def resolutions(text: str, stages: Iterable[Stage], vocabulary: Vocabulary) -> tuple[str, ...]:
    """Return what a text stands for in any of the stages, sorted; the text itself where there is no stage.

    Parameters
    ----------
    text
        Text with or without stage variables.
    stages
        Stages of the API, with their variables; those of a canary release count besides.
    vocabulary
        Of the inventory.
    """
    if not _VARIABLE.search(text):
        return (text,)
    found = {
        _filled(text, variables, vocabulary)
        for stage in stages
        for variables in (stage.variables, {**stage.variables, **getattr(stage, "canary_variables", {})})
    }
    return tuple(sorted(found)) or (text,)


def _filled(text: str, variables: Mapping[str, EnvironmentValue], vocabulary: Vocabulary) -> str:
    def value(match: re.Match[str]) -> str:
        found = variables.get(match["braced"] or match["bare"])
        if found is None:
            return match[0]
        host = f"{found.host}:{found.port}" if found.host and found.port else found.host
        return found.arn or vocabulary[found.sha256] or host or match[0]

    return _VARIABLE.sub(value, text)
