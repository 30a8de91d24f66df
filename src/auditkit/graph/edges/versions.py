"""Published versions of functions: what those in use are set to, where it is not what ``$LATEST`` is set to.

A version is in use where an alias leads to it, or where anything that was said before addresses it by its number.
"""

from collections.abc import Iterator

from auditkit.graph._build import Builder
from auditkit.graph._refs import reference
from auditkit.graph.edges.functions import contains, dead_letter, mounts, runs_as
from auditkit.graph.edges.references import SETTINGS, connect_versions
from auditkit.graph.schema import EdgeKind
from auditkit.inventory import PolicyText, Source
from auditkit.inventory.records.functions import Function, FunctionAlias, FunctionVersion

__all__ = ["ADDRESSING", "add_versions", "in_use", "numbers_of"]

ADDRESSING = (EdgeKind.INVOKES, EdgeKind.DELIVERS, EdgeKind.CALLS)
"""Kinds of edges that address a function, by an alias or a version where they have a qualifier."""


def numbers_of(alias: FunctionAlias) -> list[tuple[str, Source]]:
    """Return the versions that an alias leads to, with where each stands; a share of 0 leads nowhere."""
    found = []
    if alias.function_version and alias.function_version != "$LATEST":
        found.append((alias.function_version, alias.source.at("FunctionVersion")))
    shares = alias.routing_config.additional_version_weights if alias.routing_config is not None else {}
    at = alias.source.at("RoutingConfig", "AdditionalVersionWeights")
    return found + [(number, at.at(number)) for number, share in sorted(shares.items()) if share > 0]


def add_versions(build: Builder) -> None:
    """Say what versions in use run as, bring along, hand failures to, mount and refer to.

    What addresses versions must have been said before.
    """
    differing = {version.id: function for function, version in _differing(build)}
    if not differing:
        return
    live: list[tuple[Function, FunctionVersion]] = []
    for identity in sorted(in_use(build) & differing.keys()):
        version = build.inventory.get(identity)
        assert isinstance(version, FunctionVersion)
        live.append((differing[identity], version))
        _say(build, *live[-1])
    connect_versions(build, live)


def _differing(build: Builder) -> Iterator[tuple[Function, FunctionVersion]]:
    """Yield the versions of which something that makes edges differs from ``$LATEST``, with their functions."""
    for version in build.inventory.of(FunctionVersion):
        function = build.inventory.get(reference(version.id).id)
        if isinstance(function, Function) and any(
            getattr(version, name) != getattr(function, name)
            for name in ("dead_letter_config", "file_system_configs", "layers", *SETTINGS)
        ):
            yield function, version


def in_use(build: Builder) -> set[str]:
    """Return the ARNs of the versions that something leads to, by what was said so far.

    That is an alias, whatever addresses a version by its number, and a policy of the version's own.
    """
    aliases = ((reference(alias.alias_arn).id, alias) for alias in build.inventory.of(FunctionAlias))
    found = {f"{function}:{number}" for function, alias in aliases for number, _ in numbers_of(alias)}
    found |= {f"{function}:{number}" for function, number in build.addressed(*ADDRESSING) if number.isdigit()}
    return found | {one.id for one in build.inventory.of(FunctionVersion) if isinstance(one.policy, PolicyText)}


def _say(build: Builder, function: Function, version: FunctionVersion) -> None:
    if version.role != function.role:
        runs_as(build, function, version)
    if version.dead_letter_config != function.dead_letter_config:
        dead_letter(build, function, version)
    contains(build, function, version, besides={layer.arn for layer in function.layers})
    mounts(build, function, version, besides={mount.arn for mount in function.file_system_configs})
