import json
import re
from itertools import pairwise

import networkx as nx
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from auditkit import samples
from auditkit.errors import ScoreError
from auditkit.exports import read
from auditkit.facts import FACTORS, get_fix_rules
from auditkit.graph import connect
from auditkit.graph.schema import INTERNET, AccessLevel, EdgeKind, EntryKind, Evidence, Sensitivity, View
from auditkit.inventory import Kind, Source
from auditkit.score import derive_fixes, exposure, fixes, portfolio, transit, whatif
from auditkit.score.changes import changed_graph
from auditkit.score.fixes.model import FixKind, fix_from_rule, quoted_in_hcl
from tests.score.graphs import Sketch, factors, parallel_ways, queue_cycle, shop
from tests.score.strategies import data_graphs, relabelled, trust_graphs

STATEMENT = Source("gaad.json", "/RoleDetailList/0/RolePolicyList/0/PolicyDocument/Statement/0")
MANAGED = Source("gaad.json", "/Policies/0/PolicyVersionList/0/Document/Statement/0")
SETTINGS = [rule for rule in get_fix_rules().values() if rule.group == "setting"]
BUCKET_POLICY = Source("bucket.json", "/Policy/Statement/0")


def rules_of(graph):
    return sorted(fix.id.rpartition("-")[0] for fix in derive_fixes(graph))


def the_fix(graph, rule):
    return next(fix for fix in derive_fixes(graph) if fix.id.startswith(rule))


# ---------------------------------------------------------------- laws


@settings(max_examples=40, deadline=None)
@given(trust_graphs())
def test_no_fix_ever_raises_an_exposure_and_the_gain_is_the_difference(graph):
    before = exposure(graph).set_index("store").X_high
    table = fixes(graph)
    for fix in derive_fixes(graph):
        after = exposure(changed_graph(graph, [fix.change])).set_index("store").X_high
        assert (after <= before[after.index] + 1e-9).all()
        row = table[table.fix == fix.id].iloc[0]
        assert row.dR_high == pytest.approx(before.sum() - after.sum(), abs=1e-8)
        assert row.dR_low <= row.dR_high + 1e-9
        assert row.R_left_low <= row.R_left_high
        if fix.certain is not None:
            least = exposure(changed_graph(graph, [fix.certain])).X_high.sum()
            assert after.sum() - 1e-9 <= least <= before.sum() + 1e-9
            assert row.R_left_high == pytest.approx(least, abs=1e-8)


@settings(max_examples=40, deadline=None)
@given(data_graphs(nodes=6, edges=8))
def test_no_fix_ever_makes_a_path_riskier(graph):
    before = transit(graph).SU_high.max()
    for fix in derive_fixes(graph):
        after = transit(changed_graph(graph, [fix.change])).SU_high.max()
        assert not after > before + 1e-9
    table = fixes(graph)
    assert (table.dSU_low >= 0).all()
    assert (table.dSU_low <= table.dSU_high).all()


@settings(max_examples=25, deadline=None)
@given(trust_graphs(), st.randoms(use_true_random=False))
def test_the_order_of_edges_changes_no_fix(graph, random):
    order = sorted(graph)
    random.shuffle(order)
    again = nx.MultiDiGraph()
    again.add_nodes_from((node, graph.nodes[node]) for node in order)
    again.add_edges_from(sorted(graph.edges(keys=True, data=True), key=lambda edge: (order.index(edge[0]), edge[2])))
    assert fixes(again).drop(columns="sources").equals(fixes(graph).drop(columns="sources"))


@settings(max_examples=25, deadline=None)
@given(trust_graphs(), st.randoms(use_true_random=False))
def test_other_names_give_the_same_gains(graph, random):
    order = sorted(graph)
    random.shuffle(order)
    other, _ = relabelled(graph, order)
    assert sorted(fixes(other).dR_high.round(6)) == sorted(fixes(graph).dR_high.round(6))


