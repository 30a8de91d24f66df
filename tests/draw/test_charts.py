"""Charts: rings, strips and matrices say what they were given, and come out the same each time."""

import msgspec
import pandas as pd
import pytest

from auditkit.audit import Audit
from auditkit.draw import (
    PathHop,
    PathStop,
    Reached,
    figure_svg,
    plot_matrix,
    plot_reached,
    plot_stops,
    plot_wallet,
    plot_witness,
)
from auditkit.draw._figure import save_figure
from auditkit.draw._style import wrap
from auditkit.errors import DrawError
from auditkit.graph.schema import Sensitivity
from auditkit.inventory import Kind
from auditkit.samples import load


def reached(count: int) -> list[Reached]:
    return [
        Reached(store=f"s{i}", label=f"store-{i}", kind=Kind.TABLE, sensitivity=list(Sensitivity)[i % 5], cost=i % 6,
                contribution=float(i), levels=("read",))
        for i in range(count)
    ]  # fmt: skip


STOPS = [
    PathStop(label="Internet", kind=Kind.INTERNET),
    PathStop(label="hook", kind=Kind.FUNCTION, boundary="111122223333"),
    PathStop(label="ledger", kind=Kind.DATABASE, sensitivity=Sensitivity.RESTRICTED),
]
HOPS = [
    PathHop(label="POST", weakness=0.82, shares={"authentication": 70.0, "validation": 30.0}),
    PathHop(label="TCP 3306", weakness=0.5, shares={"encryption": 100.0}),
]


def test_ring_names_every_store_it_draws():
    figure, _ = plot_reached("charge-card", reached(7), score="BR 14.2")
    svg = figure_svg(figure)
    assert all(f"store-{i}" in svg for i in range(7))
    assert "BR 14.2" in svg
    assert "charge-card" in svg


@pytest.mark.parametrize("form", ["svg", "png", "pdf"])
def test_names_in_letters_that_the_font_lacks_are_drawn_without_a_warning(tmp_path, form):
    name = "\u6f22\u5b57-\u05d0\u0645-\U0001f600"
    there = [msgspec.structs.replace(one, label=name) for one in reached(3)]
    stops = [msgspec.structs.replace(one, label=name) for one in STOPS]
    for figure, _ in (plot_reached(name, there), plot_stops(stops, HOPS, title=name)):
        save_figure(figure, tmp_path / f"picture.{form}")
        if form == "svg":
            assert name in (tmp_path / "picture.svg").read_text("utf-8")


def test_ring_counts_what_it_leaves_out():
    figure, _ = plot_reached("f", reached(50), limit=10)
    svg = figure_svg(figure)
    assert "40 that add least are not drawn" in svg
    assert "store-49" in svg
    assert "store-3<" not in svg


def test_ring_of_nothing():
    figure, _ = plot_reached("f", [])
    assert "0 stores" in figure_svg(figure)


def test_strip_marks_the_weakest_hop_once():
    figure, _ = plot_stops(STOPS, HOPS, subtitle="U 2.41")
    svg = figure_svg(figure)
    assert svg.count("weakest hop") == 1
    assert "W 0.82" in svg
    assert "restricted" in svg


def test_strip_of_safe_hops_marks_none():
    figure, _ = plot_stops(STOPS[:2], [PathHop(label="x", weakness=0.0, shares={})])
    assert "weakest hop" not in figure_svg(figure)


def test_steps_of_an_attacker_have_no_weakness():
    svg = figure_svg(plot_stops(STOPS, [PathHop(label="invokes"), PathHop(label="permits")])[0])
    assert "permits" in svg
    assert ">W " not in svg
    assert "weakest hop" not in svg


