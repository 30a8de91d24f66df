"""The parts of a sheet: bypasses, triggers to nothing, role, network, environment, code."""

from collections.abc import Iterator

from auditkit.areas.answers import some
from auditkit.areas.scene import Scene, is_given
from auditkit.areas.sheets.answers import NO, UNKNOWN, YES, Answered, Line, line_of
from auditkit.areas.sheets.ways import Way
from auditkit.graph.schema import EdgeKind, Evidence
from auditkit.inventory import PRINCIPAL_KINDS, Kind, UnsetType
from auditkit.inventory.records.apis import RestMethod
from auditkit.inventory.records.apis_v2 import ApiRoute
from auditkit.inventory.records.functions import Function

__all__ = ["lines_of"]

_DETAILS = "iam:GetAccountAuthorizationDetails"


def lines_of(scene: Scene, function: Function, ways: tuple[Way, ...], answered: Answered) -> tuple[Line, ...]:
    """Return the lines of a sheet, in the order of its parts."""
    return (
        *_reach(scene, function),
        *_bypasses(scene, function, ways, answered),
        *_dangling(scene, function, ways, answered),
        *_role(scene, function, answered),
        *_network(function, answered),
        *_environment(function),
        *_code(scene, function, answered),
    )


# -------------------------------------------------------------------- reach


def _reach(scene: Scene, function: Function) -> Iterator[Line]:
    access, loot = scene.reach.access(function.id), scene.reach.loot(function.id)
    if access.path:
        steps = " → ".join(scene.label(node) for node in access.path)
        hangs = f"; hangs on {some(access.undecided)}" if access.undecided else ""
        said = f"{access.kind}, at cost {access.cost:g}: {steps}{hangs}"
        answer, missing = (UNKNOWN, access.undecided) if access.undecided else (YES, ())
        yield Line(
            part="reach",
            what="outsiders reach it",
            answer=answer,
            detail=said,
            missing=missing,
            sources=(function.source,),
        )
    else:
        unseen = _unseen_ways(scene, function)
        yield Line(
            part="reach", what="outsiders reach it", answer=UNKNOWN if unseen else NO,
            detail="no way in from outside was seen", missing=unseen, sources=(function.source,),
        )  # fmt: skip
    if loot.store:
        more = f", and {loot.unknown} stores of unknown sensitivity" if loot.unknown else ""
        sensitivity = loot.sensitivity.value if loot.sensitivity is not None else "unknown"
        said = f"{scene.label(loot.store)} ({sensitivity}){more}"
        at = tuple(scene.nodes[loot.store].sources[:1])
        yield Line(part="reach", what="most sensitive store that it reaches", detail=said, sources=at)
    elif loot.unknown:
        said = f"{loot.unknown} stores of unknown sensitivity"
        yield Line(part="reach", what="most sensitive store that it reaches", answer=UNKNOWN, detail=said,
                   missing=("classification of stores",))  # fmt: skip


def _unseen_ways(scene: Scene, function: Function) -> tuple[str, ...]:
    """Return the calls that would show ways in and were not seen."""
    calls = (
        *("lambda.ListEventSourceMappings", "apigateway.GetRestApis", "apigatewayv2.GetApis"),
        *("elbv2.DescribeTargetGroups", "events.ListRules", "sns.ListSubscriptions"),
    )
    own = ["lambda:GetPolicy"] if isinstance(function.policy, UnsetType) else []
    urls = scene.seen("lambda.ListFunctionUrlConfigs", function, resource=function.name)
    own += [] if urls else ["lambda:ListFunctionUrlConfigs"]
    return (*own, *scene.unseen(calls, function.account, function.region))


# ----------------------------------------------------------------- bypasses


