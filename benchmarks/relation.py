"""How fast the relation of an account is: ratios to reading the same export, and to peers, taken in one run.

``python benchmarks/relation.py --peers build/peers/bin/python`` makes accounts of several sizes, measures each in a
process of its own, and writes ``benchmarks/README.md`` and ``benchmarks/growth.png``. Without ``--peers`` the table of
peers stays as it is. Times are of the processor, with the garbage collector off, the best of three where that is said.
On a machine that does other things they are longer, for caches and memory are shared: each row says what the load was,
and only what stands in one row compares.
"""

import argparse
import gc
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any, TypeVar

import matplotlib.pyplot as plt
import msgspec
import orjson
from accounts import write_account

from auditkit.policy import (
    Document,
    Levels,
    PolicyKind,
    PrincipalPolicies,
    TargetPolicies,
    parse,
    relation,
    tracked_actions,
)

HERE = Path(__file__).resolve().parent
ROLES = (100, 500, 2_000, 5_000)
RESOURCES = (2_500, 5_000, 10_000, 20_000, 40_000)
FIXED_ROLES, FIXED_RESOURCES = 1_000, 20_000
PEER_SECONDS = 15
WHOLE, PEAK = 3, 600
"""Targets: how many times as long as orjson all may take, and the peak of memory in MB."""
_NAMES = ("authorization-details", "resources", "controls")


Kind = TypeVar("Kind")
_NONE = msgspec.Raw()


class _Inline(msgspec.Struct, rename="pascal", gc=False):
    policy_name: str
    policy_document: msgspec.Raw


class _Attached(msgspec.Struct, rename="pascal", gc=False):
    policy_arn: str


class _Boundary(msgspec.Struct, rename="pascal", gc=False):
    permissions_boundary_arn: str


class _Tag(msgspec.Struct, rename="pascal", gc=False):
    key: str
    value: str


class _Identity(msgspec.Struct, rename="pascal"):
    arn: str
    tags: list[_Tag]
    attached_managed_policies: list[_Attached]
    role_policy_list: list[_Inline] = []
    user_policy_list: list[_Inline] = []
    group_list: list[str] = []
    permissions_boundary: _Boundary | None = None
    assume_role_policy_document: msgspec.Raw = _NONE


class _Group(msgspec.Struct, rename="pascal"):
    group_name: str
    group_policy_list: list[_Inline]


class _Version(msgspec.Struct, rename="pascal", gc=False):
    document: msgspec.Raw
    is_default_version: bool


class _Managed(msgspec.Struct, rename="pascal"):
    arn: str
    policy_version_list: list[_Version]


class _Details(msgspec.Struct, rename="pascal"):
    user_detail_list: list[_Identity]
    group_detail_list: list[_Group]
    role_detail_list: list[_Identity]
    policies: list[_Managed]


class _Resource(msgspec.Struct, rename="pascal"):
    arn: str
    account: str
    tags: list[_Tag]
    policy: msgspec.Raw = _NONE
    kms_key_arn: str | None = None


class _Resources(msgspec.Struct, rename="pascal"):
    resources: list[_Resource]


