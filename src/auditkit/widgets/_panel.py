"""What the panels share: controls above, what follows from them below, and the same without widgets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

import ipywidgets
import pandas as pd
from IPython.display import DisplayHandle, display
from matplotlib.figure import Figure

from auditkit import tables
from auditkit.draw import figure_svg, picture_html
from auditkit.errors import AuditkitError
from auditkit.shown import table_html

__all__ = ["LAYOUT", "STYLE", "Panel", "choices", "picture", "slider", "sliders", "table"]

_STILL = """<style>
div:has(.widget-vbox) ~ div .auditkit-still {{ display: none; }}
</style><div class="auditkit-still tex2jax_ignore mathjax_ignore">{}</div>"""
STYLE = {"description_width": "11em"}
LAYOUT = {"width": "32em"}


class Panel(ipywidgets.VBox):  # type: ignore[misc]  # a library without types
    """Controls, and parts that follow from them.

    Parameters
    ----------
    controls
        Widgets whose value counts, or boxes of them.
    parts
        Names of the parts, in the order in which they are shown.
    """

    def __init__(self, controls: Sequence[ipywidgets.Widget], parts: Iterable[str]) -> None:
        self.parts = {name: ipywidgets.HTML() for name in parts}
        self._status = ipywidgets.HTML()
        self._below: DisplayHandle | None = None
        super().__init__([*controls, self._status, *self.parts.values()])
        for control in _valued(controls):
            control.observe(lambda _change: self.refresh(), names="value")

    def compute(self) -> Mapping[str, str]:
        """Return the HTML of each part, by the values of the controls."""
        raise NotImplementedError

    def refresh(self) -> None:
        """Work out all parts anew; where the values do not go together, say so and leave them as they are."""
        try:
            parts = self.compute()
        except AuditkitError as error:
            self._status.value = f"<p role='alert'><b>{escape(str(error))}</b></p>"
            return
        self._status.value = ""
        for name, text in parts.items():
            self.parts[name].value = text
        if self._below is not None:
            self._below.update({"text/html": _STILL.format(self.still)}, raw=True)  # type: ignore[no-untyped-call]

    def _repr_mimebundle_(self, **options: Any) -> dict[str, str]:  # noqa: ANN401 -- as ipywidgets has it
        bundle: dict[str, str] = super()._repr_mimebundle_(**options)
        return bundle | {"text/html": self.still}

    @property
    def still(self) -> str:
        """What the panel shows now, as HTML without controls."""
        return "".join(part.value for part in self.parts.values())

    def _ipython_display_(self) -> None:
        """Show the panel, and below it what it shows as plain HTML, which is out of sight where the panel is alive.

        Whatever makes a page of a notebook would take the panel before its HTML, and show nothing without a network.
        """
        display(super()._repr_mimebundle_(), raw=True)  # type: ignore[no-untyped-call]
        still = {"text/html": _STILL.format(self.still)}
        self._below = display(still, raw=True, display_id=True)  # type: ignore[no-untyped-call]


def _valued(widgets: Iterable[ipywidgets.Widget]) -> Iterable[ipywidgets.Widget]:
    for widget in widgets:
        if isinstance(widget, ipywidgets.Box):
            yield from _valued(widget.children)
        elif widget.has_trait("value") and not isinstance(widget, ipywidgets.HTML):
            yield widget


def choices(label: str, options: Iterable[tuple[str, object]], **more: Any) -> ipywidgets.Dropdown:  # noqa: ANN401
    """Return a list to pick from; each option is what a person reads, and what it stands for.

    Where several read the same, what they stand for is added.
    """
    told = list(options)
    count = Counter(name for name, _ in told)
    found = [(name if count[name] == 1 else f"{name} ({value})", value) for name, value in told]
    return ipywidgets.Dropdown(options=found, description=label, style=STYLE, layout=LAYOUT, **more)


def slider(label: str, value: float, *, most: float, step: float) -> ipywidgets.FloatSlider:
    """Return a slider from 0 that takes effect when it is let go."""
    return ipywidgets.FloatSlider(
        value=value,
        min=0,
        max=most,
        step=step,
        description=label,
        continuous_update=False,
        style=STYLE,
        layout=LAYOUT,
    )


def sliders(heading: str, controls: Sequence[ipywidgets.Widget]) -> ipywidgets.Accordion:
    """Return sliders folded away under a heading."""
    return ipywidgets.Accordion([ipywidgets.VBox(list(controls))], titles=(heading,), selected_index=None)


def table(frame: pd.DataFrame, columns: str, *, heading: str, most: int = 15) -> str:
    """Return the first rows of a table as HTML, under a heading; the reason where there are none."""
    shown = tables.show(frame, columns)
    return f"<h4>{escape(heading)}</h4>{table_html(shown, most=most)}"


def picture(figure: Figure, text: str) -> str:
    """Return a figure as HTML, with what it shows in words."""
    return picture_html(figure_svg(figure), text=text)
