"""Variables of a plan whose values will be known only when it is applied: what is told of them all the same.

A plan lists what a map of variables refers to, not which variable is made of what. A variable that is named like a
credential is taken for one where the map is made of a secret, or of more that nothing tells than the names and ARNs of
secrets, which are often so called, account for.
"""

from collections.abc import Collection, Mapping

from auditkit.exports.secrets import named_like_a_credential
from auditkit.exports.terraform._references import reference_of, steps_of
from auditkit.exports.terraform._secrets import REMOVED, named_secret

__all__ = ["untold"]

_KEPT = (
    "aws_secretsmanager_secret.",
    "aws_ssm_parameter.",
    "data.aws_secretsmanager_secret.",
    "data.aws_ssm_parameter.",
)
_ARNS = (":secretsmanager:", ":ssm:")


def untold(keys: Collection[str], references: Collection[str], told: Mapping[str, str]) -> dict[str, str]:
    """Return values that stand for those of variables, by key: a mark for a secret, and a reference for all others.

    Parameters
    ----------
    keys
        Variables whose values are not known.
    references
        What all variables are made of.
    told
        What references lead to, as far as that is known, by their texts.
    """
    named = {key for key in keys if named_like_a_credential(key)}
    unknown = [text for text in references if text not in told]
    kept = [text for text, item in told.items() if text.startswith(_KEPT) or any(arn in item for arn in _ARNS)]
    secret = any(map(_is_secret, unknown)) or (bool(unknown) and len(named) > len(kept))
    return {key: REMOVED if secret and key in named else f"${{{key}}}" for key in sorted(keys)}


def _is_secret(text: str) -> bool:
    """Return whether a reference is to an attribute that holds a secret."""
    steps = steps_of(text)
    reference = reference_of(steps) if len(steps) > 1 else None
    if reference is None or not reference.rest:
        return False
    return named_secret(reference.kind.removeprefix("data."), str(reference.rest[0]))
