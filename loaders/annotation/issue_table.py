"""The first sheet of an annotated copy: every issue with its place, as rows of texts that either writer puts into a workbook."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from loaders.annotation.places import MOST_NOTES, MarkedIssue, message_of
from loaders.contract import LocalizedText, Report
from loaders.messages import phrase
from loaders.model import Severity

_MOST_LINES = 50_000
_SEVERITIES = {
    Severity.DOCUMENT: "annotation.severity.document",
    Severity.ERROR: "annotation.severity.error",
    Severity.WARNING: "annotation.severity.warning",
}
_LINE_POINTS = 15.0
_MOST_POINTS = 400.0
WIDTHS = (6, 14, 16, 10, 18, 22, 26, 80)
"""Widths of the columns in characters."""
PLACE_COLUMN = 4
"""The column with the place, which is a link, from 1."""


@dataclass(frozen=True, slots=True)
class Line:
    """One issue: its texts, whether it must be corrected, and the sheet and cell that its place leads to."""

    texts: tuple[str, ...]
    is_error: bool
    target: tuple[str, str] | None = None

    @property
    def height(self) -> float:
        """The height of the row in points. Programs that do not fit rows to wrapped texts would cut them off."""
        needed = (1 + text_width(text) // width for text, width in zip(self.texts, WIDTHS, strict=True))
        return min(_LINE_POINTS * max(needed), _MOST_POINTS)


@dataclass(frozen=True, slots=True)
class IssueTable:
    """The sheet: its name, title, the lines of text below the title, the headings and one line per issue."""

    name: str
    title: str
    remarks: tuple[str, ...]
    headings: tuple[str, ...]
    lines: tuple[Line, ...]

    def with_name(self, name: str) -> IssueTable:
        """Returns the sheet under another name."""
        return replace(self, name=name)


def text_width(text: str) -> int:
    """Returns how wide a text is shown, in Latin characters: a Chinese one is twice as wide."""
    return sum(2 if ord(letter) > 0xFF else 1 for letter in text)


def issue_table(
    file_name: str,
    report: Report | None,
    issues: Sequence[MarkedIssue],
    targets: Sequence[tuple[str, str] | None],
    lang: str,
    remarks: Iterable[LocalizedText] = (),
    marked_cells: int = 0,
) -> IssueTable:
    """Makes the sheet. `targets` are the cells of the issues in the copy; issues that refuse the document come first."""
    errors = sum(issue.severity != Severity.WARNING for issue in issues)
    title = report.title if report else phrase("annotation.sheet")
    said = [
        phrase("annotation.summary", file=file_name, title=title, errors=errors, warnings=len(issues) - errors),
        *remarks,
    ]
    if not issues:
        said.append(phrase("annotation.nothing"))
    if marked_cells > MOST_NOTES:
        said.append(phrase("annotation.notes_left_out", count=MOST_NOTES))
    ordered = sorted(zip(issues, targets, strict=True), key=lambda pair: pair[0].severity != Severity.DOCUMENT)
    return IssueTable(
        _in(phrase("annotation.sheet"), lang),
        _in(phrase("annotation.title"), lang),
        tuple(_in(text, lang) for text in said),
        tuple(_in(text, lang) for text in _headings()),
        tuple(_line(number, *pair, report, lang) for number, pair in enumerate(ordered[:_MOST_LINES], start=1)),
    )


def _headings() -> tuple[LocalizedText, ...]:
    return (
        phrase("annotation.heading.number"),
        phrase("annotation.heading.severity"),
        phrase("annotation.heading.sheet"),
        phrase("annotation.heading.place"),
        phrase("annotation.heading.column"),
        phrase("annotation.heading.found"),
        phrase("annotation.heading.expected"),
        phrase("annotation.heading.message"),
    )


def _line(number: int, issue: MarkedIssue, target: tuple[str, str] | None, report: Report | None, lang: str) -> Line:
    texts = (
        str(number),
        _in(phrase(_SEVERITIES[issue.severity]), lang),
        issue.sheet or "",
        issue.cell or (_in(phrase("annotation.place.row", row=issue.row), lang) if issue.row else ""),
        _header(report, issue.column),
        issue.found or "",
        issue.expected or "",
        message_of(issue, lang),
    )
    return Line(texts, issue.severity != Severity.WARNING, target)


def _header(report: Report | None, column: str | None) -> str:
    """The header as the form prints it; the sender does not know our names."""
    known = report.columns if report else ()
    return next((one.header for one in known if one.name == column), column or "")


def _in(text: LocalizedText, lang: str) -> str:
    return text.zh if lang == "zh" else text.en
