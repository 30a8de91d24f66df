"""Bills of materials: CycloneDX 1.6 JSON of what each function runs with.

They hold what the export tells and nothing else: what is not known is said (``compositions``), and the same inventory
gives the same bytes. Read back as an export they give the same packages.
"""

import json
import os
import re
import uuid
from collections.abc import Iterable, Iterator
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import quote

from auditkit.errors import AuditkitError
from auditkit.inventory import Inventory
from auditkit.inventory.evidence.packages import Found
from auditkit.inventory.packages import UsedPackage
from auditkit.inventory.records.functions import Function, FunctionConfiguration, FunctionVersion

__all__ = ["bill_of", "bills_of", "write_bills"]

_PLAIN = re.compile(r"[A-Za-z0-9_-]{1,140}")
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://cyclonedx.org/auditkit")


def bills_of(inventory: Inventory) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield a bill for each function and published version of which any package list is known.

    Yields
    ------
    path
        Where it belongs below a folder of bills: ``<account>/<region>/sbom/<name>.cdx.json``, of a version its ARN,
        quoted, for the name.
    bill
        The bill (:func:`bill_of`).
    """
    found: list[FunctionConfiguration] = [*inventory.of(Function), *inventory.of(FunctionVersion)]
    for one in found:
        if any(inventory.packages.code_of(one.id).values()):
            yield _path(one), bill_of(inventory, one)


def _path(function: FunctionConfiguration) -> str:
    """Return where a bill belongs, by names that lead nowhere else."""
    folders = [part if _PLAIN.fullmatch(part) else "unknown" for part in (function.account, function.region)]
    is_plain = isinstance(function, Function) and _PLAIN.fullmatch(function.name)
    stem = function.name if is_plain else quote(function.id, safe="")
    return "/".join([*folders, "sbom", f"{stem}.cdx.json"])


def bill_of(inventory: Inventory, function: FunctionConfiguration) -> dict[str, Any]:
    """Return the bill of materials of a function or version, its layers included.

    Parameters
    ----------
    inventory
        With the packages.
    function
        Function or version of it.

    Returns
    -------
    dict
        A document of CycloneDX 1.6. Its serial number follows from its content, and it has no timestamp.
    """
    used = inventory.packages.of(function.id)
    components: dict[str, dict[str, Any]] = {}
    for one in used:
        components.setdefault(_reference(one), _component(one))
    bill: dict[str, Any] = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "tools": {"components": [{"type": "application", "name": "auditkit", "version": version("auditkit")}]},
            "component": _subject(function),
        },
        "components": [components[name] for name in sorted(components)],
        "dependencies": [{"ref": function.id, "dependsOn": sorted(components)}],
        "compositions": [{"aggregate": _aggregate(inventory, function), "assemblies": [function.id]}],
    }
    digest = sha256(_text(bill).encode("utf-8")).hexdigest()
    return {**bill, "serialNumber": f"urn:uuid:{uuid.uuid5(_NAMESPACE, digest)}"}


def _subject(function: FunctionConfiguration) -> dict[str, Any]:
    said = {"auditkit:runtime": function.runtime or "", "auditkit:code-sha256": function.code_sha256 or ""}
    return {
        "type": "application",
        "bom-ref": function.id,
        "name": function.function_name,
        "version": function.version or "$LATEST",
        "properties": [{"name": name, "value": value} for name, value in sorted(said.items()) if value],
    }


def _reference(used: UsedPackage) -> str:
    return f"{used.package.purl}|{used.layer}|{used.package.found}|{used.package.requirement}"


def _component(used: UsedPackage) -> dict[str, Any]:
    package = used.package
    said = {
        "auditkit:found": str(package.found),
        "auditkit:layer": used.layer,
        "auditkit:requirement": package.requirement if package.found is Found.DECLARED else "",
        "auditkit:source": str(package.source),
    }
    component = {
        "type": "library",
        "bom-ref": _reference(used),
        "name": package.without_version.rpartition("/")[2],
        "version": package.version,
        "purl": package.purl,
        "properties": [{"name": name, "value": value} for name, value in sorted(said.items()) if value],
    }
    return {key: value for key, value in component.items() if value}


def _aggregate(inventory: Inventory, function: FunctionConfiguration) -> str:
    """Return how complete a bill is: *incomplete* where a part is known to be missing, else *unknown*."""
    codes = inventory.packages.code_of(function.id).values()
    lacking = any(not found for found in codes) or any(code.incomplete for found in codes for code in found)
    return "incomplete" if lacking else "unknown"


def _text(bill: dict[str, Any]) -> str:
    return json.dumps(bill, indent=2, sort_keys=True, ensure_ascii=True) + "\n"


def write_bills(bills: Iterable[tuple[str, dict[str, Any]]], folder: str | os.PathLike[str]) -> list[Path]:
    """Write bills of materials into a folder.

    Parameters
    ----------
    bills
        Path and bill of each, as :func:`bills_of` gives them.
    folder
        Made where it is not there. Files of the same names are replaced, others are left alone.

    Raises
    ------
    AuditkitError
        The folder cannot be written.
    """
    written = []
    try:
        for name, bill in bills:
            path = Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(_text(bill), "utf-8", newline="\n")
            written.append(path)
    except OSError as error:
        raise AuditkitError(f"cannot write {error.filename or folder}: {error.strerror}") from error
    return written
