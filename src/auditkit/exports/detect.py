"""What a file of an export is: which API call it answers, for which account and region.

Names come first. Where a name says nothing the top-level keys of the content decide, held against the output shapes of
botocore's service models; a file that could be the answer to several calls is none until its name says which.
"""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import PurePosixPath
from urllib.parse import unquote

import msgspec
from botocore import xform_name
from botocore.exceptions import BotoCoreError
from botocore.loaders import Loader
from botocore.model import ListShape, OperationModel, ServiceModel, StructureShape

from auditkit.exports.calls import ApiCall, api_calls, known_calls

__all__ = ["Place", "call_by_name", "calls_by_content", "is_region", "place_of"]

_REGION = re.compile(r"(?:us-gov|us-iso[a-z]?|eu-isoe|eusc|af|ap|ca|cn|eu|il|me|mx|sa|us)-(?:[a-z]+-){1,2}\d{1,2}")
_ACCOUNT = re.compile(r"\d{12}")
_SPELLINGS = {  # botocore's name -> others that are met: of the command line, of the ARN, of people
    "apigatewayv2": ("apigateway-v2",),
    "efs": ("elasticfilesystem",),
    "elbv2": ("elasticloadbalancingv2", "elb-v2"),
    "events": ("eventbridge",),
    "kafka": ("msk",),
    "logs": ("cloudwatch-logs",),
    "opensearch": ("es",),
    "s3": ("s3api",),
    "stepfunctions": ("sfn", "states"),
}
_ENVELOPE = frozenset(
    {"ResponseMetadata", "NextToken", "nextToken", "NextMarker", "Marker", "IsTruncated", "position", "$metadata"}
)
_SIGN = re.compile(r"[-_. ]+")
_NUMBER = re.compile(r"[-_. ]*(?:page|part)?[-_. ]*\d{1,5}$", re.IGNORECASE)


class Place(msgspec.Struct, frozen=True):
    """What the path of a file says.

    Attributes
    ----------
    call
        The call it answers, ``None`` where the name does not say.
    account, region
        ``""`` where the path does not say.
    arguments
        Arguments of a call per resource.
    """

    call: ApiCall | None
    account: str = ""
    region: str = ""
    arguments: tuple[str, ...] = ()


def place_of(path: str) -> Place:
    """Return what a path says.

    Understood are ``<account>/<region>/<service>-<operation>.json`` with an optional folder per call, the service as a
    folder of its own, and account, region, argument or page number in the file's own name; in kebab, snake or camel
    case, with or without ``aws-`` in front.
    """
    parts = PurePosixPath(path).parts
    folders, name = list(parts[:-1]), parts[-1]
    stem = re.sub(r"\.(?:json|jsonl|ndjson|txt)$", "", name, flags=re.IGNORECASE)
    account = _nearest(_ACCOUNT, folders)
    region = _nearest(_REGION, folders) or ("global" if "global" in folders else "")
    parent = folders[-1] if folders else ""
    above = folders[-2] if len(folders) > 1 else ""
    if call := call_by_name(parent) or call_by_name(f"{above}-{parent}"):
        return Place(call, account, region, _arguments(call, stem))
    bare, account = _taken(_ACCOUNT, stem, account)
    bare, region = _taken(_REGION, bare, region)
    for candidate in (bare, f"{parent}-{bare}", _NUMBER.sub("", bare)):
        if call := call_by_name(candidate):
            return Place(call, account, region)
    for candidate in (bare, f"{parent}-{bare}"):
        if found := _with_argument(candidate):
            call, rest = found
            return Place(call, account, region, _arguments(call, rest))
    return Place(None, account, region)


def is_region(text: str) -> bool:
    """Return whether a text has the form of a region's name."""
    return _REGION.fullmatch(text) is not None


def _nearest(pattern: re.Pattern[str], folders: Iterable[str]) -> str:
    return next((folder for folder in reversed(list(folders)) if pattern.fullmatch(folder)), "")


