"""Tags that say whose something is, and which environment it belongs to."""

from collections.abc import Mapping
from functools import lru_cache

__all__ = ["environment_of", "is_critical", "made_by_stack", "owner_of", "team_of"]

_OWNERS = ("owner", "patch-owner", "patchowner", "team", "contact", "maintainer", "squad", "service-owner", "app-owner")
_ENVIRONMENTS = ("environment", "env", "stage", "deployment-stage", "tier")
_CRITICAL = ("criticality", "critical", "business-criticality", "importance", "tier")
_IS_CRITICAL = frozenset({"critical", "high", "tier-0", "tier0", "tier-1", "tier1", "true", "yes"})
_STACK = "aws:cloudformation:stack-name"
_LESS = {
    "dev": "development",
    "develop": "development",
    "development": "development",
    "sandbox": "development",
    "test": "test",
    "testing": "test",
    "qa": "test",
    "uat": "test",
    "stage": "test",
    "staging": "test",
    "preprod": "test",
    "prod": "production",
    "production": "production",
    "live": "production",
    "prd": "production",
}


def owner_of(tags: Mapping[str, str]) -> str:
    """Return the key of the tag that names an owner, ``""`` for none; the tag must say something."""
    return _first(tags, _OWNERS)


def team_of(tags: Mapping[str, str]) -> str:
    """Return who owns something, by its tags or else its stack, in lower case; ``""`` where neither says."""
    key = _first(tags, _OWNERS) or (_STACK if tags.get(_STACK) else "")
    return tags[key].strip().lower() if key else ""


def made_by_stack(tags: Mapping[str, str]) -> bool:
    """Return whether tags say that CloudFormation made something."""
    return any(key.startswith("aws:cloudformation:") for key in tags)


def environment_of(tags: Mapping[str, str], name: str = "") -> str:
    """Return ``"development"``, ``"test"`` or ``"production"``, by tags or else by the name; ``""`` for none."""
    key = _first(tags, _ENVIRONMENTS)
    if key:
        return _LESS.get(tags[key].strip().lower(), "")
    parts = name.lower().replace("_", "-").replace(".", "-").split("-")
    found = {_LESS[part] for part in (parts[:1] + parts[-1:]) if part in _LESS}
    return found.pop() if len(found) == 1 else ""


def is_critical(tags: Mapping[str, str]) -> bool:
    """Return whether tags say that something is critical to the business."""
    key = _first(tags, _CRITICAL)
    return bool(key) and tags[key].strip().lower() in _IS_CRITICAL


def _first(tags: Mapping[str, str], wanted: tuple[str, ...]) -> str:
    found = [key for key in tags if _plain(key) in wanted and tags[key].strip()]
    return min(found, default="")


@lru_cache(maxsize=1 << 12)
def _plain(key: str) -> str:
    """Return a key as it is compared; most resources have the same ones."""
    return key.lower().replace("_", "-").replace(" ", "-").rpartition(":")[2]
