"""Lambda runtimes and until when AWS patches them."""

from functools import cache

import msgspec

from auditkit.facts._table import rows_of

__all__ = ["Runtime", "get_runtime", "get_runtimes"]


class Runtime(msgspec.Struct, frozen=True):
    """One runtime.

    Attributes
    ----------
    runtime, label
        Identifier as in ``Function.Runtime``, and what a person calls it.
    released
        ISO 8601 date.
    deprecated
        ISO 8601 date from which it is no longer patched.
    blocked
        ISO 8601 date from which functions can no longer be updated; ``""`` where functions of it are never blocked
        (images).
    managed
        Whether AWS patches the language as well as the operating system; False for runtimes that are an operating
        system only.
    container_only
        Whether there is only a base image of it; no function carries it as its runtime.
    """

    runtime: str
    label: str
    released: str
    deprecated: str
    blocked: str
    managed: bool
    container_only: bool


@cache
def get_runtimes() -> dict[str, Runtime]:
    """Return all runtimes by identifier (table ``runtimes``)."""
    return {
        row["runtime"]: Runtime(
            runtime=row["runtime"],
            label=row["label"],
            released=row["released"],
            deprecated=row["deprecated"],
            blocked=row["blocked"],
            managed=row["managed"] == "yes",
            container_only=row["container_only"] == "yes",
        )
        for row in rows_of("runtimes")
    }


def get_runtime(name: str) -> Runtime | None:
    """Return the runtime of this identifier, or ``None`` where it is in no table (newer than it, or mistyped)."""
    return get_runtimes().get(name)
