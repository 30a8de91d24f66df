"""What a case decides, one by one, and how much of the account each decision is about."""

from collections.abc import Iterator

import pandas as pd

from auditkit.areas.scene import Scene
from auditkit.case import Selection, matches

__all__ = ["DECISION_COLUMNS", "decisions_frame"]

DECISION_COLUMNS = {
    "section": "section",
    "name": "of",
    "decides": "decides",
    "because": "because",
    "matches": "is about",
    "note": "note",
    "source": "source",
}
"""Columns of :func:`decisions_frame` that a person reads first, with their headings."""

_SIDES = {"in": "in scope", "out": "out of scope"}
_PARTNER, _PARTY = "partner", "third party"

Decision = tuple[str, str, str, str, int, tuple[str | int, ...]]
"""Section, name, what is decided, why, how much it is about, and the way to it in the file."""


def decisions_frame(scene: Scene) -> pd.DataFrame:
    """Return what a case decides, without its waivers (:func:`auditkit.areas.waivers_frame`).

    Parameters
    ----------
    scene
        Inventory, graph and case.

    Returns
    -------
    pandas.DataFrame
        One row per decision, in the order of the form: ``section``, ``name`` (account, host, pattern), ``decides``,
        ``because`` (attestation or reason), ``matches`` (int64: resources that it is about), ``note``, ``source``
        (str), ``line`` (int64).
    """
    rows = []
    for section, name, decides, because, count, path in _decisions(scene):
        note = "" if count else "the export holds no such thing"
        source, line = str(scene.case.source(*path)), scene.case.line(*path)
        rows.append((section, name, decides, because, count, note, source, line))
    frame = pd.DataFrame(rows, columns=[*DECISION_COLUMNS, "line"])
    frame.attrs["reason"] = "" if rows else "The case decides nothing but what stands under its waivers."
    return frame.astype({"matches": "int64", "line": "int64"})


def _decisions(scene: Scene) -> Iterator[Decision]:
    case = scene.case
    yield from _scope(scene)
    for account, name in sorted(case.accounts.items()):
        said = "trusted" if name == account else f"trusted: {name}"
        count = sum(one == (_PARTNER, account) for one in _boundaries(scene))
        yield "accounts", account, said, case.attestations.get(account, ""), count, ("accounts", account)
    for party, attestation in sorted(case.third_parties.items()):
        count = sum(kind in {_PARTNER, _PARTY} and matches(party, name) for kind, name in _boundaries(scene))
        yield "third_parties", party, "attested", attestation, count, ("third_parties", party)
    stores = [(node, data["label"]) for node, data in scene.graph.nodes(data=True) if data["sensitivity"] is not None]
    for pattern, sensitivity in sorted(case.classification.items()):
        count = sum(matches(pattern, *names) for names in stores)
        why = case.reasons.get(pattern, "")
        yield "classification", pattern, sensitivity, why, count, ("classification", pattern)
    for section, said in (("critical", "critical"), ("validated", "checks its input")):
        for pattern, why in sorted(getattr(case, section).items()):
            count = sum(matches(pattern, one.id, one.name) for one in scene.functions)
            yield section, pattern, said, why, count, (section, pattern)


def _boundaries(scene: Scene) -> list[tuple[str, str]]:
    return [(data["boundary"].kind, data["boundary"].id) for _, data in scene.graph.nodes(data=True)]


def _scope(scene: Scene) -> Iterator[Decision]:
    scope = scene.case.scope
    for side, selection in (("in", scope.inside), ("out", scope.outside)):
        for field in Selection.__struct_fields__:
            for number, pattern in enumerate(getattr(selection, field)):
                count = scene.scoping.count(field, pattern)
                yield "scope", f"{field} {pattern}", _SIDES[side], scope.reason, count, ("scope", side, field, number)
