"""Check documents before they are sent: the reader and the judge, without a database and without a scheduler.

What a report owner or a county clerk runs. The findings are the same that the pipeline would have.
"""

from __future__ import annotations

import importlib
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from loaders.contract import FileDrop, Report
from loaders.period import Period
from loaders.reading import ReaderPool, ReadRequest, Refusal, dump_cells, recognise
from loaders.settings import PROJECT_ROOT, ReadingLimits
from loaders.table import Issue, Reading, Severity, Verdict

__all__ = ["Finding", "check_files", "dump_cells"]

_KEY_FOR_CHECKS_ONLY = b"personal numbers of a checked file are shown masked and kept nowhere"
_FILES_AT_A_TIME = 64
_KINDS_ZH = {
    "title": "标题",
    "blank": "空行",
    "header": "表头",
    "letter_codes": "栏次",
    "prose": "说明",
    "subtotal": "小计",
    "total": "合计",
    "group_row": "分组行",
    "signature": "签字",
    "continuation": "续行",
    "form_line": "表单行",
    "other_table": "其他表格",
    "other_sheet": "其他工作表",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found in one document: what it is, what it holds and every problem, in the order of the sheet.

    `period` is the one that the rows are judged by: given, in the file's name, or said by the document. Without a verdict
    the rows were not judged (yet).
    """

    file: Path
    report: Report | None = None
    reading: Reading | None = None
    period: Period | None = None
    unit: str | None = None
    verdict: Verdict | None = None
    not_recognised: Issue | None = None

    @property
    def refusal(self) -> Issue | None:
        """Why the document would be refused as a whole."""
        sources = (self.reading, self.verdict)
        return self.not_recognised or next((one.refusal for one in sources if one is not None and one.refusal), None)

    @property
    def rejected_rows(self) -> int:
        """How many rows would be rejected."""
        return self.verdict.rejected.num_rows if self.verdict else 0

    @property
    def issues(self) -> tuple[Issue, ...]:
        """Every problem of a row or a cell, each once, in the order of the sheet."""
        found = [issue for source in (self.reading, self.verdict) if source is not None for issue in source.issues]
        return tuple(sorted(dict.fromkeys(found), key=lambda issue: (issue.sheet or "", issue.row or 0)))

    @property
    def exit_code(self) -> int:
        """0 clean, 1 rows would be rejected, 2 the document would be refused."""
        if self.refusal is not None:
            return 2
        return 1 if self.rejected_rows else 0

    def headline(self, lang: str) -> str:
        """One line: the file, and what would become of it."""
        warnings = sum(issue.severity is Severity.WARNING for issue in self.issues)
        to_see_zh, to_see_en = (f"，另有 {warnings} 处提醒", f", {warnings} remarks") if warnings else ("", "")
        verdicts = {
            "zh": ("可以报送" + to_see_zh, f"有 {self.rejected_rows} 行将被退回" + to_see_zh, "整份文件将被退回"),
            "en": (
                "ready to send" + to_see_en,
                f"{self.rejected_rows} rows would be rejected" + to_see_en,
                "the document would be refused",
            ),
        }
        return f"{self.file.name}: {verdicts[lang][self.exit_code]}"

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
        title = self.report.title.zh if lang == "zh" else self.report.title.en
        if self.reading.refusal is not None:
            yield f"  报表：{title}" if lang == "zh" else f"  report: {title}"
            return
        unit, period, rows = self.reading.unit_text or self.unit or "—", self.period or "—", self.reading.rows.num_rows
        furniture = self.reading.furniture.items()
        if lang == "zh":
            kinds = "、".join(f"{_KINDS_ZH.get(kind, kind)} {count}" for kind, count in furniture) or "无"
            yield f"  报表：{title}；填报单位：{unit}；报告期：{period}；数据 {rows} 行；其他行：{kinds}"
        else:
            kinds = ", ".join(f"{kind.replace('_', ' ')} {count}" for kind, count in furniture) or "none"
            yield f"  report: {title}; unit: {unit}; period: {period}; {rows} rows of data; other rows: {kinds}"

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


def check_files(
    files: Sequence[Path],
    contracts: Mapping[str, Report],
    *,
    named: bool,
    period: str | None = None,
    tell: Callable[[Finding], None] | None = None,
) -> Iterator[Finding]:
    """Check each file under its contract. Files of one report are judged together.

    `contracts` are the reports to choose from; with `named` the only one is taken without looking at the headers. `tell` hears
    of each document as soon as it is read, before its rows are judged.

    Raises:
        ValueError: `period` is no period.
    """
    said = Period.parse(period) if period else None
    # The rules take longer to load than a document to be read; they are loaded meanwhile.
    threading.Thread(target=importlib.import_module, args=("loaders.validation.judging",), daemon=True).start()
    with ReaderPool(ReadingLimits()) as pool:
        pool.start()
        for start in range(0, len(files), _FILES_AT_A_TIME):
            chosen = [_choose(file, contracts, pool, named=named) for file in files[start : start + _FILES_AT_A_TIME]]
            findings = _read(pool, chosen, said)
            if tell is not None:
                for finding in findings:
                    tell(finding)
            yield from _judged(findings)


def _choose(file: Path, contracts: Mapping[str, Report], pool: ReaderPool, *, named: bool) -> Finding:
    """The file with its report, or why it has none."""
    if named:
        return Finding(file, next(iter(contracts.values())))
    try:
        candidates = recognise(file, list(contracts.values()), pool)
    except Refusal as refusal:
        return Finding(file, not_recognised=refusal.issue)
    if len(candidates) != 1:
        return Finding(file, not_recognised=_unrecognised(candidates, contracts))
    return Finding(file, candidates[0])


def _read(pool: ReaderPool, chosen: Sequence[Finding], said: Period | None) -> list[Finding]:
    requests = []
    for finding in chosen:
        if finding.report is not None:
            _, named_period = _said_by_name(finding.report, finding.file)
            requests.append(ReadRequest(finding.file, finding.report, said or named_period))
    readings = iter(pool.read_many(requests))
    findings = []
    for finding in chosen:
        if finding.report is None:
            findings.append(finding)
            continue
        reading = next(readings)
        unit, named_period = _said_by_name(finding.report, finding.file)
        findings.append(Finding(finding.file, finding.report, reading, said or named_period or reading.period, unit))
    return findings


def _judged(findings: Sequence[Finding]) -> Iterator[Finding]:
    """The findings with their verdicts, those of one report judged in one go."""
    from loaders.divisions import Divisions
    from loaders.validation import Judge, Judgeable

    verdicts: dict[int, Verdict] = {}
    sound = [finding for finding in findings if finding.reading is not None and finding.refusal is None]
    divisions = Divisions.load(PROJECT_ROOT / "dbt_project" / "seeds" / "divisions.csv") if sound else None
    for report in {finding.report.report: finding.report for finding in sound if finding.report}.values():
        mine = [finding for finding in sound if finding.report is report]
        items = [
            Judgeable(finding.reading, _unit_code(finding, report, divisions), finding.period)
            for finding in mine
            if finding.reading is not None and divisions is not None
        ]
        if divisions is not None:
            judged = Judge(report, divisions, _KEY_FOR_CHECKS_ONLY).judge(items)
            verdicts |= {id(finding): verdict for finding, verdict in zip(mine, judged, strict=True)}
    for finding in findings:
        yield Finding(
            finding.file,
            finding.report,
            finding.reading,
            finding.period,
            finding.unit,
            verdicts.get(id(finding)),
            finding.not_recognised,
        )


def _unit_code(finding: Finding, report: Report, divisions: Any) -> str:
    """Whose document it is: as its name says, else as it says itself, else the report's first unit."""
    said = finding.reading.unit_text if finding.reading else None
    return finding.unit or (divisions.unit_code_for(said) if said else None) or report.units[0]


def _said_by_name(report: Report, file: Path) -> tuple[str | None, Period | None]:
    """The unit and the period that the file's name carries, as the contract's pattern reads it, else as words of its own."""
    if not isinstance(report.source, FileDrop):
        return None, None
    parts = file.absolute().parts
    for count in range(len(parts) - 1, 0, -1):
        match = re.fullmatch(report.source.pattern, "/".join(parts[-count:]))
        if match:
            groups = match.groupdict()
            return groups.get("unit"), _as_period(report, groups.get("period") or "")
    words = re.split(r"[_\s]+", file.stem)
    periods = (_as_period(report, word) for word in words)
    return next((word for word in words if word in report.units), None), next((one for one in periods if one), None)


def _as_period(report: Report, text: str) -> Period | None:
    try:
        period = Period.parse(text)
    except ValueError:
        return None
    return period if period.kind is report.period_kind else None


def _place(issue: Issue, lang: str) -> str:
    """Where a problem is, unless its message says so itself."""
    if issue.severity is Severity.DOCUMENT:
        return ""
    row = (f"第 {issue.row} 行" if lang == "zh" else f"row {issue.row}") if issue.row else None
    where = issue.cell or (None if row and row in (issue.message_zh if lang == "zh" else issue.message_en) else row)
    return " ".join(part for part in (issue.sheet, where) if part)


def _unrecognised(candidates: Sequence[Report], contracts: Mapping[str, Report]) -> Issue:
    titles = "、".join(f"{report.title.zh}（{report.report}）" for report in candidates or contracts.values())
    names = ", ".join(f"{report.title.en} ({report.report})" for report in candidates or contracts.values())
    if candidates:
        zh = f"表头同时符合多种报表，请用 --report 指定其一：{titles}"
        en = f"the headers fit several reports; name one with --report: {names}"
    else:
        zh = f"表头不符合任何报表；请核对表头是否与规定一致，或用 --report 指定报表以查看差别。可用的报表：{titles}"
        en = f"the headers fit no report; compare them with the form, or name one with --report to see what differs: {names}"
    return Issue(rule="report_not_recognised", severity=Severity.DOCUMENT, message_zh=zh, message_en=en)
