"""File systems that several functions mount: what one leaves there, the others find."""

from collections.abc import Iterator

from auditkit.areas.answers import Answer, failed, found_none, passed, some, unknown
from auditkit.areas.scene import Scene
from auditkit.areas.versions import in_use
from auditkit.graph.schema import AccessLevel
from auditkit.inventory import UnsetType
from auditkit.inventory.records.filesystems import AccessPoint, FileSystem
from auditkit.inventory.records.functions import Function, FunctionConfiguration

__all__ = ["efs_persistence"]

_NEAR = 2.0
_WRITES = frozenset({AccessLevel.WRITE, AccessLevel.ADMIN})


def efs_persistence(scene: Scene) -> Iterator[Answer]:
    """Judge whether a shared file system carries from one function to the others."""
    points = {point.id: point for point in scene.inventory.of(AccessPoint)}
    mounts: dict[tuple[str, str, str], dict[tuple[str, str], _Mount]] = {}
    for function, code, place in in_use(scene, "file_system_configs"):
        for config in code.file_system_configs:
            point = points.get(config.arn)
            if point is None:
                at = code.source.at("FileSystemConfigs")
                yield unknown(function, f"efs:DescribeAccessPoints of {config.arn}", at=at, place=place)
            else:
                of = (point.account, point.region, point.file_system_id)
                mounts.setdefault(of, {}).setdefault((function.id, point.id), (function, code, point))
    for system in scene.inventory.of(FileSystem):
        mounted = mounts.pop((system.account, system.region, system.file_system_id), None)
        if mounted:
            yield _shared(scene, system, [*mounted.values()])
    for (*_, name), mounted in sorted(mounts.items()):
        for function, code, _ in mounted.values():
            at = code.source.at("FileSystemConfigs")
            yield unknown(function, f"efs:DescribeFileSystems ({name})", at=at, place=name)


_Mount = tuple[Function, FunctionConfiguration, AccessPoint]
"""A function, where it is set to mount, and the access point."""


def _shared(scene: Scene, system: FileSystem, mounted: list[_Mount]) -> Answer:
    at = [system.source, *(code.source.at("FileSystemConfigs") for _, code, _ in mounted)]
    functions = {function.id: function for function, _, _ in mounted}
    names = some(function.name for function in functions.values())
    open_ = [function for name, function in functions.items() if scene.reach.access(name).cost <= _NEAR]
    if len(functions) == 1:
        if not scene.seen("lambda.ListFunctions", system):
            return unknown(system, f"lambda:ListFunctions: whether any but {names} mounts it", at=at)
        return passed(system, f"only {names} mounts it", at=at)
    if not open_:
        return found_none(system, f"{names} mount it, and the outside reaches none of them", at=at)
    if isinstance(system.policy, UnsetType):
        return unknown(system, "efs:DescribeFileSystemPolicy", at=at)
    if system.policy is not None and not _meet(mounted):
        said = f"{names} mount it by access points of their own, apart from one another, and it has a policy"
        return passed(system, said, at=at)
    if system.policy is not None and not (open_ := [one for one in open_ if _writes(scene, system, one)]):
        return found_none(system, f"{names} mount it, and those that the outside reaches may only read", at=at)
    lacks = "no policy says who may write" if system.policy is None else "some of them see the same files"
    said = f"{names} mount it, the outside reaches {some(one.name for one in open_)}, and {lacks}"
    return failed(system, said, at=at, about=open_[0].id)


def _writes(scene: Scene, system: FileSystem, function: Function) -> bool:
    """Return whether a function may write to a file system that has a policy, or may for all that is known."""
    roles = {code.role or "" for one, code, _ in in_use(scene, "role") if one.id == function.id}
    writers = {principal for principal, edge in scene.permitted_on(system.id) if edge.access in _WRITES}
    return any(not scene.permissions.knows(role) or role in writers | scene.administrators for role in roles)


def _meet(mounted: list[_Mount]) -> bool:
    """Return whether two functions see the same files: the directory of one is that of the other, or is inside it."""
    roots = [(function.id, _root(point)) for function, _, point in mounted]
    return any(one != other and path.startswith(above) for one, path in roots for other, above in roots)


def _root(point: AccessPoint) -> str:
    path = point.root_directory.path if point.root_directory is not None else "/"
    return path.rstrip("/") + "/"