def _bypasses(scene: Scene, function: Function, ways: tuple[Way, ...], answered: Answered) -> Iterator[Line]:
    fronts = {function.id, *(way.origin for way in ways)}
    for route in ways:
        record = scene.inventory.get(route.origin)
        if isinstance(record, (RestMethod, ApiRoute)):
            fronts.add(record.api)
    for front in sorted(fronts):
        for finding in answered.of("perim.bypass", front):
            if finding.verdict != "N/A":
                yield line_of(
                    "bypasses",
                    f"{finding.label or 'it'} can be called past what stands before it",
                    finding,
                    turned=True,
                )
    guarded = [way for way in ways if way.outside and way.authenticated == YES and way.kind == str(Kind.ROUTE)]
    open_ = [way for way in ways if way.outside and way.authenticated == NO and way.enabled]
    if guarded:
        said = f"{some(way.label for way in open_)} beside {some(way.label for way in guarded)}" if open_ else ""
        unsure = [way for way in ways if way.outside and way.authenticated == UNKNOWN]
        answer = YES if open_ else (UNKNOWN if unsure else NO)
        missing = tuple(sorted({text for way in unsure for text in way.missing})) if answer == UNKNOWN else ()
        at = tuple(source for way in open_ for source in way.sources)
        yield Line(part="bypasses", what="a way without authentication leads past an authenticated one", answer=answer,
                   detail=said, missing=missing, sources=at)  # fmt: skip
    yield _direct(scene, function, ways)


def _direct(scene: Scene, function: Function, ways: tuple[Way, ...]) -> Line:
    """Return who may invoke it directly, by a policy of their own or of the function."""
    principals = {str(kind) for kind in PRINCIPAL_KINDS - {Kind.SERVICE}}
    may = [way for way in ways if not way.configured and way.kind in principals]
    unseen = [] if scene.seen("iam.GetAccountAuthorizationDetails") else [_DETAILS]
    unseen += ["lambda:GetPolicy"] if isinstance(function.policy, UnsetType) else []
    sure = [way for way in may if way.given]
    missing = tuple(sorted({*unseen, *(text for way in may for text in way.missing)}))
    answer = YES if sure else (UNKNOWN if may or unseen else NO)
    return Line(
        part="bypasses", what="principals may invoke it directly", answer=answer,
        detail=some((way.label for way in may), 6), missing=missing if answer == UNKNOWN else (),
        sources=tuple(source for way in may for source in way.sources[:1]),
    )  # fmt: skip


# --------------------------------------------------------- triggers to nothing


def _dangling(scene: Scene, function: Function, ways: tuple[Way, ...], answered: Answered) -> Iterator[Line]:
    for finding in answered.of("perim.dangling-trigger", function.id):
        yield line_of("triggers", "its policy trusts a source that is gone", finding, turned=True)
    for way in ways:
        if not way.enabled:
            said = f"{way.kind} {way.label} is switched off"
            yield Line(part="triggers", what="a trigger is switched off", answer=YES, detail=said, sources=way.sources)
    for mapping in scene.mappings.get(function.id, ()):
        source = mapping.event_source_arn or ""
        if source in scene.graph and not scene.nodes[source].exists:
            said = f"the event source mapping {mapping.uuid} reads {source}, which the export does not hold"
            at = (mapping.source.at("EventSourceArn"),)
            yield Line(part="triggers", what="a trigger comes from nothing that was seen", answer=YES, detail=said,
                       sources=at)  # fmt: skip


# --------------------------------------------------------------------- role


def _role(scene: Scene, function: Function, answered: Answered) -> Iterator[Line]:
    role = function.role or ""
    at = (function.source.at("Role"),)
    yield Line(part="role", what="runs as", detail=role or "no role", sources=at)
    if not scene.permissions.knows(role):
        yield Line(part="role", what="what it may do", answer=UNKNOWN, missing=(_DETAILS,), sources=at)
    for check, what in (
        ("perim.role-admin", "it is, or leads to, an administrator"),
        ("perim.role-shared", "other functions run as the same role"),
        ("perim.trust-policy", "others may take the role on"),
        ("perim.role-wildcards", "its policies give more than they name"),
    ):
        for finding in answered.of(check, role):
            if finding.verdict != "N/A":
                yield line_of("role", what, finding, turned=True)
    for finding in answered.of("perim.lateral-invoke", function.id):
        yield line_of("role", "it may control other functions or roles", finding, turned=True)
    for finding in answered.of("rest.least-privilege-store", function.id):
        yield line_of("role", "it may do more to a store than it is seen to do", finding, turned=True)


