"""The annotated copy of one checked document."""

from __future__ import annotations

from loaders.annotation import AnnotatedCopy, annotate
from loaders.checking.checked_document import CheckedDocument


def annotated_copy(checked: CheckedDocument, lang: str) -> AnnotatedCopy:
    """Returns a copy of a checked document in which its issues are marked."""
    issues = [*([checked.refusal] if checked.refusal else []), *checked.issues]
    return annotate(checked.file.read_bytes(), checked.file.name, issues, checked.report, lang=lang)