@settings(max_examples=20, deadline=None)
@given(trust_graphs(), st.integers(1, 4))
def test_a_portfolio_never_raises_the_risk_and_ends_where_its_fixes_lead(graph, k):
    table = portfolio(graph, k=k)
    assert len(table) <= k
    left = [table.attrs["R_high"], *table.R_high]
    assert all(now <= before + 1e-9 for before, now in pairwise(left))
    if len(table):
        by_id = {fix.id: fix for fix in derive_fixes(graph)}
        after = changed_graph(graph, [by_id[name].change for name in table.fix])
        assert table.R_high.iloc[-1] == pytest.approx(exposure(after).X_high.sum())


# ---------------------------------------------------------------- statements


def with_role(*, flow=True):
    sketch = Sketch()
    sketch.internet()
    sketch.route("GET /")
    sketch.function("f", role="r")
    sketch.invokes(INTERNET, "GET /", 0)
    sketch.invokes("GET /", "f", 0)
    for name in ("used", "unused"):
        sketch.store(name, Kind.TABLE, Sensitivity.RESTRICTED)
        for access in (AccessLevel.READ, AccessLevel.WRITE, AccessLevel.ADMIN):
            sketch.permits("r", name, access, sources=(STATEMENT,))
    if flow:
        sketch.data("used", "f", EdgeKind.READS)
    return sketch


def test_a_statement_keeps_what_the_code_of_the_role_does():
    fix = the_fix(with_role().graph, "narrow")
    kept = {("used", "read")}
    assert {(head, key.split("|")[1]) for _, head, key in fix.change.removes} | kept == {
        (name, access) for name in ("used", "unused") for access in ("read", "write", "admin")
    }
    assert "admin unused" in fix.caveat
    assert fix.sources == (STATEMENT,)
    assert fix.title == (
        "Narrow r to what its code does: admin unused and 4 more (5 of 6 permissions of a statement go)"
    )


def test_what_other_statements_may_allow_under_conditions_bounds_what_a_fix_gains():
    sketch = Sketch()
    sketch.function("f", role="r", entry=EntryKind.ANONYMOUS)
    sketch.store("unused", Kind.TABLE, Sensitivity.RESTRICTED)
    sketch.permits("r", "unused", AccessLevel.READ, sources=(STATEMENT,))
    table = fixes(sketch.graph)
    row = table[table.fix == the_fix(sketch.graph, "narrow").id].iloc[0]
    assert row.dR_high == pytest.approx(table.attrs["R_high"])
    assert row.R_left_low == 0
    assert row.R_left_high == pytest.approx(table.attrs["R_high"] / 16)  # what hangs on a condition costs 4
    assert row.dR_low == pytest.approx(table.attrs["R_low"] * 15 / 16)


def test_another_way_to_an_administrator_may_be_left():
    sketch = Sketch()
    sketch.function("f", role="r", entry=EntryKind.ANONYMOUS)
    sketch.store("unused", Kind.TABLE, Sensitivity.RESTRICTED)
    sketch.role("administrator")
    sketch.permits("administrator", "unused", AccessLevel.ADMIN)
    sketch.edge("r", "administrator", EdgeKind.ESCALATES, View.TRUST, cost=1, sources=(STATEMENT,),
                evidence=Evidence.PERMITTED)  # fmt: skip
    table = fixes(sketch.graph)
    row = table[table.fix == the_fix(sketch.graph, "narrow").id].iloc[0]
    assert row.dR_high > 0
    assert (row.dR_low, row.R_left_low) == (0, 0)
    assert row.R_left_high == pytest.approx(table.attrs["R_high"])


def test_a_flow_that_is_merely_permitted_is_no_use():
    sketch = with_role(flow=False)
    sketch.data("used", "f", EdgeKind.READS, evidence=Evidence.PERMITTED)
    assert len(the_fix(sketch.graph, "narrow").change.removes) == 6


def test_a_role_that_no_code_runs_as_is_left_to_people():
    sketch = Sketch()
    sketch.role("human")
    sketch.store("jewel", Kind.TABLE, Sensitivity.RESTRICTED)
    sketch.permits("human", "jewel", AccessLevel.ADMIN, sources=(STATEMENT,))
    assert derive_fixes(sketch.graph) == ()


