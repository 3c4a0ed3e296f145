"""The way of a checked document: recognised, read, judged. Many go together, and what they share is made once."""

from __future__ import annotations

import importlib
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from loaders.checking.finding import Finding
from loaders.checking.names import said_by_name
from loaders.contract import Report
from loaders.divisions import Divisions
from loaders.period import Period
from loaders.reading import ReaderPool, ReadRequest, Recognised, RecogniseRequest, pack_reports
from loaders.settings import PROJECT_ROOT, ReadingLimits, connection_from_environment
from loaders.table import Issue, Reading, Severity, Verdict
from loaders.validation import Judge, Judgeable, RuleError

_KEY_FOR_CHECKS_ONLY = b"personal numbers of a checked file are shown masked and kept nowhere"
_FILES_AT_A_TIME = 64


def check_files(
    files: Sequence[Path],
    contracts: Mapping[str, Report],
    *,
    named: bool,
    period: Period | None = None,
    password: str | None = None,
    tell: Callable[[Finding], None] | None = None,
) -> Iterator[Finding]:
    """Check each file under its contract. Files of one report are judged together.

    `contracts` are the reports to choose from; with `named` the only one is taken without looking at the headers. `password`
    opens the documents that are encrypted; without it, what the connections of the reports hold does. `tell` hears of each
    document as soon as it is read, before its rows are judged.
    """
    # What judges takes longer to load than a document to be read; it is loaded meanwhile.
    threading.Thread(target=importlib.import_module, args=("loaders.validation.quick",), daemon=True).start()
    with ReaderPool(ReadingLimits()) as pool:
        pool.start()
        desk = _Desk(pool, contracts, period, password)
        for start in range(0, len(files), _FILES_AT_A_TIME):
            some = files[start : start + _FILES_AT_A_TIME]
            chosen = [Finding(file, next(iter(contracts.values()))) for file in some] if named else desk.recognised(some)
            findings = desk.read(chosen)
            for finding in findings:
                if tell is not None:
                    tell(finding)
            yield from desk.judged(findings)


