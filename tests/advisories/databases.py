"""Small databases in OSV's published format, made for the purpose: no advisory in them is a real one."""

import json
import zipfile

__all__ = ["advisory", "database", "write_zip"]


def advisory(name="one", *, ecosystem="PyPI", number="EX-2026-1", events=None, kind="ECOSYSTEM", **more):
    """Return an advisory about one package; ``events`` are those of its range, as pairs."""
    affected = {"package": {"ecosystem": ecosystem, "name": name}}
    if events is not None:
        affected["ranges"] = [{"type": kind, "events": [dict([event]) for event in events]}]
    for field in ("versions", "ranges"):
        if field in more:
            affected[field] = more.pop(field)
    if "specific" in more:
        affected["database_specific"] = more.pop("specific")
    return {
        "schema_version": "1.7.0",
        "id": number,
        "modified": "2026-10-01T00:00:00Z",
        "published": "2026-09-01T00:00:00Z",
        "summary": f"Something is wrong with {name}",
        "affected": [affected],
    } | more


def write_zip(path, *advisories):
    """Write an archive as the database publishes them: one file per advisory."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for item in advisories:
            name, text = item if isinstance(item, tuple) else (f"{item['id']}.json", json.dumps(item))
            archive.writestr(name, text)
    return path


def database(folder, **by_ecosystem):
    """Write ``<ecosystem>/all.zip`` for each ecosystem, and return the folder."""
    for ecosystem, advisories in by_ecosystem.items():
        write_zip(folder / ecosystem / "all.zip", *advisories)
    return folder