def test_what_another_statement_allows_as_well_is_not_claimed():
    sketch = with_role()
    sketch.store("both", Kind.TABLE, Sensitivity.RESTRICTED)
    sketch.permits("r", "both", AccessLevel.READ, sources=(STATEMENT, MANAGED))
    sketch.store("bucket", Kind.BUCKET, Sensitivity.RESTRICTED)
    sketch.permits("r", "bucket", AccessLevel.READ, sources=(STATEMENT, BUCKET_POLICY))
    assert not {"both", "bucket"} & {head for _, head, _ in the_fix(sketch.graph, "narrow").change.removes}


def test_policies_of_the_organization_do_not_stand_in_the_way():
    sketch = with_role()
    sketch.store("more", Kind.TABLE, Sensitivity.RESTRICTED)
    sketch.permits(
        "r", "more", AccessLevel.READ, sources=(STATEMENT, Source("scp.json", "/Policy/Content/Statement/0"))
    )
    assert "more" in {head for _, head, _ in the_fix(sketch.graph, "narrow").change.removes}


def shared_grant():
    sketch = Sketch()
    sketch.node("grant", Kind.GRANT)
    for number, name in enumerate(("a", "b")):
        sketch.function(name, role=f"{name}-role")
        statement = Source("gaad.json", f"/RoleDetailList/{number}/RolePolicyList/0/PolicyDocument/Statement/0")
        sketch.permits(f"{name}-role", "grant", None, sources=(statement,))
        sketch.store(f"{name}-table", Kind.TABLE, Sensitivity.RESTRICTED)
        sketch.permits("grant", f"{name}-table", AccessLevel.WRITE, sources=(statement,))
        sketch.data(name, f"{name}-table", EdgeKind.WRITES)
    return sketch.graph


def test_of_a_grant_that_roles_share_each_keeps_its_own():
    removed = {edge[:2] for fix in derive_fixes(shared_grant()) for edge in fix.change.removes}
    assert removed == {("a-role", "b-table"), ("b-role", "a-table")}
    trial = whatif(shared_grant()).compromise("a")
    before = trial.risk
    assert trial.apply(*trial.fixes).risk[1] < before[1]
    assert len(fixes(shared_grant())) == 2


def test_of_grants_that_are_too_many_to_expand_a_role_loses_those_of_which_it_uses_nothing(monkeypatch):
    monkeypatch.setattr("auditkit.score._plain._MOST_EDGES", 0)
    assert derive_fixes(shared_grant()) == ()
    graph = shared_grant()
    graph.remove_edge("a", "a-table", next(iter(graph["a"]["a-table"])))
    removed = {edge[:2] for fix in derive_fixes(graph) for edge in fix.change.removes}
    assert removed == {("a-role", "grant")}


def test_a_bucket_that_is_open_to_everyone_is_closed_to_all_who_do_not_need_it():
    sketch = with_role()
    sketch.store("open", Kind.BUCKET, Sensitivity.RESTRICTED, entry=EntryKind.ANONYMOUS)
    sketch.function("reader", role="reader-role")
    for principal in (INTERNET, "r", "reader-role"):
        sketch.permits(principal, "open", AccessLevel.READ, sources=(BUCKET_POLICY,))
    sketch.data("open", "reader", EdgeKind.READS)
    fix = the_fix(sketch.graph, "block-public")
    assert {tail for tail, _, _ in fix.change.removes} == {INTERNET, "r"}
    assert fix.change.entries == (("open", None),)
    table = fixes(sketch.graph).set_index("fix")
    assert table.loc[fix.id, "dR_high"] > 0


# ---------------------------------------------------------------- doors, trust, settings


