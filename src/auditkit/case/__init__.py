"""One audit's decisions that the export cannot know."""

import msgspec

__all__ = ["Case"]


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """Decisions of one audit.

    Attributes
    ----------
    accounts
        Accounts that are not in the export and are trusted: twelve digits -> what a person calls it.
    third_parties
        Third parties that are attested: host name (``"*.example.com"`` for all below it) or account -> the attestation.
    classification
        Sensitivity of stores: ARN, or pattern with ``*`` and ``?``, or name -> ``"public"``, ``"internal"``,
        ``"confidential"`` or ``"restricted"``. The longest pattern that matches wins.
    """

    accounts: dict[str, str] = {}
    third_parties: dict[str, str] = {}
    classification: dict[str, str] = {}
