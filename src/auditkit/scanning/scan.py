"""Scans of all code packages of an inventory: each code once, results for every function that runs it."""

import base64
import hashlib
import io
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from auditkit.errors import ExportError
from auditkit.exports._inline import digest_of, text_at
from auditkit.exports.archive import open_export
from auditkit.exports.cloudformation import TemplateError, load
from auditkit.exports.labels import labels_of, named
from auditkit.inventory import Inventory, Record
from auditkit.inventory.evidence.packages import CodePackage
from auditkit.inventory.evidence.weaknesses import CodeScan, Place, ScanResult
from auditkit.inventory.records.functions import Function, FunctionVersion
from auditkit.scanning.running import CodeLimits, ScannerError, run
from auditkit.scanning.scanners import SCANNERS, Hit, Scanner, version_of
from auditkit.scanning.unpacking import Unpacked, unpack

__all__ = ["scan_code"]

Progress = Callable[[str, int, int], None]


class _Code(NamedTuple):
    """A code package with its content, and who runs it."""

    record: CodePackage
    data: bytes
    runners: tuple[str, ...]


def scan_code(
    inventory: Inventory,
    *paths: str | Path,
    limits: CodeLimits | None = None,
    scanners: Sequence[Scanner] = SCANNERS,
    progress: Progress | None = None,
) -> Inventory:
    """Scan the code that exports hold, and return the inventory with what was found.

    Parameters
    ----------
    inventory
        What :func:`auditkit.read` made of the exports.
    *paths
        The same exports, in the same order.
    limits
        Bounds on time, memory and output of a scanner; the defaults of :class:`CodeLimits` where not given.
    scanners
        Those to run; all of them by default. One that is not installed, does not end, or fails is noted, and what it
        would have looked at stays unknown.
    progress
        Called with the scanner, how many packages are done, and how many there are.

    Returns
    -------
    Inventory
        The same records, and for each code and scanner a ``code scan`` and its ``scan result`` records. Of secrets only
        file, line, kind and digest are kept, and nothing else of the code.

    Raises
    ------
    ExportError
        An export cannot be opened any more.
    """
    bounds = limits if limits is not None else CodeLimits()
    codes = _codes(inventory, [Path(path) for path in paths])
    found: list[Record] = []
    for scanner in scanners:
        for start in range(0, len(codes), bounds.batch):
            if progress is not None:
                progress(scanner.name, start, len(codes))
            found += _scan(scanner, codes[start : start + bounds.batch], bounds)
    if progress is not None:
        progress("scanning", len(codes), len(codes))
    return Inventory(
        [*inventory, *found],
        coverage=inventory.coverage,
        not_read=inventory.not_read,
        contradictions=inventory.contradictions,
        digests=inventory.digests,
        side_inputs=inventory.side_inputs,
        outlines=inventory.outlines,
    )


def _codes(inventory: Inventory, paths: list[Path]) -> list[_Code]:
    """Return the code packages whose zips are still what was read, by digest, and the code that templates hold."""
    wanted: dict[str, list[CodePackage]] = {}
    for record in inventory.of(CodePackage):
        for name in dict.fromkeys(source.file for source in record.sources if record.digest):
            wanted.setdefault(name, []).append(record)
    runners = _runners(inventory)
    found: dict[str, _Code] = {}
    with ExitStack() as stack:
        for label, path in labels_of(paths):
            for file in stack.enter_context(open_export(path, lambda *_: None)):
                records = [one for one in wanted.get(named(label, file.path), ()) if one.id not in found]
                data = file.read() if records else b""
                for record in records:
                    code = _inline(record, data, file.path) if record.inline else data
                    if not record.inline and base64.b64encode(hashlib.sha256(data).digest()).decode() != record.digest:
                        raise ExportError(f"{file.path}: it is not what was read before")
                    run_by = {one for owner in record.used_by for one in runners.get(owner, (owner,))}
                    found[record.id] = _Code(record, code, tuple(sorted(run_by)))
    return [found[key] for key in sorted(found)]


def _inline(record: CodePackage, data: bytes, path: str) -> bytes:
    """Return a zip of the code that a template holds."""
    try:
        text = text_at(load(data).content, record.source.pointer)
    except TemplateError:
        text = ""
    if digest_of(text) != record.digest:
        raise ExportError(f"{path}: it is not what was read before")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(zipfile.ZipInfo(record.name), text.encode("utf-8", "surrogatepass"))
    return packed.getvalue()