def decoded(folder: Path) -> tuple[list[PrincipalPolicies], list[TargetPolicies]]:
    """Return the principals and targets of an account that :mod:`accounts` wrote."""
    details = _read(folder / "authorization-details.json", _Details)
    listed = _read(folder / "resources.json", _Resources)
    controls = msgspec.json.decode((folder / "controls.json").read_bytes())
    scps = _levels(controls["ServiceControlPolicies"], PolicyKind.SCP)
    rcps = _levels(controls["ResourceControlPolicies"], PolicyKind.RCP)
    managed = {one.arn: _default(one, PolicyKind.IDENTITY) for one in details.policies}
    bounds = {one.arn: _default(one, PolicyKind.BOUNDARY) for one in details.policies if "/boundary-" in one.arn}
    groups = {one.group_name: _inline(one.group_policy_list) for one in details.group_detail_list}

    def principal(one: _Identity) -> PrincipalPolicies:
        own = _inline(one.role_policy_list) + _inline(one.user_policy_list)
        own += [managed[policy.policy_arn] for policy in one.attached_managed_policies]
        own += [document for name in one.group_list for document in groups[name]]
        boundary, trust = one.permissions_boundary, one.assume_role_policy_document
        return PrincipalPolicies(
            arn=one.arn,
            account=one.arn.split(":")[4],
            identity=tuple(own),
            boundary=bounds[boundary.permissions_boundary_arn] if boundary else None,
            scps=scps,
            trust=None if trust is _NONE else parse(bytes(trust), kind=PolicyKind.RESOURCE),
            context={"aws:SourceOwner": None, **{f"aws:PrincipalTag/{tag.key}": tag.value for tag in one.tags}},
        )

    def target(one: _Resource) -> TargetPolicies:
        return TargetPolicies(
            arn=one.arn,
            account=one.account,
            resource_policy=None if one.policy is _NONE else parse(bytes(one.policy), kind=PolicyKind.RESOURCE),
            key_arn=one.kms_key_arn,
            rcps=rcps,
            context={"aws:SecureTransport": "true", **{f"aws:ResourceTag/{tag.key}": tag.value for tag in one.tags}},
        )

    identities = [*details.role_detail_list, *details.user_detail_list]
    return [principal(one) for one in identities], [target(one) for one in listed.resources]


def _read(filepath: Path, kind: type[Kind]) -> Kind:
    """Decode a file, without a copy of its bytes."""
    with filepath.open("rb") as file:
        return msgspec.json.decode(mmap(file.fileno(), 0, access=ACCESS_READ), type=kind)


def _default(policy: _Managed, kind: PolicyKind) -> Document:
    version = next(one for one in policy.policy_version_list if one.is_default_version)
    return parse(bytes(version.document), kind=kind, name=policy.arn)


def _inline(policies: list[_Inline]) -> list[Document]:
    return [parse(bytes(one.policy_document), kind=PolicyKind.IDENTITY, name=one.policy_name) for one in policies]


def _levels(levels: list[list[Any]], kind: PolicyKind) -> Levels:
    return tuple(tuple(parse(one, kind=kind) for one in level) for level in levels)


def timed(call: Callable[[], Any], times: int = 1) -> tuple[float, Any]:
    """Return the least time of the processor that a call takes, in seconds, and its answer."""
    best, answer = float("inf"), None
    for _ in range(times):
        answer = None
        begin = time.process_time()
        answer = call()
        best = min(best, time.process_time() - begin)
    return best, answer


def measure(folder: Path, what: str) -> dict[str, float]:
    """Measure one thing in this process: reading with orjson, or the relation."""
    gc.disable()
    if what == "orjson":
        raw = [(folder / f"{name}.json").read_bytes() for name in _NAMES]
        return {"orjson": timed(lambda: [orjson.loads(one) for one in raw], 3)[0], "bytes": sum(map(len, raw))}
    decode, (principals, targets) = timed(lambda: decoded(folder))
    compiled, found = timed(lambda: relation(principals, targets))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    kernel = timed(found.put_together, 3)[0]
    count, grants = timed(lambda: len(found))
    made = {"decode and parse": decode, "compile and relation": compiled, "kernel": kernel, "count": count}
    return {**made, "grants": grants, "principals": len(principals), "targets": len(targets), "peak": peak}


def load() -> float:
    """Return how many jobs the machine ran or held waiting in the last minute, on average."""
    return os.getloadavg()[0]


def in_its_own(folder: Path) -> dict[str, float]:
    """Measure an account, everything in a process of its own."""
    found: dict[str, float] = {"load": load()}
    for what in ("orjson", "relation"):
        command = [sys.executable, __file__, "--measure", what, str(folder)]
        found |= json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return found


def peer(python: Path, *arguments: str) -> dict[str, float] | None:
    """Run a peer; None where it fails or takes eight times as long as it may."""
    command = [str(python), str(HERE / "peers.py"), *arguments]
    try:
        done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=PEER_SECONDS * 8)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        return None
    answer: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return answer


