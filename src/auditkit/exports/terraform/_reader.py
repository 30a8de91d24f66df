"""From a Terraform document to an inventory."""

from collections.abc import Mapping

from auditkit.exports._answers import Answers, Node
from auditkit.exports._coverage import CoverageBook
from auditkit.exports._reading import Reading
from auditkit.exports.terraform import (
    agents,
    apis,
    buckets,
    caches,
    cognito,
    entries,
    functions,
    guards,
    identities,
    messaging,
    network,
    servers,
    stores,
    tagging,
    triggers,
    warehouses,
    workloads,
)
from auditkit.exports.terraform._inline import tell_inline
from auditkit.exports.terraform._out import Out, Translate
from auditkit.exports.terraform._plan import Plan
from auditkit.exports.terraform._planted import tell_secrets
from auditkit.exports.terraform._raw import raw_resources
from auditkit.exports.terraform._resources import Estate
from auditkit.exports.terraform._secrets import without_secrets
from auditkit.inventory import Source

__all__ = ["is_terraform", "read_terraform"]

_STATE = "a Terraform state shows what Terraform manages, and no more"
_PLANNED = "a Terraform plan shows what Terraform will manage, and no more"
_TRANSLATORS: tuple[Translate, ...] = (
    identities.translate,
    functions.translate,
    apis.translate,
    buckets.translate,
    messaging.translate,
    stores.translate,
    servers.translate,
    caches.translate,
    warehouses.translate,
    entries.translate,
    cognito.translate,
    network.translate,
    agents.translate,
    guards.translate,
    tagging.translate,
    triggers.translate,
    workloads.translate,
)


def is_terraform(keys: Mapping[str, object]) -> bool:
    """Return whether a document with these keys is of Terraform.

    Parameters
    ----------
    keys
        Its top-level keys, with their values where these are simple.
    """
    if "format_version" in keys:
        return bool(
            keys.keys() & {"values", "planned_values", "resource_changes", "terraform_version", "configuration"}
        )
    return {"version", "terraform_version", "lineage"} <= keys.keys()


def read_terraform(document: object, source: Source, reading: Reading, book: CoverageBook) -> None:
    """Read a state or a plan.

    Parameters
    ----------
    document
        Content of the file.
    source
        The file.
    reading, book
        Take what it says.
    """
    node = Node(document, source)
    raws = [raw for raw in raw_resources(node) if raw.type.startswith(("aws_", "random_"))]
    without_secrets(raws)
    plan = node.at("planned_values") is not None
    estate: Estate = Plan(node, raws, reading) if plan else Estate(node, raws)
    answers = Answers(reading, book, _PLANNED if plan else _STATE, locate=estate.locate, foreign=True)
    out = Out(answers)
    for translate in _TRANSLATORS:
        translate(estate, out)
    tell_secrets(node, estate, reading)
    tell_inline(node, estate, reading)
    for resources in estate.left():
        first, count = resources[0], len(resources)
        reading.not_read(estate.locate(first.source), f"resources of type {first.type} are not read ({count} here)")
    if not any(raw.managed for raw in raws):
        reading.not_read(source, "no resource of AWS in this Terraform document")
