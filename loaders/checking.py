"""Check documents before they are sent: the reader and the judge, without a database and without a scheduler.

What a report owner or a county clerk runs. The findings are the same that the pipeline would have.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from loaders.contract import FileDrop, Report
from loaders.period import Period
from loaders.reading import ReaderPool, ReadRequest, dump_cells, recognise
from loaders.settings import PROJECT_ROOT, ReadingLimits
from loaders.table import Issue, Reading, Severity

__all__ = ["Finding", "check_files", "dump_cells"]

_KEY_FOR_CHECKS_ONLY = b"personal numbers of a checked file are shown masked and kept nowhere"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found in one document: what it is, what it holds and every problem, in the order of the sheet."""

    file: Path
    report: Report | None
    reading: Reading | None
    rejected_rows: int = 0
    issues: tuple[Issue, ...] = ()
    refusal: Issue | None = None
    furniture: Mapping[str, int] = field(default_factory=dict)

    @property
    def exit_code(self) -> int:
        """0 clean, 1 rows would be rejected, 2 the document would be refused."""
        if self.refusal is not None:
            return 2
        return 1 if self.rejected_rows else 0

    def headline(self, lang: str) -> str:
        """One line: the file, and what would become of it."""
        verdicts = {
            "zh": ("可以报送", f"有 {self.rejected_rows} 行将被退回", "整份文件将被退回"),
            "en": ("ready to send", f"{self.rejected_rows} rows would be rejected", "the document would be refused"),
        }
        return f"{self.file.name}: {verdicts[lang][self.exit_code]}"

    def lines(self, lang: str) -> Iterator[str]:
        """What was found, then each problem with its place."""
        if self.report is not None and self.reading is not None:
            yield self._summary(lang)
        for issue in (*([self.refusal] if self.refusal else []), *self.issues):
            place = " ".join(part for part in (issue.sheet, issue.cell or (f"row {issue.row}" if issue.row else None)) if part)
            mark = "!" if issue.severity is Severity.WARNING else "✗"
            yield f"  {mark} {f'{place}: ' if place else ''}{issue.message_zh if lang == 'zh' else issue.message_en}"

    def _summary(self, lang: str) -> str:
        if self.report is None or self.reading is None:
            return ""
        title = self.report.title.zh if lang == "zh" else self.report.title.en
        unit = self.reading.unit_text or "—"
        period = self.reading.period or "—"
        rows = self.reading.rows.num_rows
        kinds = ", ".join(f"{kind} {count}" for kind, count in self.furniture.items()) or "—"
        if lang == "zh":
            return f"  报表：{title}；填报单位：{unit}；报告期：{period}；数据 {rows} 行；其他行：{kinds}"
        return f"  report: {title}; unit: {unit}; period: {period}; {rows} rows of data; other rows: {kinds}"

    def as_dict(self) -> dict[str, Any]:
        """The finding as plain values, for `--json`."""
        return {
            "file": str(self.file),
            "report": self.report.report if self.report else None,
            "unit": self.reading.unit_text if self.reading else None,
            "period": str(self.reading.period) if self.reading and self.reading.period else None,
            "rows": self.reading.rows.num_rows if self.reading else 0,
            "furniture": dict(self.furniture),
            "rejected_rows": self.rejected_rows,
            "refusal": asdict(self.refusal) if self.refusal else None,
            "issues": [asdict(issue) for issue in self.issues],
            "exit_code": self.exit_code,
        }


def check_files(
    files: Sequence[Path], contracts: Mapping[str, Report], *, named: bool, period: str | None = None
) -> Iterator[Finding]:
    """Check each file under its contract.

    `contracts` are the reports to choose from; with `named` the only one is taken without looking at the headers.

    Raises:
        ValueError: `period` is no period.
    """
    said = Period.parse(period) if period else None
    with ReaderPool(ReadingLimits()) as pool:
        for file in files:
            report = next(iter(contracts.values())) if named else None
            if report is None:
                candidates = recognise(file, list(contracts.values()))
                if len(candidates) != 1:
                    yield Finding(file, None, None, refusal=_unrecognised(candidates, contracts))
                    continue
                report = candidates[0]
            reading = pool.read(ReadRequest(file, report, said or _period_of_name(report, file), None))
            yield _judge(file, report, reading, said)


def _judge(file: Path, report: Report, reading: Reading, said: Period | None) -> Finding:
    if reading.refusal is not None:
        return Finding(file, report, reading, issues=reading.issues, refusal=reading.refusal)
    from loaders.divisions import Divisions
    from loaders.validation import Judge, Judgeable

    divisions = Divisions.load(PROJECT_ROOT / "dbt_project" / "seeds" / "divisions.csv")
    unit = divisions.unit_code_for(reading.unit_text) if reading.unit_text else None
    period = said or reading.period or _period_of_name(report, file)
    item = Judgeable(reading, unit or report.units[0], period)
    verdict = Judge(report, divisions, _KEY_FOR_CHECKS_ONLY).judge([item])[0]
    issues = tuple(sorted(dict.fromkeys((*reading.issues, *verdict.issues)), key=lambda issue: (issue.sheet or "", issue.row or 0)))
    furniture = dict(Counter(reading.furniture))
    return Finding(file, report, reading, verdict.rejected.num_rows, issues, verdict.refusal, furniture)


def _period_of_name(report: Report, file: Path) -> Period | None:
    """The period that the file's own name carries, when the contract's pattern would find one there."""
    if report.period_kind is None or not isinstance(report.source, FileDrop):
        return None
    for token in file.stem.replace("_", " ").split():
        try:
            period = Period.parse(token)
        except ValueError:
            continue
        if period.kind is report.period_kind:
            return period
    return None


def _unrecognised(candidates: Sequence[Report], contracts: Mapping[str, Report]) -> Issue:
    titles = "、".join(report.title.zh for report in candidates or contracts.values())
    if candidates:
        zh = f"表头同时符合多种报表（{titles}），请用 --report 指定"
        en = f"the headers fit several reports ({titles}); name one with --report"
    else:
        zh = f"表头不符合任何报表，可用的报表有：{titles}"
        en = f"the headers fit no report; there are: {titles}"
    return Issue(rule="report_not_recognised", severity=Severity.DOCUMENT, message_zh=zh, message_en=en)