@pytest.mark.parametrize(
    ("door", "kind", "rule"),
    [
        (Kind.REST_API, Kind.ROUTE, "authorizer-rest"),
        (Kind.HTTP_API, Kind.ROUTE, "authorizer-http"),
        (Kind.WEBSOCKET_API, Kind.ROUTE, "authorizer-websocket"),
        (Kind.LISTENER, Kind.ROUTE, "authorizer-alb"),
        (None, Kind.GRAPHQL_API, "authorizer-appsync"),
        (None, Kind.FUNCTION_URL, "url-iam"),
    ],
)
def test_an_anonymous_entry_can_be_made_to_ask(door, kind, rule):
    sketch = Sketch()
    sketch.internet()
    sketch.node("entry", kind, entry=EntryKind.ANONYMOUS)
    sketch.function("f", role="r")
    sketch.store("jewel", Kind.TABLE, Sensitivity.RESTRICTED)
    sketch.permits("r", "jewel", AccessLevel.READ)
    sketch.data("jewel", "f", EdgeKind.READS)
    sketch.invokes("entry", "f", 0)
    sketch.invokes(INTERNET, "entry", 0)
    sketch.data(INTERNET, "entry", authentication=1)
    if door is not None:
        sketch.node("door", door)
        sketch.trust("door", "entry", EdgeKind.CONTAINS, 0)
    assert rules_of(sketch.graph) == [rule]
    row = fixes(sketch.graph).iloc[0]
    assert row.dR_high > 0
    assert row.dSU_high >= 0
    assert portfolio(sketch.graph).fix.tolist() == [row.fix]


def test_an_entry_that_asks_already_needs_no_authorizer():
    sketch = Sketch()
    sketch.node("api", Kind.HTTP_API)
    sketch.route("GET /", EntryKind.AUTHENTICATED)
    sketch.trust("api", "GET /", EdgeKind.CONTAINS, 0)
    assert derive_fixes(sketch.graph) == ()


def test_another_account_is_asked_for_an_external_id_unless_it_is_already():
    sketch = Sketch()
    sketch.foreign("vendor", Kind.ACCOUNT, entry=EntryKind.OTHER_ACCOUNT)
    sketch.role("role")
    sketch.store("jewel", Kind.TABLE, Sensitivity.RESTRICTED)
    sketch.permits("role", "jewel", AccessLevel.READ)
    sketch.assumes("vendor", "role", 1)
    assert rules_of(sketch.graph) == ["external-id"]
    assert fixes(sketch.graph).iloc[0].dR_high == pytest.approx(9 * 0.6 * (2**-3 - 2**-6))
    sketch.assumes("vendor", "other", 4, conditions=("sts:ExternalId",)) if sketch.role("other") else None
    assert rules_of(sketch.graph) == ["external-id"]


def test_a_service_that_acts_for_anyone_is_pinned():
    sketch = Sketch()
    sketch.function("f", role="r", entry=EntryKind.OTHER_ACCOUNT)
    sketch.store("bucket", Kind.BUCKET, Sensitivity.INTERNAL)
    key = sketch.data("bucket", "f")
    edge = sketch.graph.edges["bucket", "f", key]
    edge["factors"] = factors("s3->lambda", authentication=0.5)
    edge["factors"].reasons["authentication"] = "The resource policy lets the service call for any account."
    fix = the_fix(sketch.graph, "pin-source")
    assert fix.change.entries == (("f", None),)
    assert [level.edge for level in fix.change.levels] == [("bucket", "f", key)]


def test_pinning_closes_the_way_in_that_others_have_by_the_service():
    sketch = Sketch()
    sketch.internet()
    sketch.function("f", role="r", entry=EntryKind.OTHER_ACCOUNT)
    sketch.store("jewel", Kind.TABLE, Sensitivity.RESTRICTED)
    sketch.permits("r", "jewel", AccessLevel.READ)
    sketch.trust(INTERNET, "f", EdgeKind.INVOKES, 0)
    sketch.data(INTERNET, "f")
    fix = the_fix(sketch.graph, "pin-source")
    tried = whatif(sketch.graph)
    assert tried.risk[1] == pytest.approx(9 * 0.6 * 2**-2)
    assert tried.apply(fix).risk[1] == pytest.approx(9 * 0.6 * 2**-3)  # what a breach that is assumed gives
    assert tried.transit(k=5).empty


