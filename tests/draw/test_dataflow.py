"""Diagrams: what is drawn, what is folded, that names stay text, that bytes do not change."""

import xml.etree.ElementTree as ET

import networkx as nx
import pygraphviz
import pytest

from auditkit.draw import Chip, groups_from_graph, plot_dataflow, plot_overview
from auditkit.draw._style import COLOUR, SENSITIVITY_CHIP
from auditkit.errors import DrawError
from auditkit.graph.schema import Boundary, Sensitivity
from auditkit.inventory import Kind

SVG = "{http://www.w3.org/2000/svg}"


def words(picture) -> str:
    return " ".join("".join(node.itertext()) for node in ET.fromstring(picture.svg).iter(f"{SVG}text"))


def arrows(picture) -> set[str]:
    return {node.get("id") for node in ET.fromstring(picture.svg).iter(f"{SVG}g") if node.get("class") == "edge"}


def test_every_boundary_is_a_cluster_and_every_node_is_there(platform, weakness):
    picture = plot_dataflow(platform, weakness=weakness, title="Order platform")
    text = words(picture)
    for expected in (
        "Order platform",
        "Account 111122223333",
        "VPC vpc-1",
        "Third parties",
        "charge-card",
        "ledger-aurora",
    ):
        assert expected in text
    drawn = set(picture.ids.values())
    folded = {name for name in platform if name.startswith("route:")} | {"rule", "logs"}
    assert drawn == set(platform) - folded


def test_routes_are_their_api_and_rules_are_arrows(platform):
    picture = plot_dataflow(platform)
    assert "nightly" in words(picture)
    element = {node: name for name, node in picture.ids.items()}
    assert f"e{element['bus'][1:]}-{element['nightly-report'][1:]}" in arrows(picture)
    assert "Not drawn: 1 log group." in picture.caption


def test_what_is_said_both_ways_is_written_once(platform):
    flow = platform.get_edge_data("customers", "create-order")
    for label, times in (("GetItem", 1), ("PutItem", 2)):
        back = {**next(iter(flow.values())), "label": label}
        platform.add_edge("create-order", "customers", key="back", **back)
        picture = plot_dataflow(platform, focus=["customers"], hops=1)
        written = words(picture).replace("PutItem", "GetItem").split()
        assert written.count("GetItem") == times
        assert len(arrows(picture)) == 2


def test_what_is_folded_can_be_asked_for(platform):
    picture = plot_dataflow(platform, show=[Kind.LOG_GROUP, Kind.RULE])
    assert {"logs", "rule"} <= set(picture.ids.values())


def test_focus_keeps_the_neighbourhood_only(platform):
    picture = plot_dataflow(platform, focus="charge-card", hops=1)
    assert set(picture.ids.values()) == {
        "charge-card",
        "orders-queue",
        "ledger",
        "secret",
        "fulfilment",
        "thirdparty:api.psp.example",
    }
    assert "from charge-card" in picture.caption
    assert "arn:" not in picture.caption


def test_focus_on_a_folded_route_draws_its_api(platform):
    picture = plot_dataflow(platform, focus="route:api/POST /orders", hops=1)
    assert "api" in picture.ids.values()


def test_focus_on_what_no_data_moves_through_is_drawn_alone_and_the_caption_says_so(platform):
    platform.add_node("idle", **{**platform.nodes["nightly-report"], "label": "idle"})
    picture = plot_dataflow(platform, focus=["idle", "charge-card"], hops=1)
    assert {"idle", "charge-card", "ledger"} <= set(picture.ids.values())
    assert "No data is seen to move to or from idle." in picture.caption
    assert "idle" in words(plot_dataflow(platform, focus="idle"))
    platform.add_node("aside", **{**platform.nodes["partner-role"], "label": "aside"})
    assert "aside" not in words(plot_dataflow(platform, focus=["aside", "charge-card"], hops=1))
    assert "aside" in words(plot_dataflow(platform, focus="aside"))


def test_focus_on_a_log_group_draws_what_writes_to_it(platform):
    picture = plot_dataflow(platform, focus="logs", hops=1)
    assert "logs" in picture.ids.values()
    assert len(picture.ids) > 1
    assert "No data" not in picture.caption


def test_unknown_focus_is_named(platform):
    with pytest.raises(DrawError, match="no-such-node"):
        plot_dataflow(platform, focus="no-such-node")


def test_too_many_nodes_are_refused_with_advice(platform):
    data = platform.nodes["orders"]
    edge = platform.edges["orders", "get-order", "reads:Query"]
    for index in range(400):
        platform.add_node(f"extra-{index}", **data)
        platform.add_edge(f"extra-{index}", "get-order", key="reads", **edge)
    with pytest.raises(DrawError, match="focus="):
        plot_dataflow(platform)


def test_a_hostile_name_stays_text(platform):
    name = '<script>alert("x")</script>\x1b[31m&amp;'
    platform.nodes["orders"]["label"] = name
    picture = plot_dataflow(platform, focus="orders", hops=1)
    assert "<script" not in picture.svg
    assert "\x1b" not in picture.svg
    assert "<script>" in words(picture)


def test_an_empty_graph_is_an_empty_picture():
    assert plot_dataflow(nx.MultiDiGraph()).ids == {}


