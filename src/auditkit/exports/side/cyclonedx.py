"""CycloneDX: the bill of materials of a function, and the vulnerabilities that it lists.

Whose it is, is said by an ARN or the digest of a container image in its metadata, or by the name of the file (see
:mod:`._owners`).
"""

from collections.abc import Iterator
from functools import partial
from hashlib import sha256
from typing import Any

import msgspec

from auditkit.exports._images import digests_in, functions_of_images
from auditkit.exports._reading import Reading, Response
from auditkit.exports.packages.purls import canonical_purl
from auditkit.exports.side._owners import arns_in, owners
from auditkit.exports.side.sarif import rating_of
from auditkit.inventory import Source
from auditkit.inventory.evidence.packages import CodePackage, Found, Package
from auditkit.inventory.evidence.weaknesses import Rating, Vulnerability

__all__ = ["read_bill"]

_DEPTH = 8
_TITLE = 300
_SCALE = 10
_INSPECTOR = "amazon:inspector:sbom_scanner"  # its names of properties: user guide, *Using CycloneDX namespaces*
_LAYER = "auditkit:layer"
_RATINGS = {**{rating.value: rating for rating in Rating}, "info": Rating.NONE}
_WITHOUT_PURL = frozenset({"file", "operating-system", "device", "firmware", "data", "application", "container"})


class _Component(msgspec.Struct, rename="kebab"):
    """A component."""

    type: str = ""
    name: str = ""
    purl: str | None = None
    bom_ref: str | None = None
    properties: object = None


class _Rated(msgspec.Struct):
    """A rating of a vulnerability."""

    score: float | None = None
    severity: str | None = None


class _Affected(msgspec.Struct):
    """What has a vulnerability."""

    ref: str = ""


class _Property(msgspec.Struct):
    """A name and value that a tool adds."""

    name: str = ""
    value: str | None = None


class _Weakness(msgspec.Struct, rename="camel"):
    """A vulnerability."""

    id: str
    description: str | None = None
    ratings: tuple[_Rated, ...] = ()
    affects: tuple[_Affected, ...] = ()
    analysis: dict[str, Any] | None = None
    references: tuple[dict[str, Any], ...] = ()
    properties: tuple[_Property, ...] = ()


def read_bill(response: Response, reading: Reading) -> None:
    """Read a bill of materials."""
    if response.payload.get("bomFormat") != "CycloneDX":
        reading.not_read(response.at("bomFormat"), "no bill of materials of CycloneDX")
        return
    packages: dict[str, Package] = {}
    layers: dict[str, set[Package]] = {}
    unnamed = 0
    for component, source in _components(response, reading):
        purl = canonical_purl(component.purl)
        if purl:
            package = Package(purl, Found.LISTED, source)
            packages[component.bom_ref or purl] = package
            layers.setdefault(_layer_of(component), set()).add(package)
        elif component.type not in _WITHOUT_PURL:
            unnamed += 1
    record = CodePackage(
        id=f"sbom:{response.source.file}",
        account=response.account,
        region=response.region,
        name=_subject(response),
        sources=(response.source,),
        used_by=arns_in(*_metadata(response)),
        packages=tuple(sorted(layers.pop("", ()))),
        incomplete="; ".join(_lacks(response, unnamed)),
    )
    found = [_vulnerability(one, packages, source) for one, source in _weaknesses(response, reading)]
    images = digests_in(*_metadata(response))
    reading.later(lambda reading: _settle(record, found, images, reading))
    for layer, brought in layers.items():
        code = msgspec.structs.replace(
            record, id=f"sbom:{layer}", name=layer, used_by=(layer,), packages=tuple(sorted(brought))
        )
        reading.later(partial(_settle_layer, code))


def _lacks(response: Response, unnamed: int) -> Iterator[str]:
    if unnamed:
        yield f"{unnamed} components without a package URL"
    compositions = response.payload.get("compositions")
    for item in compositions if isinstance(compositions, list) else ():
        aggregate = item.get("aggregate") if isinstance(item, dict) else None
        if isinstance(aggregate, str) and aggregate.startswith("incomplete"):
            yield "the bill of materials says that it is incomplete"
            return


