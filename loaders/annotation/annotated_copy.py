"""The way to an annotated copy: marks in the document itself, else in a workbook of what was read, else the list alone."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

from loaders.annotation.places import MarkedIssue
from loaders.contract import Report
from loaders.reading import Refusal

_ZIP = b"PK\x03\x04"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class AnnotatedCopy:
    """A copy of a document for its own sender: its bytes, and the name under which it can be sent again.

    It holds what the sender's own document holds, personal numbers included; the list and the notes show only what issues show.
    """

    content: bytes
    file_name: str


def annotate(
    content: bytes, file_name: str, issues: Sequence[MarkedIssue], report: Report | None = None, *, lang: str = "zh"
) -> AnnotatedCopy:
    """Returns a copy with every issue marked: wrong cells filled and with a note, all issues on a first sheet.

    A workbook in Office Open XML keeps every part that no mark touches, byte by byte. Other documents become an .xlsx of what was
    read; a document that cannot be read, or has a password, becomes the list of its issues. An earlier copy's marks are replaced.
    The name stays the document's, because its unit and period may be read from it; the suffix becomes that of the content.

    Args:
        content: the document as it was sent.
        file_name: its name, without folders.
        issues: as a check or the ledger has them; their values are masked already.
        report: the contract, for headers, and for how a text is split; None if the document has none.
        lang: the language of the list and the notes, `zh` or `en`.
    """
    name = PurePath(file_name)
    marked = _marked(content, name.name, report, issues, lang)
    if marked is not None:
        return AnnotatedCopy(marked[0], name.stem + marked[1])
    return AnnotatedCopy(_rebuilt(content, name.name, report, issues, lang), f"{name.stem}.xlsx")


def _marked(
    content: bytes, file_name: str, report: Report | None, issues: Sequence[MarkedIssue], lang: str
) -> tuple[bytes, str] | None:
    """The document with marks; None if it is no Office Open XML workbook, or a damaged one."""
    from loaders.annotation.ooxml.marked_workbook import mark_workbook
    from loaders.annotation.ooxml.package_editor import PartTooLarge
    from loaders.reading.formats.opc_package import CORRUPTION_ERRORS

    if not content.startswith(_ZIP):
        return None
    try:
        return mark_workbook(content, file_name, report, issues, lang)
    except (*CORRUPTION_ERRORS, Refusal, PartTooLarge) as error:
        _log.info("%s cannot be marked itself (%s)", file_name, type(error).__name__)
        return None


def _rebuilt(content: bytes, file_name: str, report: Report | None, issues: Sequence[MarkedIssue], lang: str) -> bytes:
    from loaders.annotation.rebuilt.new_workbook import write_copy, write_list
    from loaders.annotation.rebuilt.read_sheets import read_sheets

    read = read_sheets(content, report)
    return write_list(file_name, report, issues, lang) if read is None else write_copy(read, file_name, report, issues, lang)
