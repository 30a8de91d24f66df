"""What was looked through for secrets that stand in plain, beside variables and definitions."""

from typing import ClassVar

import msgspec

from auditkit.inventory.kinds import Kind
from auditkit.inventory.record import Record, Source

__all__ = ["PlainSecrets", "PlantedSecret"]


class PlantedSecret(msgspec.Struct, frozen=True):
    """A place that holds a secret, which is not kept.

    Attributes
    ----------
    place
        Steps from what holds it down to it: ``"States/Charge/Parameters/apiKey"``.
    reason
        Why it is taken for one.
    source
        The same place in the export.
    masked
        Whether it is shown to who may read the file, and not to who asks the service.
    """

    place: str
    reason: str
    source: Source = Source("")
    masked: bool = False


class PlainSecrets(Record, kw_only=True):
    """That the settings of something were looked through for secrets, whatever was found.

    Attributes
    ----------
    of
        ARN of the resource, or of the stack for the parameters and outputs of a template; the file for those of
        Terraform.
    secrets
        Where it holds one.
    """

    kind: ClassVar[Kind] = Kind.PLAIN_SECRETS

    of: str
    secrets: tuple[PlantedSecret, ...] = ()
