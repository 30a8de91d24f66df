"""Who patches what functions run on, and until when."""

import pandas as pd

from auditkit.areas.scene import Scene
from auditkit.areas.versions import is_image
from auditkit.areas.vulnerable import Running, running
from auditkit.facts import get_runtime, get_table

__all__ = ["PATCHING_COLUMNS", "patching_frame"]

PATCHING_COLUMNS = {
    "runs_on": "runs on",
    "patched_by": "who patches it",
    "deprecated": "until",
    "days": "days past that",
    "functions": "functions",
    "names": "which",
}
"""Columns of :func:`patching_frame` that a person reads first, with their headings."""

_AWS, _LANGUAGE, _IMAGE = (
    "AWS, operating system and language",
    "AWS the operating system, the customer the language",
    "the customer, by building the image anew",
)
_NOBODY, _NOT_DATED = "nobody any more", "not known without an audit date"
_UNKNOWN = "not known: it is in no table"


def patching_frame(scene: Scene) -> pd.DataFrame:
    """Return what functions run on, that which went longest without patches first.

    Returns
    -------
    pandas.DataFrame
        One row per runtime, and one for container images: ``runtime`` (identifier, ``""`` for images), ``runs_on``,
        ``patched_by``, ``deprecated``, ``blocked`` (ISO 8601 dates, ``""`` for none: no patches, no updates from then
        on), ``days`` (float64: from the first to the audit date, negative before it, missing where either is not
        known), ``functions`` (int64: number of functions), ``names`` (tuple of str: of them, with the version where
        one that is in use differs). ``attrs`` has ``as_of`` and ``source`` of the table of runtimes, and ``age``, its
        days on the audit date (``None`` without one).
    """
    runs: dict[str, dict[str, str]] = {}
    for one in (one for function in scene.functions for one in running(function, scene)):
        runs.setdefault(_runtime(one), {})[f"{one.function.name} {one.place}".strip()] = one.function.id
    rows = sorted((_row(scene, runtime, named) for runtime, named in runs.items()), key=_order)
    columns = ["runtime", "runs_on", "patched_by", "deprecated", "blocked", "days", "functions", "names"]
    frame = pd.DataFrame(rows, columns=columns).astype({"days": "float64", "functions": "int64"})
    table = get_table("runtimes")
    frame.attrs |= {"as_of": table.as_of, "source": table.source, "age": scene.age(table.as_of)}
    frame.attrs["reason"] = "" if rows else "The export shows no function."
    return frame


def _runtime(one: Running) -> str:
    return "" if is_image(one.code) else one.code.runtime or "?"


def _row(scene: Scene, name: str, named: dict[str, str]) -> tuple[object, ...]:
    functions, names = len(set(named.values())), tuple(sorted(named))
    runtime = get_runtime(name)
    if not name:
        return "", "container images", _IMAGE, "", "", None, functions, names
    if runtime is None:
        return name, name, _UNKNOWN, "", "", None, functions, names
    days = scene.age(runtime.deprecated)
    who = _AWS if runtime.managed else _LANGUAGE
    if runtime.deprecated and (days is None or days >= 0):
        who = _NOT_DATED if days is None else _NOBODY
    return name, runtime.label, who, runtime.deprecated, runtime.blocked, days, functions, names


def _order(row: tuple[object, ...]) -> tuple[object, ...]:
    *_, deprecated, _blocked, days, functions, _names = row
    assert isinstance(functions, int)
    return days is None, deprecated, -functions, row[:2]
