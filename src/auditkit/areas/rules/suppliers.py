"""Vulnerable dependencies: whose layers and images run, who may get them, and who may change them."""

from collections.abc import Iterator

from auditkit.areas.answers import Answer, Rule, failed, not_applicable, passed, some, unknown, warned
from auditkit.areas.model import Severity
from auditkit.areas.reach import RANK
from auditkit.areas.scene import Scene, is_given
from auditkit.areas.versions import is_image
from auditkit.areas.vulnerable import running
from auditkit.facts import get_known_account
from auditkit.graph.outsiders import Opening, openings_of_policy
from auditkit.graph.schema import Edge, EdgeKind, Sensitivity
from auditkit.inventory import PolicyText, Source, UnsetType
from auditkit.inventory.arn import arn_of, parse_arn
from auditkit.inventory.evidence.weaknesses import ScanResult
from auditkit.inventory.records.functions import Function, LayerVersion
from auditkit.inventory.records.registries import Repository

__all__ = ["RULES"]

_MANY, _HALF = 10, 0.5
"""Functions that run one layer; part of the sensitive stores that they reach together."""


# ----------------------------------------------------------------------- layers


def foreign_layer(scene: Scene) -> Iterator[Answer]:
    """Judge whose each layer is, and whose the image that a function runs from."""
    for function in scene.functions:
        found = [
            _publisher(scene, function, layer.arn, one.code.source.at("Layers", index), one.place)
            for one in running(function, scene)
            for index, layer in enumerate(one.code.layers)
        ]
        if is_image(function):
            found.append(_pushed_by(scene, function))
        yield from found or [not_applicable(function, "it has no layer", at=function.source)]


def _publisher(scene: Scene, function: Function, arn: str, at: Source, version: str) -> Answer:
    parts = parse_arn(arn)
    place = ", ".join(filter(None, (version, f"layer {arn.partition(':layer:')[2] or arn}")))
    if parts is None:
        return unknown(function, f"whose {arn} is", at=at, place=place)
    return _supplied(scene, function, "the layer", parts.account, at=at, place=place)


def _pushed_by(scene: Scene, function: Function) -> Answer:
    uri = _image_of(function)
    if uri is None:
        return unknown(function, "lambda:GetFunction (ImageUri)", at=function.source, place="image")
    arn = parse_arn(_repository(uri))
    if arn is None:
        host = uri.partition("/")[0]
        return unknown(function, f"whose the registry {host} is", at=function.sources[-1:], place="image")
    return _supplied(scene, function, "the image", arn.account, at=function.sources[-1], place="image")


def _supplied(scene: Scene, function: Function, what: str, account: str, *, at: Source, place: str) -> Answer:
    known = get_known_account(account)
    if account in scene.own_accounts:
        return passed(function, f"{what} is of an account of the export", at=at, place=place)
    if account in scene.case.accounts:
        said = f"{what} is of account {account}, which the case trusts: {scene.case.accounts[account]}"
        return passed(function, said, at=at, place=place)
    if known is not None:
        said = f"{what} is of account {account}, which is documented to be that of {known.owner} ({known.source})"
        return passed(function, said, at=at, place=place)
    said = f"{what} is of account {account or '?'}, of which nothing is known"
    if not scene.case.accounts:
        return warned(function, f"{said}; the case names no trusted accounts", at=at, place=place)
    return failed(function, f"{said}, and which the case does not trust", at=at, place=place)


def shared_layer_blast(scene: Scene) -> Iterator[Answer]:
    """Judge how much falls with each layer."""
    users: dict[str, dict[str, dict[str, Source]]] = {}
    for function in scene.functions:
        for one in running(function, scene):
            for index, layer in enumerate(one.code.layers):
                name = layer.arn.rpartition(":")[0]
                at = one.code.source.at("Layers", index)
                users.setdefault(name, {}).setdefault(layer.arn, {}).setdefault(function.id, at)
    sensitive = {node_id for node_id, node in scene.nodes.items() if _is_sensitive(node.sensitivity)}
    for name in sorted(users):
        parts = parse_arn(name)
        known = get_known_account(parts.account) if parts is not None else None
        if known is None or not known.aws:
            yield _layer(scene, users[name], sensitive)


