"""Templates of an export: which files are one, what they call their stacks, and which belong together."""

import re
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import Any

import msgspec

from auditkit.exports._json import JsonError, as_utf8
from auditkit.exports.cloudformation._identity import spelled
from auditkit.exports.cloudformation._loading import Document, TemplateError, load

__all__ = [
    "NESTED",
    "Template",
    "built_from",
    "child_of",
    "children_of",
    "first_steps",
    "joined",
    "looks_like_one",
    "names_resources",
    "stack_name",
    "template_in",
]

NESTED = "AWS::CloudFormation::Stack"
_COMMON = re.compile(
    r"(?:packaged-?|processed-?|sam-?|cfn-?|cloudformation-?|aws-?)*(?:template|cloudformation|serverless|stack|main|index|infra)"
    r"(?:-update-stack|-create-stack)?",
    re.IGNORECASE,
)
_ENDING = re.compile(r"\.(?:json|ya?ml|template|txt|packaged)$", re.IGNORECASE)
_BEGUN, _WHOLE = "cloudformation-template-create-stack.json", "cloudformation-template-update-stack.json"
_SECTION = b"Resources"
_AFTER_KEY = re.compile(rb"""["']?\s*:""").match
_UNFIT = re.compile(r"[^A-Za-z0-9-]+")


class Template(msgspec.Struct):
    """A template of the export.

    Attributes
    ----------
    name, path
        As sources name the file, and its path in its export.
    export
        Label of its export.
    document
        Content of the file.
    content, base
        The template, and where it stands in the file: the answer of ``GetTemplate`` holds one.
    account, region
        By the path; ``""`` where it does not say.
    nested
        Whether another template has it as a nested stack.
    """

    name: str
    path: str
    export: str
    document: Document
    content: dict[str, Any]
    base: str
    account: str
    region: str
    nested: bool = False


def looks_like_one(data: bytes, keys: Mapping[str, object] | None) -> bool:
    """Return whether a file may be a template, without reading more of it than needed.

    Parameters
    ----------
    data
        Its content.
    keys
        Its sketch (:func:`~auditkit.exports._json.sketch`), ``None`` where it is no JSON.
    """
    try:
        text = as_utf8(data)
    except JsonError:
        return False
    braced = text.lstrip().startswith(b"{")
    if braced and keys is not None:
        return bool(keys.keys() & {"Resources", "TemplateBody"})
    if b"TemplateBody" not in text and not names_resources(text):
        return False
    return not braced or b"::" in text


def names_resources(text: bytes) -> bool:
    """Return whether ``Resources`` stands in a text as a key, of JSON or YAML; as quick as the word is seldom."""
    place = text.find(_SECTION)
    while place >= 0:
        end = place + len(_SECTION)
        before = text[place - 1 : place] if place else b"\n"
        if (before in b"{,\"'" or before.isspace()) and _AFTER_KEY(text, end):
            return True
        place = text.find(_SECTION, end)
    return False


def template_in(document: Document) -> tuple[dict[str, Any], str] | None:
    """Return the template in a file and where it stands, ``None`` for what holds none."""
    content, base = document.content, ""
    if isinstance(content, dict) and "TemplateBody" in content and "Resources" not in content:
        content, base = content["TemplateBody"], "/TemplateBody"
        if isinstance(content, str):
            try:
                content = load(content.encode("utf-8", "surrogatepass")).content
            except TemplateError:
                return None
    if not isinstance(content, dict) or not isinstance(content.get("Resources"), dict):
        return None
    resources = content["Resources"].values()
    typed = any(isinstance(one, dict) and "::" in spelled(one.get("Type")) for one in resources)
    return (content, base) if typed or content.keys() & {"AWSTemplateFormatVersion", "Transform"} else None


def stack_name(template: Template) -> str:
    """Return a name for the stack of a template: of its file, or of its folder where the file's says nothing."""
    path = PurePosixPath(template.path)
    stem = _ENDING.sub("", _ENDING.sub("", path.name))
    folders = [part for part in path.parts[:-1] if not part.startswith(".") and not _COMMON.fullmatch(part)]
    chosen = folders[-1] if _COMMON.fullmatch(stem) and folders else stem
    return _UNFIT.sub("-", chosen).strip("-") or "stack"


def children_of(template: Template, by_path: Mapping[tuple[str, str], Template]) -> Iterable[Template]:
    for resource in template.content["Resources"].values():
        if isinstance(resource, dict) and spelled(resource.get("Type")) in {NESTED, "AWS::Serverless::Application"}:
            child = child_of(template, resource, by_path)
            if child is not None:
                yield child


_BUILT = "/.aws-sam/"


def first_steps(templates: Iterable[Template]) -> set[str]:
    """Return the names of templates that only begin a stack which another one beside them has whole.

    The Serverless Framework makes a stack with a bucket alone first, and then the same stack with all there is.
    """
    by_path = {(one.export, one.path): one for one in templates}
    return {
        one.name
        for (export, path), one in by_path.items()
        if path.endswith(_BEGUN) and (export, f"{path.removesuffix(_BEGUN)}{_WHOLE}") in by_path
    }


def built_from(templates: Iterable[Template]) -> dict[str, str]:
    """Return the names of templates that SAM built, with the name of the one beside them that each was built from."""
    listed = list(templates)
    found = {}
    for one in listed:
        above, built, _ = f"/{one.path}".partition(_BUILT)
        near = (
            other.name
            for other in listed
            if other.export == one.export
            and f"/{other.path}".startswith(f"{above}/")
            and _BUILT not in f"/{other.path}"
            and other.content["Resources"].keys() == one.content["Resources"].keys()
        )
        if built and (source := next(near, "")):
            found[one.name] = source
    return found


def child_of(
    template: Template, resource: Mapping[str, Any], by_path: Mapping[tuple[str, str], Template]
) -> Template | None:
    """Return the template of a nested stack: by its local path, by that of the CDK's asset, or by its file's name."""
    properties, metadata = resource.get("Properties"), resource.get("Metadata")
    location = None
    if isinstance(properties, dict):
        location = properties.get("TemplateURL", properties.get("Location"))
    asset = metadata.get("aws:asset:path") if isinstance(metadata, dict) else None
    for text in (asset, location if isinstance(location, str) else _last_text(location)):
        if not isinstance(text, str):
            continue
        path = joined(template.path, text)
        found = by_path.get((template.export, path)) if path else None
        if found is not None:
            return found if found is not template else None
        last = text.rpartition("/")[2].partition("?")[0]
        named = [one for one in by_path.values() if last and PurePosixPath(one.path).name == last]
        if len(named) == 1 and named[0] is not template:
            return named[0]
    return None


def _last_text(location: object) -> str | None:
    """Return the end of an address that is put together: the file's name, if it is written out."""
    if not isinstance(location, dict):
        return None
    text = location.get("Fn::Sub")
    text = text[0] if isinstance(text, list) and text else text
    joined = location.get("Fn::Join")
    if isinstance(joined, list) and len(joined) > 1 and isinstance(joined[1], list) and joined[1]:
        text = joined[1][-1]
    return text if isinstance(text, str) else None


def joined(path: str, uri: str) -> str:
    """Return the path in the export of what a template names by a local path; ``""`` for what leads elsewhere."""
    if "://" in uri or uri.startswith("/"):
        return ""
    parts = list(PurePosixPath(path).parts[:-1])
    for part in PurePosixPath(uri).parts:
        if part == "..":
            if not parts:
                return ""
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)