def test_a_witness_path_names_its_nodes_and_how_one_gets_on():
    audit = Audit(load("retailer"))
    finding = next(finding for finding in audit.findings if len(finding.path) > 2)
    svg = figure_svg(plot_witness(audit.graph, finding.path, title=finding.check)[0])
    assert finding.check in svg
    assert "invokes" in svg or "runs as" in svg or "permits" in svg
    with pytest.raises(DrawError, match="not in the graph: nobody"):
        plot_witness(audit.graph, ["nobody"])
    with pytest.raises(DrawError, match="without a node"):
        plot_witness(audit.graph, [])


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("event pattern", ["event ", "pattern"]),
        ("NEW_AND_OLD_IMAGES", ["NEW_AND_", "OLD_IMAGES"]),
        ("delivers", ["delivers"]),
        ("unbreakable-as-it-is", ["unbreakabl", "e-as-it-is"]),
    ],
)
def test_words_break_at_their_own_separators(text, lines):
    assert wrap(text, 10 if text.startswith("un") else 11) == lines


def test_long_strips_wrap():
    stops = [PathStop(label=f"n{i}", kind=Kind.FUNCTION) for i in range(12)]
    hops = [PathHop(label=f"h{i}", weakness=0.1, shares={"network": 100.0}) for i in range(11)]
    svg = figure_svg(plot_stops(stops, hops)[0])
    assert all(f">n{i}<" in svg for i in range(12))


def test_strip_refuses_hops_that_do_not_fit():
    with pytest.raises(DrawError, match="has 2 hops, not 1"):
        plot_stops(STOPS, HOPS[:1])


def test_matrix_keeps_the_largest():
    matrix = pd.DataFrame([[1.0, 0.0], [0.0, 5.0], [0.0, 0.0]], index=["a", "b", "idle"], columns=["s", "t"])
    svg = figure_svg(plot_matrix(matrix)[0])
    assert ">b<" in svg
    assert ">idle<" not in svg
    assert "1 functions and 0 stores" in svg


def test_empty_matrix():
    assert "No function reaches a store." in figure_svg(plot_matrix(pd.DataFrame(dtype=float))[0])


@pytest.mark.parametrize("suffix", ["svg", "png", "pdf"])
def test_two_runs_give_the_same_bytes(tmp_path, suffix):
    for name in ("one", "two"):
        plot_reached("f", reached(5), filepath=tmp_path / f"{name}-ring.{suffix}")
        plot_stops(STOPS, HOPS, filepath=tmp_path / f"{name}-strip.{suffix}")
    for chart in ("ring", "strip"):
        assert (tmp_path / f"one-{chart}.{suffix}").read_bytes() == (tmp_path / f"two-{chart}.{suffix}").read_bytes()


def test_hostile_names_stay_text():
    name = "<script>alert(1)</script>$x_"
    svg = figure_svg(plot_reached(name, reached(1))[0])
    assert "<script" not in svg
    assert "$x_" in svg


def test_a_broken_formula_is_a_name():
    assert "$\\frac{$" in figure_svg(plot_reached("$\\frac{$", [])[0])


def test_matrix_prints_labels():
    matrix = pd.DataFrame([[1.0]], index=["arn:f"], columns=["arn:s"])
    svg = figure_svg(plot_matrix(matrix, labels={"arn:f": "orders-create", "arn:s": "orders"})[0])
    assert ">orders-create<" in svg
    assert ">orders<" in svg
    assert "arn:f" not in svg


def test_wallet_draws_an_arrow_where_no_limit_is_known():
    rows = [("$POST /x", "anonymous", 5.0, 80.0), ("bucket-" * 20, "anonymous", float("inf"), float("inf"))]
    figure, axes = plot_wallet(pd.DataFrame(rows, columns=["label", "entry", "low", "high"]))
    svg = figure_svg(figure)
    assert "$POST /x (anonymous)" in svg
    assert "bucket-bucket" in svg
    assert len([line for line in axes.get_lines() if line.get_marker() == ">"]) == 1
    assert svg == figure_svg(plot_wallet(pd.DataFrame(rows, columns=["label", "entry", "low", "high"]))[0])


def test_wallet_of_nothing():
    figure, _ = plot_wallet(pd.DataFrame(columns=["label", "entry", "low", "high"]))
    assert "What a flood can cost an hour" in figure_svg(figure)