def _is_sensitive(sensitivity: Sensitivity | None) -> bool:
    return sensitivity is not None and RANK.get(sensitivity, 0) >= RANK[Sensitivity.CONFIDENTIAL]


def _layer(scene: Scene, versions: dict[str, dict[str, Source]], sensitive: set[str]) -> Answer:
    newest = max(versions, key=lambda arn: (len(arn), arn))
    at = {function: source for found in versions.values() for function, source in found.items()}
    functions = sorted(at)
    reached = sensitive.intersection(scene.reach.reached(*functions))
    part = len(reached) / len(sensitive) if sensitive else 0.0
    who = (
        f"{len(functions)} functions run it, and they reach"
        if len(functions) > 1
        else "one function runs it, and reaches"
    )
    said = f"{who} {len(reached)} of {len(sensitive)} sensitive stores"
    sources = [at[function] for function in functions]
    if len(functions) < _MANY and part < _HALF:
        return passed(newest, said, at=sources)
    changers = _changers(scene, functions)
    if changers:
        worst, why = Severity.HIGH, f"{some(changers)} may change what they run"
        return warned(newest, said, at=sources, about=functions[0], severity=worst, weighed=why)
    return warned(newest, said, at=sources, about=functions[0])


def _changers(scene: Scene, functions: list[str]) -> list[str]:
    """Return the roles of functions, and outsiders, that may change the code or the layers of others among them."""
    found = set()
    for function in functions:
        for origin in scene.neighbours.ids(scene.neighbours.who(function, _changes_code).tolist()):
            runs = [one.id for one in scene.functions_of_role.get(origin, ()) if one.id != function]
            outside = scene.nodes[origin].boundary.kind == "partner" and not scene.trusted(origin)
            if runs or outside:
                found.add(scene.label(origin))
    return sorted(found)


def _changes_code(edge: Edge) -> bool:
    return edge.kind is EdgeKind.CHANGES_CODE and is_given(edge)


_SECRETS = frozenset({"CWE-259", "CWE-312", "CWE-321", "CWE-522", "CWE-798"})


def layer_public(scene: Scene) -> Iterator[Answer]:
    """Judge who may get each version of each layer."""
    secrets = {
        resource
        for result in scene.inventory.of(ScanResult)
        if _SECRETS & set(result.weaknesses) and not result.suppressed
        for resource in result.resources
    }
    for layer in scene.inventory.of(LayerVersion):
        if isinstance(layer.policy, UnsetType):
            yield unknown(layer, "lambda:GetLayerVersionPolicy", at=layer.source)
        elif layer.policy is None:
            yield passed(layer, "it has no policy: only its own account gets it", at=layer.source)
        else:
            openings = openings_of_policy(
                layer.policy, resource=layer.id, owner=layer.account, unsigned=False, known=scene.own_accounts
            )
            yield _opened(layer, openings, layer.policy.source, has_secret=layer.id in secrets)


def _opened(layer: LayerVersion, openings: tuple[Opening, ...], at: Source, *, has_secret: bool) -> Answer:
    anyone = [one for one in openings if one.outsider == "*"]
    certain = [one for one in anyone if one.certain]
    if certain:
        worst = Severity.CRITICAL if has_secret else None
        where = [source for one in certain for source in one.sources]
        said = "its policy lets anyone get it, with all that is in it"
        return failed(layer, said, at=where, severity=worst, weighed="a scan found a secret in it")
    if anyone:
        lacks = [one.unknown or f"what {some(one.conditions)} narrows it to" for one in anyone]
        return unknown(layer, dict.fromkeys(lacks), at=[source for one in anyone for source in one.sources])
    named = some(one.outsider for one in openings)
    return passed(layer, f"its policy lets in who it names{f': {named}' if named else ''}, and not anyone", at=at)


# ----------------------------------------------------------------------- images

_PUSHES = frozenset({"ecr:PutImage", "ecr:InitiateLayerUpload", "ecr:CompleteLayerUpload", "ecr:UploadLayerPart"})