class _Desk:
    """Where documents are checked: a pool of readers, the contracts, and the judges of the reports that came so far."""

    def __init__(self, pool: ReaderPool, contracts: Mapping[str, Report], period: Period | None, password: str | None) -> None:
        self._pool = pool
        self._contracts = contracts
        self._period = period
        self._password = password
        self._judges: dict[str, Judge] = {}

    @cached_property
    def _divisions(self) -> Divisions:
        return Divisions.load(PROJECT_ROOT / "dbt_project" / "seeds" / "divisions.csv")

    @cached_property
    def _packed(self) -> bytes:
        return pack_reports(tuple(self._contracts.values()))

    def recognised(self, files: Sequence[Path]) -> list[Finding]:
        """Each file with its report, or why it has none."""
        first, *others = dict.fromkeys(map(self._password_of, self._contracts.values()))
        outcomes = self._pool.recognise([RecogniseRequest(file, self._packed, first) for file in files])
        for password in others:
            locked = [place for place, outcome in enumerate(outcomes) if _is_locked(outcome)]
            requests = [RecogniseRequest(files[place], self._packed, password) for place in locked]
            for place, outcome in zip(locked, self._pool.recognise(requests), strict=True):
                outcomes[place] = outcome
        return [self._chosen(file, outcome) for file, outcome in zip(files, outcomes, strict=True)]

    def _password_of(self, report: Report) -> str | None:
        """The password that was given, else that of the report's connection, where the environment sets it."""
        name = getattr(report.format, "password", None)
        return self._password or (connection_from_environment(name) if name else None)

    def _chosen(self, file: Path, outcome: Recognised | Issue) -> Finding:
        if isinstance(outcome, Issue):
            return Finding(file, not_recognised=outcome)
        if len(outcome.fits) == 1:
            return Finding(file, self._contracts[outcome.fits[0]])
        some = [self._contracts[name] for name in outcome.fits or outcome.nearest]
        return Finding(file, not_recognised=_several(some) if outcome.fits else _none(some))

    def read(self, chosen: Sequence[Finding]) -> list[Finding]:
        """The files that have a report, read; the others as they are."""
        requests = [self._request(finding.report, finding.file) for finding in chosen if finding.report is not None]
        readings = iter(self._pool.read_many(requests))
        return [
            finding if finding.report is None else self._with_reading(finding, finding.report, next(readings))
            for finding in chosen
        ]

    def _request(self, report: Report, file: Path) -> ReadRequest:
        _, named = said_by_name(report, file)
        return ReadRequest(file, report, self._period or named, self._password_of(report))

    def _with_reading(self, finding: Finding, report: Report, reading: Reading) -> Finding:
        unit, named = said_by_name(report, finding.file)
        return replace(finding, reading=reading, period=self._period or named or reading.period, unit=unit)

    def judged(self, findings: Sequence[Finding]) -> Iterator[Finding]:
        """The findings with their verdicts, those of one report judged in one go."""
        verdicts: dict[int, Verdict | Issue] = {}
        sound = [finding for finding in findings if finding.reading is not None and finding.refusal is None]
        for report in {finding.report.report: finding.report for finding in sound if finding.report}.values():
            mine = [finding for finding in sound if finding.report is report]
            items = [
                Judgeable(finding.reading, self._unit_code(finding, report), finding.period)
                for finding in mine
                if finding.reading is not None
            ]
            verdicts |= dict(zip(map(id, mine), self._verdicts(report, items), strict=True))
        for finding in findings:
            verdict = verdicts.get(id(finding))
            yield replace(finding, not_judged=verdict) if isinstance(verdict, Issue) else replace(finding, verdict=verdict)

    def _verdicts(self, report: Report, items: Sequence[Judgeable]) -> Sequence[Verdict | Issue]:
        """The verdicts on documents of one report; a rule that cannot be run costs that report only."""
        try:
            return self._judge(report).judge(items)
        except RuleError as error:
            return [_cannot_be_judged(report, error)] * len(items)

    def _judge(self, report: Report) -> Judge:
        if report.report not in self._judges:
            self._judges[report.report] = Judge(report, self._divisions, _KEY_FOR_CHECKS_ONLY, quick=True)
        return self._judges[report.report]

    def _unit_code(self, finding: Finding, report: Report) -> str:
        """Whose document it is: as its name says, else as it says itself, else the report's first unit."""
        said = finding.reading.unit_text if finding.reading else None
        return finding.unit or (self._divisions.unit_code_for(said) if said else None) or report.units[0]


def _is_locked(outcome: Recognised | Issue) -> bool:
    return isinstance(outcome, Issue) and outcome.rule == "encrypted_document"


def _several(reports: Sequence[Report]) -> Issue:
    zh, en = _titles(reports)
    return _not_recognised(
        f"表头同时符合多种报表，请用 --report 指定其一：{zh}", f"the headers fit several reports; name one with --report: {en}"
    )


def _none(nearest: Sequence[Report]) -> Issue:
    zh, en = _titles(nearest)
    if not nearest:
        return _not_recognised(
            "没有找到任何一种报表的表头。请核对是否选错了文件，表头是否与规定的表样一致",
            "no header of any report was found: check that this is the right file and that its headers are those of the form",
        )
    return _not_recognised(
        f"表头不符合任何报表，最接近的是：{zh}。请对照表样改正表头，或用 --report 指定报表以查看差别",
        f"the headers fit no report; nearest: {en}. Compare them with the form, or name one with --report to see what differs",
    )


def _cannot_be_judged(report: Report, error: RuleError) -> Issue:
    return Issue(
        rule="contract_fault",
        severity=Severity.DOCUMENT,
        message_zh=f"报表约定有误，无法校验，请联系数据工程师：{error}",
        message_en=f"the contract of {report.report} has a fault: nothing can be checked; tell the data engineers: {error}",
    )


def _titles(reports: Sequence[Report]) -> tuple[str, str]:
    zh = "、".join(f"{report.title.zh}（{report.report}）" for report in reports)
    return zh, ", ".join(f"{report.title.en} ({report.report})" for report in reports)


def _not_recognised(zh: str, en: str) -> Issue:
    return Issue(rule="report_not_recognised", severity=Severity.DOCUMENT, message_zh=zh, message_en=en)
