"""How sources name the files of several exports that are read together."""

from pathlib import Path

__all__ = ["labels_of", "named"]


def labels_of(paths: list[Path]) -> list[tuple[str, Path]]:
    """Return a label for each export: none for a single one, else its name, numbered where two are the same."""
    if len(paths) == 1:
        return [("", paths[0])]
    taken: dict[str, int] = {}
    labels = []
    for path in paths:
        name = path.resolve().name.removesuffix(".zip") or "export"
        taken[name] = taken.get(name, 0) + 1
        labels.append((name if taken[name] == 1 else f"{name}({taken[name]})", path))
    return labels


def named(label: str, path: str) -> str:
    """Return how sources name a file of an export with this label."""
    return f"{label}:{path}" if label else path