def _runners(inventory: Inventory) -> dict[str, tuple[str, ...]]:
    """Return by each layer version itself and the functions and versions that have it."""
    found: dict[str, list[str]] = {}
    for one in (*inventory.of(Function), *inventory.of(FunctionVersion)):
        for layer in one.layers:
            found.setdefault(layer.arn, [layer.arn]).append(one.id)
    return {layer: tuple(ids) for layer, ids in found.items()}


def _scan(scanner: Scanner, codes: list[_Code], limits: CodeLimits) -> Iterator[Record]:
    """Scan packages together; where that fails, in halves, until the one that makes it fail is alone."""
    if not version_of(scanner):
        why = f"{scanner.package} is not installed (pip install 'auditkit[scan]')"
        yield from (_noted(scanner, code, 0, (why,)) for code in codes)
        return
    try:
        records = list(_scanned(scanner, codes, limits))
    except ScannerError as error:
        if len(codes) == 1:
            records = [_noted(scanner, codes[0], 0, (str(error),))]
        else:
            half = len(codes) // 2
            records = [*_scan(scanner, codes[:half], limits), *_scan(scanner, codes[half:], limits)]
    yield from records


def _scanned(scanner: Scanner, codes: list[_Code], limits: CodeLimits) -> Iterator[Record]:
    with tempfile.TemporaryDirectory(prefix="auditkit-", ignore_cleanup_errors=True) as place:
        folder = Path(place)
        (folder / "code").mkdir()
        unpacked = [_unpack(code, folder / "code", f"p{number:04d}", limits) for number, code in enumerate(codes)]
        looked_at = [_looked_at(scanner, one) for one in unpacked]
        listed = [f"code/{file}" for files in looked_at for file in files]
        (folder / "listed").write_text("\n".join(listed), "utf-8")
        told: dict[str, list[Hit]] = {}
        unread: dict[str, list[str]] = {}
        if listed:
            for said in scanner.results(run(scanner.arguments("code", "listed"), folder, limits)):
                name = PurePosixPath(said.file.replace("\\", "/")).name
                if isinstance(said, Hit):
                    told.setdefault(name, []).append(said)
                else:
                    unread.setdefault(name, []).append(said.reason)
    for code, one, files in zip(codes, unpacked, looked_at, strict=True):
        gaps = [f"{one.members[file]}: {why}" for file in files for why in unread.get(file, ())]
        yield _noted(scanner, code, len(files), (*one.left_out, *gaps))
        for file in files:
            yield from (_result(scanner, code, one.members[file], hit) for hit in told.get(file, ()))


def _unpack(code: _Code, folder: Path, name: str, limits: CodeLimits) -> Unpacked:
    try:
        return unpack(code.data, folder, name, limits)
    except ExportError as error:
        return Unpacked({}, (str(error),))


def _key(code: _Code) -> str:
    """Return what tells a code from others: its digest, and the file for what a template holds."""
    return code.record.id.removeprefix("code:")


def _looked_at(scanner: Scanner, one: Unpacked) -> list[str]:
    return [file for file in one.members if not scanner.suffixes or file.endswith(scanner.suffixes)]


def _noted(scanner: Scanner, code: _Code, files: int, gaps: tuple[str, ...]) -> CodeScan:
    return CodeScan(
        id=f"code-scan:{scanner.name}:{_key(code)}",
        account=code.record.account,
        region=code.record.region,
        name=f"{scanner.name} of {code.record.name}",
        sources=(code.record.source,),
        tool=scanner.name,
        version=version_of(scanner),
        looks_for=scanner.looks_for,
        resources=code.runners,
        files=files,
        incomplete="; ".join(gaps),
    )


def _result(scanner: Scanner, code: _Code, member: str, hit: Hit) -> ScanResult:
    place = f"{scanner.name}|{_key(code)}|{member}|{hit.line}|{hit.rule}|{hit.message}"
    return ScanResult(
        id="scan:" + hashlib.sha256(place.encode("utf-8", "surrogatepass")).hexdigest()[:24],
        account=code.record.account,
        region=code.record.region,
        name=hit.rule,
        sources=(code.record.source if code.record.inline else code.record.source.at(member),),
        tool=scanner.name,
        rule=hit.rule,
        message=hit.message,
        rating=hit.rating,
        weaknesses=hit.weaknesses,
        places=(Place(member, hit.line),),
        resources=code.runners,
    )