def _layer_of(component: _Component) -> str:
    """Return the layer version that a component is of, as bills say that auditkit writes; ``""`` for none."""
    properties = component.properties if isinstance(component.properties, list) else ()
    named = [item.get("value") for item in properties if isinstance(item, dict) and item.get("name") == _LAYER]
    return next((arn for arn in arns_in(*named) if ":layer:" in arn), "")


def _settle_layer(record: CodePackage, reading: Reading) -> None:
    """Add the packages of a layer, which the bill of every function that has it tells: the first counts."""
    if not reading.find(CodePackage, record.id):
        reading.add(record)


def _settle(record: CodePackage, found: list[Vulnerability], images: frozenset[str], reading: Reading) -> None:
    record.used_by = record.used_by or functions_of_images(images, reading)
    if not record.used_by:
        record.used_by = owners(record.source.file, record.account, record.region, reading)
    if not record.used_by:
        reading.not_read(record.source, "nothing says whose bill of materials this is")
    reading.add(record)
    for one in found:
        one.account, one.region, one.resources = record.account, record.region, record.used_by
        reading.add(one)


def _components(response: Response, reading: Reading) -> Iterator[tuple[_Component, Source]]:
    """Yield components, those within others too, to some depth."""
    level: list[tuple[object, Source]] = [(response.payload.get("components"), response.at("components"))]
    for _ in range(_DEPTH):
        below: list[tuple[object, Source]] = []
        for items, place in level:
            for index, item in enumerate(items if isinstance(items, list) else ()):
                source = place.at(index)
                component = reading.decode(_Component, item, source)
                if component is not None:
                    yield component, source
                    below.append((item.get("components"), source.at("components")))
        level = below


def _weaknesses(response: Response, reading: Reading) -> Iterator[tuple[_Weakness, Source]]:
    for _, item, source in reading.items(response, "vulnerabilities"):
        found = reading.decode(_Weakness, item, source)
        if found is not None:
            yield found, source


def _vulnerability(one: _Weakness, packages: dict[str, Package], source: Source) -> Vulnerability:
    scores = [rated.score for rated in one.ratings if rated.score is not None and 0 <= rated.score <= _SCALE]
    said = [_RATINGS[rated.severity] for rated in one.ratings if rated.severity in _RATINGS]
    by_score = rating_of(max(scores)) if scores else Rating.UNKNOWN
    aliases = {str(item["id"]) for item in one.references if isinstance(item.get("id"), str)} - {one.id}
    status = (one.analysis or {}).get("state")
    said_more = {item.name: item.value or "" for item in one.properties}
    fixed = {
        package.without_version: said_more[f"{_INSPECTOR}:fixed_version:{ref}"]
        for ref, package in packages.items()
        if f"{_INSPECTOR}:fixed_version:{ref}" in said_more
    }
    return Vulnerability(
        id="vulnerability:" + sha256(str(source).encode("utf-8", "surrogatepass")).hexdigest()[:24],
        name=one.id,
        sources=(source,),
        vulnerability=one.id,
        aliases=tuple(sorted(aliases)),
        title=(one.description or "")[:_TITLE],
        packages=tuple(sorted({packages[item.ref] for item in one.affects if item.ref in packages})),
        rating=min(said, key=list(Rating).index) if said else by_score,
        score=max(scores) if scores else None,
        exploit={"true": True, "false": False}.get(said_more.get(f"{_INSPECTOR}:exploit_available", "").lower()),
        fixed_in=dict(sorted(fixed.items())),
        status=status if isinstance(status, str) else "",
        found_by="CycloneDX",
    )


def _subject(response: Response) -> str:
    metadata = response.payload.get("metadata")
    component = metadata.get("component") if isinstance(metadata, dict) else None
    name = component.get("name") if isinstance(component, dict) else None
    return name[:_TITLE] if isinstance(name, str) else ""


def _metadata(response: Response) -> tuple[object, ...]:
    """Return the values in the metadata: of its component, and of the properties of either."""
    metadata = response.payload.get("metadata")
    if not isinstance(metadata, dict):
        return ()
    component = metadata.get("component")
    texts = list(component.values()) if isinstance(component, dict) else []
    for holder in (metadata, component):
        properties = holder.get("properties") if isinstance(holder, dict) else None
        for item in properties if isinstance(properties, list) else ():
            texts += item.values() if isinstance(item, dict) else ()
    return tuple(texts)
