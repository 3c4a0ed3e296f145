"""What a check found in one document, in the words of the person who sends it and as plain values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from loaders.contract import Report
from loaders.messages import join_texts, phrase
from loaders.model import Issue, Reading, Severity, ValidationResult
from loaders.period import Period


@dataclass(frozen=True, slots=True)
class CheckedDocument:
    """What was found in one document: what it is, what it holds and every problem, in the order of the sheet.

    `period` is the one that the rows are validated by: given, in the file's name, or in the document. Without a `result` the rows
    were not validated (yet).
    """

    file: Path
    report: Report | None = None
    reading: Reading | None = None
    period: Period | None = None
    unit: str | None = None
    result: ValidationResult | None = None
    not_recognized: Issue | None = None
    not_validated: Issue | None = None

    @property
    def refusal(self) -> Issue | None:
        """Why the document would be refused as a whole."""
        refusals = (one.refusal for one in (self.reading, self.result) if one is not None)
        return next(filter(None, (self.not_recognized, self.not_validated, *refusals)), None)

    @property
    def rejected_rows(self) -> int:
        """How many rows would be rejected."""
        return self.result.rejected.num_rows if self.result else 0

    @property
    def issues(self) -> tuple[Issue, ...]:
        """Every problem of a row or a cell, each once, in the order of the sheet."""
        found = [issue for source in (self.reading, self.result) if source is not None for issue in source.issues]
        return tuple(sorted(dict.fromkeys(found), key=lambda issue: (issue.sheet or "", issue.row or 0)))

    @property
    def exit_code(self) -> int:
        """0 clean, 1 rows would be rejected, 2 the document would be refused."""
        if self.refusal is not None:
            return 2
        return 1 if self.rejected_rows else 0

    def headline(self, lang: str) -> str:
        """One line: the file, and what would become of it."""
        code = ("check.ready", "check.rows_rejected", "check.refused")[self.exit_code]
        parameters = {"count": self.rejected_rows} if self.exit_code == 1 else {}
        text = getattr(phrase(code, **parameters), lang)
        warnings = sum(issue.severity is Severity.WARNING for issue in self.issues)
        if warnings and self.exit_code < 2:
            text += getattr(phrase("check.remarks", count=warnings), lang)
        return f"{self.file.name}: {text}"

    def lines(self, lang: str) -> Iterator[str]:
        """What was found, then each problem with its place."""
        yield from self.summary(lang)
        for issue in (*([self.refusal] if self.refusal else []), *self.issues):
            mark = "!" if issue.severity is Severity.WARNING else "✗"
            place = _place(issue, lang)
            yield f"  {mark} {f'{place}: ' if place else ''}{issue.message_zh if lang == 'zh' else issue.message_en}"

    def summary(self, lang: str) -> Iterator[str]:
        """What the document is: report, unit, period, rows and the rows around them."""
        if self.report is None or self.reading is None:
            return
        if self.reading.refusal is not None:
            yield "  " + getattr(phrase("check.report", title=self.report.title), lang)
            return
        furniture = self.reading.furniture
        kinds = join_texts(phrase("check.row_kind", kind=phrase(f"row_kind.{kind}"), count=furniture[kind]) for kind in furniture)
        summary = phrase(
            "check.summary",
            title=self.report.title,
            unit=self.reading.unit_text or self.unit or "—",
            period=str(self.period or "—"),
            rows=self.reading.rows.num_rows,
            furniture=kinds if furniture else phrase("check.no_furniture"),
        )
        yield "  " + getattr(summary, lang)

    def as_dict(self) -> dict[str, Any]:
        """The finding as plain values, for `--json`."""
        return {
            "file": str(self.file),
            "report": self.report.report if self.report else None,
            "unit": (self.reading.unit_text if self.reading else None) or self.unit,
            "period": str(self.period) if self.period else None,
            "rows": self.reading.rows.num_rows if self.reading else 0,
            "furniture": dict(self.reading.furniture) if self.reading else {},
            "rejected_rows": self.rejected_rows,
            "refusal": asdict(self.refusal) if self.refusal else None,
            "issues": [asdict(issue) for issue in self.issues],
            "exit_code": self.exit_code,
        }


def _place(issue: Issue, lang: str) -> str:
    """Where a problem is, unless its message says so itself."""
    if issue.severity is Severity.DOCUMENT:
        return ""
    row = (f"第 {issue.row} 行" if lang == "zh" else f"row {issue.row}") if issue.row else None
    where = issue.cell or (None if row and row in (issue.message_zh if lang == "zh" else issue.message_en) else row)
    return " ".join(part for part in (issue.sheet, where) if part)
