"""One audit's decisions that the export cannot know, kept as a small text file beside it.

``case.yaml`` says what is in scope, which accounts and third parties are trusted and what that rests on, how sensitive
stores are, which functions are critical, and which findings are waived, by whom and until when. :func:`open_case` reads
and edits it; :func:`case_from_text` reads text.
"""

from auditkit.case.checking import get_case_schema
from auditkit.case.file import CaseFile, decisions_of, open_case
from auditkit.case.matching import matches
from auditkit.case.model import Case, Scope, Selection, Waiver, WaiverState
from auditkit.case.reading import case_from_text

__all__ = [
    "Case",
    "CaseFile",
    "Scope",
    "Selection",
    "Waiver",
    "WaiverState",
    "case_from_text",
    "decisions_of",
    "get_case_schema",
    "matches",
    "open_case",
]