def test_no_fix_of_the_sample_raises_the_risk():
    tried = whatif(connect(samples.load("retailer")))
    before = tried.risk
    for name in tried.fixes:
        after = tried.reset().apply(name).risk
        assert all(new <= old + 1e-9 for new, old in zip(after, before, strict=True)), name


@pytest.mark.parametrize("rule", SETTINGS, ids=lambda rule: rule.id)
def test_every_setting_mends_a_hop_of_its_sort_and_none_that_is_good_or_not_known(rule):
    kind, hop = Kind(rule.at[0]), rule.hops[0].replace("*", "s3" if "s3" in rule.hops[0] else "x")
    sketch = Sketch()
    sketch.node("at", kind, sensitivity=Sensitivity.RESTRICTED)
    sketch.node("other", Kind.FUNCTION)
    for level in (1, rule.becomes, (0, 1)):
        sketch.data("other", "at", EdgeKind.WRITES, hop=hop, key=str(level), **{rule.factor: level})
    found = [fix for fix in derive_fixes(sketch.graph) if fix.id.startswith(rule.id)]
    assert [level.edge[2] for fix in found for level in fix.change.levels] == ["1"]
    sketch.graph.remove_edge("other", "at", "(0, 1)")
    assert fixes(sketch.graph).dSU_high.max() > 0


# ---------------------------------------------------------------- words


class Loader(yaml.SafeLoader):
    """Reads the short forms of CloudFormation's functions as plain values."""


Loader.add_multi_constructor("!", lambda loader, _suffix, node: loader.construct_yaml_str(node)
                             if isinstance(node, yaml.ScalarNode) else loader.construct_sequence(node))  # fmt: skip

HOSTILE = 'x: "y" #\n- <script>alert(1)</script> {name} \\'


WORDS = (*("label", "name", "arn", "objects", "everything", "api", "function", "who", "source", "sources"),
         *("resource", "role", "runners", "worst", "list", "dropped", "all"))  # fmt: skip


@pytest.mark.parametrize("name", ["orders", HOSTILE])
def test_every_template_is_yaml_whatever_things_are_called(name):
    words = dict.fromkeys(WORDS, name) | {"statements": "[]", "actions": '"a:b"', "principals": '"c"'}
    for rule in get_fix_rules().values():
        fix = fix_from_rule(rule, "at", kind=FixKind.SETTING, words=words, sources=[])
        assert yaml.load(fix.template, Loader) is not None
        assert "{" not in fix.title.replace("{name}", "")
        assert rule.source.startswith("docs.aws.amazon.com/")


STRING = re.compile(r'"(?:[^"\\\n]|\\(?:[nrt"\\]|u[0-9a-f]{4}))*"')


@pytest.mark.parametrize("name", ["orders", HOSTILE, "${file(1)} %{if} $${y} %%{z} \b\f \U0001f600 \ud800 \\${x}"])
def test_every_terraform_part_has_its_brackets_closed_and_evaluates_no_name(name):
    quoted = quoted_in_hcl(name)
    assert STRING.fullmatch(quoted)
    assert not re.search(r"[$%]\{", quoted.replace("$${", "").replace("%%{", ""))
    words = dict.fromkeys(WORDS, name) | {"blocks": "", "actions": json.dumps("a:b"), "principals": json.dumps(name)}
    for rule in get_fix_rules().values():
        text = fix_from_rule(rule, "at", kind=FixKind.SETTING, words=words, sources=[]).terraform
        strings = STRING.findall(text)
        assert all("${" not in string.replace("$${", "") or "${aws_" in string for string in strings)
        code = [line.partition("#")[0] for line in STRING.sub("", text).splitlines()]
        assert '"' not in "".join(code)
        open_ones: list[str] = []
        for mark in re.findall(r"[][(){}]", "".join(code)):
            if mark in "[({":
                open_ones.append(mark)
            else:
                assert open_ones.pop() + mark in {"[]", "()", "{}"}
        assert not open_ones
        assert not re.search(r"\{[a-z]+\}", "".join(code))