def main() -> None:
    """Measure everything and write what was found."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peers", type=Path, help="the Python of the environment that has the peers")
    parser.add_argument("--measure", choices=["orjson", "relation"], help="measure one account, and print it")
    parser.add_argument("folder", nargs="?", type=Path)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measure(options.folder, options.measure)))
        return
    by_roles, distinct, by_resources, peers = {}, {}, {}, {}
    with tempfile.TemporaryDirectory() as scratch:
        for roles in ROLES:
            folder = Path(scratch, f"roles-{roles}")
            write_account(folder, roles, resources=FIXED_RESOURCES)
            by_roles[roles] = in_its_own(folder)
            print(roles, by_roles[roles], flush=True)
            if options.peers:
                asked = peer(options.peers, "pmapper", str(folder), str(PEER_SECONDS))
                scanned = peer(options.peers, "cloudsplaining", str(folder))
                peers[roles] = asked, scanned, load()
                print(roles, peers[roles], flush=True)
        for roles in ROLES:
            folder = Path(scratch, f"distinct-{roles}")
            write_account(folder, roles, resources=FIXED_RESOURCES, distinct=True)
            distinct[roles] = in_its_own(folder)
            print("distinct", roles, distinct[roles], flush=True)
        for resources in RESOURCES:
            folder = Path(scratch, f"resources-{resources}")
            write_account(folder, FIXED_ROLES, resources=resources)
            by_resources[resources] = in_its_own(folder)
            print(resources, by_resources[resources], flush=True)
    plot(by_roles, by_resources)
    tell(by_roles, distinct, peers)


def plot(by_roles: dict[int, dict[str, float]], by_resources: dict[int, dict[str, float]]) -> None:
    """Draw how times grow with roles and with resources."""
    figure, axes = plt.subplots(1, 2, figsize=(9, 3.6), sharey=True, layout="constrained")
    for ax, found, name in ((axes[0], by_roles, "roles"), (axes[1], by_resources, "resources")):
        for what in ("compile and relation", "decode and parse", "orjson", "kernel"):
            ax.plot(list(found), [one[what] for one in found.values()], marker="o", label=what)
        ax.set(xlabel=name, xscale="log", yscale="log")
        ax.set_xticks(list(found), [f"{size:,}" for size in found])
        ax.minorticks_off()
        ax.grid(visible=True, alpha=0.3)
    axes[0].set(ylabel="seconds", title=f"{FIXED_RESOURCES:,} resources")
    axes[1].set(title=f"{FIXED_ROLES:,} roles")
    axes[0].legend(fontsize="small")
    figure.savefig(HERE / "growth.png", dpi=120, metadata={"Software": None})


def tell(found: dict[int, dict[str, float]], distinct: dict[int, dict[str, float]], peers: dict[int, Any]) -> None:
    """Write the report."""
    largest, unlike = _ratios(found[ROLES[-1]]), _ratios(distinct[ROLES[-1]])
    text = _OURS.format(
        rows=_rows(found),
        distinct=_rows(distinct),
        largest=largest,
        unlike=unlike,
        kernel=_met(largest["kernel"] <= 1),
        whole=_met(largest["whole"] <= WHOLE),
        peak=_met(found[ROLES[-1]]["peak"] <= PEAK),
        processors=os.cpu_count(),
        table=timed(tracked_actions)[0],
    )
    if peers:
        text += _PEERS.format(
            seconds=PEER_SECONDS,
            most=PEER_SECONDS * 8,
            rows="\n".join(_peer_row(roles, found[roles], *one) for roles, one in peers.items()),
        )
    page = HERE / "README.md"
    before = page.read_text(encoding="utf-8") if page.exists() else ""
    kept = _READING if peers else _BESIDE
    _, mark, others = before.partition(kept)
    page.write_text(text.rstrip("\n") + "\n" + mark + others, encoding="utf-8")


def _met(met: bool) -> str:  # noqa: FBT001 -- it is all there is
    return "met" if met else "not met"


def _ratios(one: dict[str, float]) -> dict[str, float]:
    """Return how many times as long as reading with orjson the parts take."""
    whole = one["decode and parse"] + one["compile and relation"]
    return {"kernel": one["kernel"] / one["orjson"], "whole": whole / one["orjson"]}


def _rows(found: dict[int, dict[str, float]]) -> str:
    rows = []
    for roles, one in found.items():
        names = ("orjson", "decode and parse", "compile and relation", "kernel", "count")
        times = " | ".join(f"{one[name]:.2f}" for name in names)
        ratio = f"{_ratios(one)['whole']:.1f}"
        about = f"{one['grants']:,} | {one['peak']:.0f} | {one['load']:.1f}"
        rows.append(f"| {roles:,} | {one['bytes'] / 1e6:.0f} | {times} | {ratio} | {about} |")
    return "\n".join(rows)


def _peer_row(
    roles: int, ours: dict[str, float], asked: dict[str, float] | None, scanned: dict[str, float] | None, after: float
) -> str:
    spent = ours["decode and parse"] + ours["compile and relation"] + ours["count"]
    mapper = "failed | | | "
    if asked:
        needed = asked["of"] * asked["seconds"] / asked["settled"]
        pace = asked["settled"] / asked["seconds"]
        mapper = f"{pace:,.0f} | {asked['of']:,.0f} | {needed / 3600:.1f} | {needed / spent:,.0f}"
    scan = f"{scanned['seconds']:.0f} | {scanned['seconds'] / spent:.1f}" if scanned else "not finished | "
    loads = f"{ours['load']:.1f}, {after:.1f}"
    return f"| {roles:,} | {ours['orjson']:.2f} | {spent:.1f} | {mapper} | {scan} | {loads} |"


_BESIDE, _READING = "\n## Beside peers\n", "\n## Reading\n"
"""Where the parts of the page begin that are kept if they are not measured."""
_OURS = """# Benchmarks

