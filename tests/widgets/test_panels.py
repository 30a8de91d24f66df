"""The panels of the notebooks, their controls moved as a person would."""

import sys
from pathlib import Path

import ipywidgets
import pytest

import auditkit as ak
from auditkit import Audit
from auditkit.inventory import Inventory
from auditkit.widgets import _panel
from auditkit.widgets._panel import Panel, slider

sys.path.insert(0, str(Path(__file__).parent.parent))

from smallexport import HOSTILE, write_export

PANELS = (ak.explore_transit, ak.explore_blast, ak.explore_fixes)


@pytest.fixture(scope="module")
def audit(tmp_path_factory) -> Audit:
    return Audit(ak.read(write_export(tmp_path_factory.mktemp("export"))))


def controls(panel, kind) -> list:
    found, waiting = [], list(panel.children)
    while waiting:
        widget = waiting.pop(0)
        waiting = [*getattr(widget, "children", ()), *waiting]
        found += [widget] if isinstance(widget, kind) else []
    return found


def shown(panel) -> dict[str, str]:
    return {name: part.value for name, part in panel.parts.items()}


@pytest.mark.parametrize("explore", PANELS)
def test_a_panel_shows_the_same_without_widgets(audit, explore):
    panel = explore(audit)
    bundle = panel._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert all(text in bundle["text/html"] for text in shown(panel).values())
    assert "<table" in bundle["text/html"]
    assert "<script" not in bundle["text/html"]
    assert HOSTILE not in bundle["text/html"]


def test_what_a_panel_shows_stands_below_it_and_follows(audit, monkeypatch):
    shown, updates = [], []

    class Handle:
        def update(self, bundle, *, raw):
            updates.append((bundle["text/html"], raw))

    def display(bundle, *, raw, display_id=False):
        shown.append((set(bundle), raw))
        return Handle() if display_id else None

    monkeypatch.setattr(_panel, "display", display)
    panel = ak.explore_fixes(audit)
    panel._ipython_display_()
    (live, raw), (still, still_raw) = shown
    assert raw
    assert still_raw
    assert "application/vnd.jupyter.widget-view+json" in live
    assert "text/html" not in live  # a page would take the panel before it, and show nothing
    assert still == {"text/html"}
    controls(panel, ipywidgets.Checkbox)[0].value = True
    ((html, _),) = updates
    assert panel.parts["todo"].value in html


@pytest.mark.parametrize("explore", PANELS)
def test_every_control_can_be_moved_and_moved_back(audit, explore):
    panel = explore(audit)
    before = shown(panel)
    for control in controls(panel, (ipywidgets.Dropdown, ipywidgets.FloatSlider, ipywidgets.Checkbox)):
        value = control.value
        if isinstance(control, ipywidgets.Dropdown):
            control.value = control.options[-1][1]
        elif isinstance(control, ipywidgets.Checkbox):
            control.value = not value
        else:
            control.value = min(control.max, value + control.step)
        control.value = value
    assert shown(panel) == before


def test_a_ticked_fix_lowers_the_risk_and_says_what_to_do(audit):
    panel = ak.explore_fixes(audit)
    before = shown(panel)
    tick = controls(panel, ipywidgets.Checkbox)[0]
    tick.value = True
    assert panel.parts["scores"].value != before["scores"]
    assert "<pre>" in panel.parts["todo"].value
    assert audit.what_if().risk == ak.whatif(audit.graph).risk


def test_paths_can_be_picked_by_the_entry_that_they_come_in_by():
    audit = Audit(ak.samples.load("retailer"))
    panel = ak.explore_transit(audit)
    start = controls(panel, ipywidgets.Dropdown)[0]
    names = [name for name, _ in start.options]
    assert "GET /search" in names
    assert len(set(names)) == len(names)
    start.value = dict(start.options)["GET /search"]
    assert "internet → GET /search → " in panel.parts["paths"].value
    assert "GET /admin/export" not in panel.parts["paths"].value


def test_weights_that_do_not_go_together_are_named_and_nothing_changes(audit):
    panel = ak.explore_blast(audit)
    before = shown(panel)
    call = controls(panel, ipywidgets.FloatSlider)[0]
    call.value = 8
    assert "call" in panel._status.value
    assert shown(panel) == before
    call.value = 1
    assert panel._status.value == ""


@pytest.mark.parametrize("explore", PANELS)
def test_an_empty_inventory_gives_a_panel_that_says_why_it_is_empty(explore):
    panel = explore(Audit(Inventory()))
    assert panel._repr_mimebundle_()["text/html"]


def test_a_panel_has_to_say_what_it_computes():
    with pytest.raises(NotImplementedError):
        Panel([slider("x", 0, most=1, step=0.1)], ["part"]).refresh()
