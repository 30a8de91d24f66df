"""What a resource of a template is called: its name, ARN and what ``Ref`` and ``Fn::GetAtt`` give.

Names that the template sets are taken. CloudFormation makes up the others as ``<stack>-<logical id>-<random>``; here
they are ``<stack>-<logical id>``, so that a resource always has the same id, and two stacks never share one. Return
values are those of the *Template reference* of the AWS CloudFormation user guide.
"""

import re
import uuid
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec

__all__ = ["Identity", "Naming", "identity_of", "spelled"]

_SPACE = uuid.UUID("6a9c1f0e-3d5b-5e57-9f3c-0d0f4a1f7c11")
_NAME = re.compile(r"[^A-Za-z0-9_.()-]+")


class Naming(msgspec.Struct, frozen=True):
    """What names are made of.

    Attributes
    ----------
    stack, logical
        Names of the stack and of the resource in it.
    account, region, partition
        Of the stack.
    slug
        Gives an id of small letters and digits, which no other resource of the export has.
    known
        Physical id or ARN, where the export says it; ``""`` where it does not.
    """

    stack: str
    logical: str
    account: str
    region: str
    partition: str
    slug: Callable[[str, str], str]
    known: str = ""

    @property
    def physical(self) -> str:
        """Name of a resource that the template does not name."""
        return _NAME.sub("-", f"{self.stack}-{self.logical}")

    @property
    def uuid(self) -> str:
        """A UUID that is always the same for the same resource."""
        return str(uuid.uuid5(_SPACE, f"{self.stack}\0{self.logical}"))

    @property
    def hex(self) -> str:
        """Seventeen hexadecimal digits, as ids of EC2 have."""
        return self.uuid.replace("-", "")[:17]


class Identity(msgspec.Struct):
    """Name, ARN and return values of a resource."""

    name: str
    arn: str
    ref: str
    attributes: dict[str, str]


class _Type(msgspec.Struct, frozen=True):
    """How a type of resource is named.

    Attributes
    ----------
    arn
        Form of the ARN after ``arn:<partition>:``.
    name
        Properties that name it, the first that is set counts.
    ref
        What ``Ref`` gives: a form. ``{name}``, ``{arn}`` or anything else.
    default
        Form of the name where the template sets none.
    attributes
        Return values of ``Fn::GetAtt``: forms. ``Arn`` is always known.
    lower
        Whether the service keeps names in small letters.
    """

    arn: str
    name: tuple[str, ...] = ()
    ref: str = "{name}"
    default: str = "{physical}"
    attributes: dict[str, str] = {}
    lower: bool = False


@cache
def _types() -> dict[str, _Type]:
    text = files("auditkit.exports.cloudformation").joinpath("identities.toml").read_bytes()
    return msgspec.toml.decode(text, type=dict[str, _Type])


_SERVICE_OF = {
    "elasticloadbalancingv2": "elasticloadbalancing",
    "kinesisfirehose": "firehose",
    "stepfunctions": "states",
}
_BEFORE_ID = {
    "AWS::ElasticLoadBalancingV2::LoadBalancer",
    "AWS::ElasticLoadBalancingV2::TargetGroup",
    "AWS::Lambda::LayerVersion",
}
"""Types whose ARN ends with an id or a number that AWS chose, before which the name stands."""
_WEB_ACL = "AWS::WAFv2::WebACL"
_FIELD = re.compile(r"\{([A-Za-z_]+[0-9]?)(?:\|([^{}]*))?\}")


def spelled(value: object) -> str:
    """Return a scalar as CloudFormation spells it; ``""`` for what is none."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | float) else ""


def identity_of(
    kind: str, naming: Naming, properties: Mapping[str, Any], special: Mapping[str, Callable[[], str]]
) -> Identity:
    """Return name, ARN and return values of a resource.

    Parameters
    ----------
    kind
        Its type: ``"AWS::S3::Bucket"``.
    naming
        What names are made of.
    properties
        Its properties, as far as they name it.
    special
        Fields of forms that only the reader can tell (``FUNCTION``: ARN of the function that a version is of).
    """
    known = _types().get(kind) or _unknown(kind)
    fields: dict[str, str] = {
        "physical": naming.physical,
        "PHYSICAL_": re.sub(r"[^A-Za-z0-9_()]+", "_", naming.physical),
        "account": naming.account,
        "region": naming.region,
        "partition": naming.partition,
        "uuid": naming.uuid,
        "hex": naming.hex,
        "slug6": naming.hex[:6],
    }
    if kind == _WEB_ACL and naming.known.count("|") > 1:
        fields["uuid"] = naming.known.split("|")[1]
    written = _Writer(naming, fields, properties, special)
    named = (text for key in known.name if (text := spelled(properties.get(key))))
    name = _named_by(naming.known, kind) or next(named, "") or written.form(known.default)
    fields["name"] = name.lower() if known.lower else name
    arn = naming.known if naming.known.startswith("arn:") else written.form(known.arn)
    fields["arn"] = arn if arn.startswith("arn:") else f"arn:{naming.partition}:{arn}"
    attributes = {"Arn": fields["arn"]} | {key: written.form(form) for key, form in known.attributes.items()}
    return Identity(fields["name"], fields["arn"], written.form(known.ref), attributes)


def _named_by(physical: str, kind: str) -> str:
    """Return the name of a resource by its physical id: that itself, or the end of an ARN or of a queue's address."""
    if kind == "AWS::SecretsManager::Secret":
        return physical.rpartition(":")[2].rpartition("-")[0]
    if kind in _BEFORE_ID and physical.startswith("arn:"):
        return re.split(r"[:/]", physical)[-2]
    if physical.startswith(("arn:", "https://")):
        return re.split(r"[:/]", physical)[-1]
    if kind == _WEB_ACL:
        return physical.partition("|")[0]  # name|id|scope
    return physical.rpartition("|")[2]  # a rule of a bus: bus|rule


class _Writer(msgspec.Struct):
    naming: Naming
    fields: dict[str, str]
    properties: Mapping[str, Any]
    special: Mapping[str, Callable[[], str]]

    def form(self, form: str) -> str:
        """Return a form with its fields filled in."""
        return _FIELD.sub(lambda match: self._field(match[1], match[2] or ""), form)

    def _field(self, name: str, default: str) -> str:
        if name in self.fields:
            return self.fields[name]
        if name in {"slug", "SLUG"}:
            slug = self.naming.slug(self.naming.stack, self.naming.logical)
            return slug.upper() if name == "SLUG" else slug
        if name in self.special:
            return self.special[name]()
        return spelled(self.properties.get(name)) or default


def _unknown(kind: str) -> _Type:
    """Return the form for a type that is not in the table: its ARN is good for telling resources apart."""
    parts = kind.split("::")
    named = len(parts) == 3  # noqa: PLR2004 -- AWS::S3::Bucket
    service = re.sub(r"[^a-z0-9-]", "", parts[1].lower()) if named else "cloudformation"
    resource = re.sub(r"[^a-z0-9-]", "", parts[-1].lower()) or "resource"
    return _Type(f"{_SERVICE_OF.get(service, service) or 'cloudformation'}:{{region}}:{{account}}:{resource}/{{name}}")