`accounts.py` makes accounts; `relation.py` measures the relation on them and wrote this page: seconds of the processor,
each size in a process of its own, the garbage collector off. *orjson* is `orjson.loads` of the same three files,
minified, the best of three. *kernel* is what puts the compiled rows of all layers together (a part of *compile and
relation*, the best of three). *ratio* is decoding, parsing, compiling and the relation together, in times *orjson*.
*count* settles every principal against every target, outsiders included, and counts the grants. The peak is that up to
and with the relation, before anything is counted. *load* is how many jobs the machine ran or held waiting, on average
of the minute before; it has {processors} processors. On a busy one all times are longer, so only what stands in one row
compares. The table of tracked actions is read once in a process; these {table:.3f} s are in *compile and relation*.

| roles | MB | orjson | decode and parse | compile and relation | kernel | count | ratio | grants | peak MB | load |
|---|---|---|---|---|---|---|---|---|---|---|
{rows}

On the largest account the kernel takes {largest[kernel]:.2f} times as long as orjson, and all up to the relation
{largest[whole]:.1f} times as long. The targets are 1 ({kernel}) and 3 ({whole}), and a peak of 600 MB ({peak}).

In these accounts two of three statements stand elsewhere as well. With `--distinct` no two statements of identity
policies are equal, and each names a resource that nothing else names:

| roles | MB | orjson | decode and parse | compile and relation | kernel | count | ratio | grants | peak MB | load |
|---|---|---|---|---|---|---|---|---|---|---|
{distinct}

Here it is {unlike[kernel]:.2f} and {unlike[whole]:.1f} times on the largest.

![Growth with roles and with resources](growth.png)

How long scores take, and how that grows, is in [scores.md](scores.md).
"""
_PEERS = """
## Beside peers

Each row is of one account and one run: auditkit first (its seconds are all of the first table, the collector off), then
the peers, each in a process and an environment of its own, one after the other. Their seconds are of the processor too,
with the garbage collector as Python has it. *orjson* is of the same row; *loads* are those before and after it.

Principal Mapper's `local_check_authorization_full` is asked about one action on each bucket, queue,
table and function, for one role after the other, for {seconds} seconds; hence how long all of them would take.
Cloudsplaining scans the authorization details; it does not tell who reaches which resource. auditkit settles every
tracked action on every target for every principal. *times* is how many times as long as auditkit the peer takes; what
is *not finished* was stopped after {most} seconds. Versions are in `requirements.txt`.

| roles | orjson | auditkit | Principal Mapper: asked/s | in all | hence h | times | Cloudsplaining | times | loads |
|---|---|---|---|---|---|---|---|---|---|
{rows}
"""


if __name__ == "__main__":
    main()