# ------------------------------------------------------------------- network


def _network(function: Function, answered: Answered) -> Iterator[Line]:
    vpc, at = function.vpc_config, (function.source.at("VpcConfig"),)
    if vpc is None or not vpc.subnet_ids:
        said = "not attached to a VPC: nothing limits where it connects to"
        yield Line(part="network", what="VPC", answer=NO, detail=said, sources=at)
    else:
        said = f"{vpc.vpc_id or 'VPC not named'}, {len(vpc.subnet_ids)} subnets, {some(vpc.security_group_ids)}"
        yield Line(part="network", what="VPC", answer=YES, detail=said, sources=at)
    for check, what in (
        ("perim.least-network", "egress is limited"),
        ("transit.network-path", "calls to services stay inside"),
    ):
        for finding in answered.of(check, function.id):
            if finding.verdict != "N/A":
                yield line_of("network", what, finding)


# --------------------------------------------------------------- environment


def _environment(function: Function) -> Iterator[Line]:
    variables = function.environment
    if isinstance(variables, UnsetType):
        yield Line(part="environment", what="secrets in variables", answer=UNKNOWN, missing=("Environment",),
                   sources=(function.source,))  # fmt: skip
        return
    secret = sorted(key for key, value in (variables or {}).items() if value.secret)
    count = len(variables or {})
    said = f"{count} variable{'' if count == 1 else 's'}" + (
        f", of which {some(secret, 8)} look like credentials" if secret else ""
    )
    at = tuple(function.source.at("Environment", "Variables", key) for key in secret) or (function.source,)
    yield Line(part="environment", what="secrets in variables", answer=YES if secret else NO, detail=said, sources=at)


# ---------------------------------------------------------------------- code


def _code(scene: Scene, function: Function, answered: Answered) -> Iterator[Line]:
    runs = function.runtime or ("container image" if function.package_type == "Image" else "runtime not told")
    yield Line(part="code", what="runs", detail=runs, sources=(function.source.at("Runtime"),))
    for check, what in (
        ("patch.runtime-deprecated", "AWS patches its runtime"),
        ("long.code-signing", "only signed code is accepted"),
        ("long.exec-wrapper", "no variable runs other code before its own"),
        ("deps.known-vuln", "its packages are free of known vulnerabilities"),
    ):
        for finding in answered.of(check, function.id):
            if finding.verdict != "N/A":
                yield line_of("code", what, finding)
    for number, layer in enumerate(function.layers):
        yield Line(part="code", what="layer", detail=layer.arn, sources=(function.source.at("Layers", number),))
    yield _changers(scene, function)


def _changers(scene: Scene, function: Function) -> Line:
    """Return who may change the code that runs next."""
    edges = [
        (origin, edge)
        for origin, edge in scene.into(function.id, EdgeKind.CHANGES_CODE)
        if not edge.qualifier or edge.evidence is not Evidence.PERMITTED
    ]
    sure = sorted({scene.label(origin) for origin, edge in edges if is_given(edge)})
    open_ = sorted({scene.label(origin) for origin, edge in edges if not is_given(edge)} - set(sure))
    unseen = () if scene.seen("iam.GetAccountAuthorizationDetails") else (_DETAILS,)
    missing = tuple(sorted({*unseen, *(edge.unknown for _, edge in edges if edge.unknown and not is_given(edge))}))
    said = some(sure, 8) + (f"; under conditions: {some(open_, 8)}" if open_ else "")
    answer = YES if sure else (UNKNOWN if unseen or open_ else NO)
    return Line(
        part="code", what="others may change it", answer=answer, detail=said.removeprefix("; "),
        missing=missing if answer == UNKNOWN else (),
        sources=tuple(sorted({source for _, edge in edges for source in edge.sources[:1]})),
    )  # fmt: skip