def _taken(pattern: re.Pattern[str], stem: str, known: str) -> tuple[str, str]:
    """Take an account or a region out of a file's name, where it stands between separators."""
    match = re.search(rf"(?:^|(?<=[-_. ]))(?:{pattern.pattern})(?=$|[-_. ])", stem)
    if match is None:
        return stem, known
    rest = (stem[: match.start()].rstrip("-_. ") + "-" + stem[match.end() :].lstrip("-_. ")).strip("-")
    return rest, known or match.group()


def _arguments(call: ApiCall, text: str) -> tuple[str, ...]:
    if not call.arguments:
        return ()
    parts = tuple(unquote(part) for part in text.split(","))
    return parts if len(parts) <= len(call.names) else (unquote(text),)


@cache
def _names() -> Mapping[str, ApiCall]:
    names: dict[str, ApiCall] = {}
    for call in known_calls():
        for service in (call.service, *_SPELLINGS.get(call.service, ())):
            names[_squashed(f"{service}{call.operation}")] = call
    return names


@cache
def _kebab_names() -> tuple[tuple[str, ApiCall], ...]:
    """Return the calls per resource by their names in kebab case, the longest name first."""
    names = {
        f"{service}-{xform_name(call.operation, '-')}": call
        for call in known_calls()
        if call.arguments
        for service in (call.service, *_SPELLINGS.get(call.service, ()))
    }
    return tuple(sorted(names.items(), key=lambda item: (-len(item[0]), item[0])))


def call_by_name(text: str) -> ApiCall | None:
    """Return the call that a name spells out in full, in any case and with any separators, or ``None``."""
    squashed = _squashed(text)
    names = _names()
    return names.get(squashed) or names.get(squashed.removeprefix("aws"))


def _squashed(text: str) -> str:
    return _SIGN.sub("", text).lower()


def _with_argument(stem: str) -> tuple[ApiCall, str] | None:
    """Return call and argument of a name such as ``lambda-get-policy-orders``, where no call is spelled out in full."""
    kebab = stem.replace("_", "-").lower().removeprefix("aws-")
    cut = len(stem) - len(kebab)
    for name, call in _kebab_names():
        if kebab.startswith(name) and len(kebab) > len(name) + 1 and kebab[len(name)] in "-.,=@ ":
            return call, stem[cut + len(name) + 1 :]
    return None


# ---------------------------------------------------------------- by content


def calls_by_content(payload: Mapping[str, object]) -> tuple[ApiCall, ...]:
    """Return the calls that a response may be the answer to, by its keys and by those of its first items."""
    keys = payload.keys() - _ENVELOPE
    if not keys:
        return ()
    return tuple(
        call
        for call in api_calls()
        if keys & set(call.results) and _fits(payload, keys, _output(call.service, call.operation))
    )


def _fits(payload: Mapping[str, object], keys: Iterable[str], shape: StructureShape | None) -> bool:
    if shape is None:
        return False
    for key in keys:
        member = shape.members.get(key)
        if member is None:
            return False
        value = payload[key]
        if isinstance(value, list) and value and isinstance(member, ListShape):
            item = value[0]
            structure = member.member if isinstance(member.member, StructureShape) else None
            if isinstance(item, dict) != (structure is not None):
                return False
            if isinstance(item, dict) and structure is not None and not item.keys() <= structure.members.keys():
                return False
    return True


@cache
def _model(service: str) -> ServiceModel | None:
    try:
        return ServiceModel(Loader().load_service_model(service, "service-2"))
    except BotoCoreError:
        return None


@cache
def _output(service: str, operation: str) -> StructureShape | None:
    model = _model(service)
    if model is None or operation not in model.operation_names:
        return None
    found: OperationModel = model.operation_model(operation)
    return found.output_shape if isinstance(found.output_shape, StructureShape) else None