def test_what_is_left_of_a_statement_is_the_same_in_both_languages():
    fix = the_fix(with_role().graph, "narrow")
    in_yaml = yaml.safe_load(fix.template)
    for statement in in_yaml:
        for word in (*statement["Action"], *statement["Resource"]):
            assert f'"{word}"' in fix.terraform
    assert fix.terraform.count("statement {") == len(in_yaml)


def test_rules_name_kinds_and_factors_that_there_are():
    for rule in get_fix_rules().values():
        assert all(Kind(kind) for kind in (*rule.at, *rule.behind))
        assert rule.group != "setting" or rule.factor in FACTORS
        assert 1 <= rule.effort <= 8
        assert rule.becomes <= max(rule.worse_than, rule.becomes)


# ---------------------------------------------------------------- order, parallel ways, bad input


def test_two_ways_side_by_side_are_closed_together_by_their_cheapest_cut():
    sketch = Sketch()
    sketch.internet()
    sketch.store("jewel", Kind.TABLE, Sensitivity.RESTRICTED)
    for number in range(2):
        sketch.route(f"route-{number}")
        sketch.function(f"f-{number}", role=f"r-{number}")
        sketch.invokes(INTERNET, f"route-{number}", 0)
        sketch.invokes(f"route-{number}", f"f-{number}", 0)
        statement = Source("gaad.json", f"/RoleDetailList/{number}/RolePolicyList/0/PolicyDocument/Statement/0")
        sketch.permits(f"r-{number}", "jewel", AccessLevel.READ, sources=(statement,))
    assert set(fixes(sketch.graph).dR_high) == {0.0}
    table = portfolio(sketch.graph)
    assert table.together.tolist() == ["jewel", "jewel"]
    assert table.R_high.iloc[-1] == 0
    assert portfolio(sketch.graph, k=1).empty


def test_ranking_by_transit_is_by_what_paths_carry():
    table = fixes(shop(), by="transit")
    assert table.dSU_high.is_monotonic_decreasing
    assert portfolio(shop(), by="transit").gain.is_monotonic_decreasing


@pytest.mark.parametrize("score", [fixes, portfolio])
@pytest.mark.parametrize("graph", [nx.MultiDiGraph(), parallel_ways(0), queue_cycle()])
def test_where_nothing_is_to_be_done_the_table_is_empty_and_says_why(score, graph):
    table = score(graph)
    assert table.empty
    assert table.attrs["reason"]
    assert table.dtypes.to_dict() == score(shop()).dtypes.to_dict()


@pytest.mark.parametrize("options", [{"by": "weather"}, {"of": derive_fixes(with_role().graph)}])
def test_what_cannot_be_ranked_is_refused(options):
    with pytest.raises(ScoreError):
        fixes(shop(), **options)


def test_a_portfolio_of_nothing_is_refused():
    with pytest.raises(ScoreError, match="k is 0"):
        portfolio(shop(), k=0)


@pytest.mark.parametrize(
    ("policy", "offered"), [("allow-all", True), ("redirect-to-https", False), ("https-only", False)]
)
def test_a_behaviour_that_takes_no_plain_http_needs_no_fix_for_that(policy, offered, tmp_path):
    behavior = {"TargetOriginId": "o", "ViewerProtocolPolicy": policy}
    config = {
        "Enabled": True,
        "Origins": [{"Id": "o", "DomainName": "origin.example", "CustomOriginConfig": {}}],
        "DefaultCacheBehavior": behavior,
        "ViewerCertificate": {"CloudFrontDefaultCertificate": True},  # which takes TLS 1.0
    }
    distribution = {"Type": "AWS::CloudFront::Distribution", "Properties": {"DistributionConfig": config}}
    (tmp_path / "t.json").write_text(json.dumps({"Resources": {"D": distribution}}))
    found = [fix.id for fix in derive_fixes(connect(read(tmp_path))) if fix.id.startswith("https-cloudfront")]
    assert bool(found) == offered