def test_chips_are_drawn(platform):
    picture = plot_dataflow(platform, chips={"charge-card": Chip("HIGH", "#a50f15", "high")}, focus="charge-card")
    assert "HIGH" in words(picture)


@pytest.mark.parametrize("suffix", ["svg", "png", "pdf"])
def test_two_runs_give_the_same_bytes(platform, weakness, tmp_path, suffix):
    for name in ("one", "two"):
        plot_dataflow(platform, weakness=weakness, filepath=tmp_path / f"{name}.{suffix}")
    assert b"CreationDate (D:2000" in plot_dataflow(platform).render("pdf")
    assert (tmp_path / f"one.{suffix}").read_bytes() == (tmp_path / f"two.{suffix}").read_bytes()


def test_order_of_nodes_and_edges_does_not_matter(platform):
    shuffled = nx.MultiDiGraph()
    shuffled.add_nodes_from(reversed(list(platform.nodes(data=True))))
    shuffled.add_edges_from(reversed(list(platform.edges(keys=True, data=True))))
    assert plot_dataflow(platform).dot == plot_dataflow(shuffled).dot


def test_other_suffixes_are_refused(platform, tmp_path):
    with pytest.raises(DrawError, match=r"\.bmp"):
        plot_dataflow(platform, filepath=tmp_path / "picture.bmp")


def test_untagged_nodes_join_the_group_they_touch(platform):
    platform.nodes["charge-card"]["tags"] = {"App": "payments"}
    platform.nodes["create-order"]["tags"] = {"app": "orders"}
    groups = groups_from_graph(platform)
    assert set(groups) == {"orders", "payments", "ungrouped"}
    assert "pool" in groups["ungrouped"]
    assert "ledger" in groups["payments"]
    assert "sessions" in groups["orders"]
    assert not any(node.startswith("thirdparty:") for nodes in groups.values() for node in nodes)


def test_overview_has_a_node_for_each_group(platform, weakness):
    platform.nodes["charge-card"]["tags"] = {"app": "payments"}
    platform.nodes["create-order"]["tags"] = {"app": "orders"}
    picture = plot_overview(platform, weakness=weakness)
    drawn = set(picture.ids.values())
    assert {"group:111122223333/orders", "group:111122223333/payments", "internet", "partner-bus"} <= drawn
    assert not {"charge-card", "ledger"} & drawn


def many_accounts(platform, number):
    """The platform, once in each of so many accounts, each with a bucket of one more partner."""
    whole = nx.MultiDiGraph()
    for account in range(number):
        home = f"{account:012d}"
        for name, data in platform.nodes(data=True):
            boundary = data["boundary"]
            if boundary.kind in {"account", "VPC"}:
                parent = home if boundary.kind == "VPC" else ""
                own = boundary.id if boundary.kind == "VPC" else home
                boundary = Boundary(boundary.kind, own, f"{boundary.kind} {own}", parent)
            elif boundary.kind == "partner":
                boundary = Boundary("partner", f"9{account:011d}", f"Partner {account}")
            whole.add_node(f"{account}/{name}", **{**data, "boundary": boundary, "tags": {"app": f"{name[:3]}"}})
        for source, target, key, data in platform.edges(keys=True, data=True):
            whole.add_edge(f"{account}/{source}", f"{account}/{target}", key=key, **data)
    return whole


@pytest.mark.parametrize(
    ("number", "drawn"), [(20, {"boundary:account/000000000007"}), (200, {"boundary:partner/", "boundary:internet/"})]
)
def test_overview_of_many_groups_has_a_node_for_each_boundary_and_says_so(platform, number, drawn):
    picture = plot_overview(many_accounts(platform, number))
    assert drawn <= set(picture.ids.values())
    assert "groups are too many to draw" in picture.caption


def test_boundaries_of_the_same_name_in_two_accounts_stay_apart(platform, capfd):
    picture = plot_dataflow(many_accounts(platform, 2))
    assert words(picture).count("VPC vpc-1") == 2
    assert "ignored" not in capfd.readouterr().err


def test_caption_of_a_picture_of_many_nodes_stays_short(platform):
    picture = plot_dataflow(platform, focus=sorted(set(platform) - {"rule", "logs"}), hops=1)
    assert "and " in picture.caption
    assert len(picture.caption) < 300


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("colour", [*COLOUR.values(), *(chip.colour for chip in SENSITIVITY_CHIP.values())])
def test_white_text_on_a_chip_has_contrast(colour):
    assert 1.05 / (luminance(colour) + 0.05) >= 4.5


def test_each_sensitivity_has_a_chip():
    assert set(SENSITIVITY_CHIP) == set(Sensitivity)


def test_what_is_outside_by_kind_and_inside_by_account_is_in_the_account(platform):
    platform.nodes["topic"]["kind"] = Kind.API_DESTINATION
    picture = plot_dataflow(platform, focus="topic", hops=1)
    [element] = [name for name, node in picture.ids.items() if node == "topic"]
    graph = pygraphviz.AGraph(string=picture.dot)
    [account] = [cluster for cluster in graph.subgraphs() if "Account 111122223333" in cluster.graph_attr["label"]]
    assert element in account.nodes()