def image_mutable(scene: Scene) -> Iterator[Answer]:
    """Judge the repositories that functions run from."""
    repositories = {one.id: one for one in scene.inventory.of(Repository)}
    users: dict[str, list[Function]] = {}
    unseen = []
    for function in filter(is_image, scene.functions):
        uri = _image_of(function)
        if uri is None:
            unseen.append(function.name)
            yield unknown(function, "lambda:GetFunction (ImageUri)", at=function.source)
            continue
        users.setdefault(_repository(uri), []).append(function)
    for arn, functions in sorted(users.items()):
        repository = repositories.get(arn)
        if repository is None:
            yield unknown(functions[0], f"ecr:DescribeRepositories of {arn}", at=functions[0].sources)
        else:
            yield _repository_of(scene, repository, functions)
    for repository in repositories.values():
        if repository.id not in users and unseen:
            missing = f"lambda:GetFunction: the image of {some(unseen)}, which may be from it"
            yield unknown(repository, missing, at=repository.source)
        elif repository.id not in users:
            yield not_applicable(repository, "no function of the export runs from it", at=repository.source)


def _image_of(function: Function) -> str | None:
    """Return the address of the image that a function runs from, ``None`` where it was not seen."""
    for uri in (function.image_uri, function.resolved_image_uri):
        if isinstance(uri, str):
            return uri
    return None


def _repository(uri: str) -> str:
    """Return the ARN of the repository of an image (``<account>.dkr.ecr.<region>.amazonaws.com/<name>:<tag>``)."""
    host, _, rest = uri.partition("/")
    parts = [*host.split("."), "", "", "", ""]
    name = rest.partition("@")[0].partition(":")[0]
    return arn_of("ecr", f"repository/{name}", account=parts[0], region=parts[3])


def _repository_of(scene: Scene, repository: Repository, functions: list[Function]) -> Answer:
    names, about = some(function.name for function in functions), functions[0].id
    at = repository.source.at("imageTagMutability")
    mutability = repository.image_tag_mutability or ""
    pushing = _pushing(scene, repository)
    sure = [one for one in pushing if one.certain]
    if sure:
        anyone = any(one.outsider == "*" for one in sure)
        who = "anyone with an AWS account" if anyone else some(one.outsider for one in sure)
        where = [source for one in sure for source in one.sources]
        said, why = f"{who} may push images that {names} would run", "whoever pushes decides what runs next"
        return failed(repository, said, at=where, about=about, severity=Severity.HIGH, weighed=why)
    if mutability == "IMMUTABLE_WITH_EXCLUSION":
        said = f"some tags are excepted and can be moved to another image, which {names} may run"
        return warned(repository, said, at=at, about=about)
    if mutability.startswith("MUTABLE"):
        said = f"tags can be moved to another image, which {names} would run from the next update on"
        return warned(repository, said, at=at, about=about)
    if isinstance(repository.policy, UnsetType) or not mutability:
        lacks = "ecr:GetRepositoryPolicy" if mutability else "imageTagMutability"
        return unknown(repository, lacks, at=at)
    if pushing:
        open_ = [one.unknown or f"whether {one.outsider} meets {some(one.conditions)}" for one in pushing]
        return unknown(repository, dict.fromkeys(open_), at=[source for one in pushing for source in one.sources])
    return passed(repository, "tags stay what they are, and no other account pushes", at=at)


def _pushing(scene: Scene, repository: Repository) -> list[Opening]:
    """Return what lets outsiders push into a repository."""
    if not isinstance(repository.policy, PolicyText):
        return []
    openings = openings_of_policy(
        repository.policy,
        resource=repository.id,
        owner=repository.account,
        unsigned=False,
        known=scene.own_accounts | frozenset(scene.case.accounts),
    )
    return [one for one in openings if _PUSHES & set(one.actions)]


RULES: dict[str, Rule] = {
    "deps.foreign-layer": foreign_layer,
    "deps.shared-layer-blast": shared_layer_blast,
    "deps.layer-public": layer_public,
    "deps.image-mutable": image_mutable,
}
