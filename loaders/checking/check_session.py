"""The way of a checked document: recognised, read, validated. Many go together, and what they share is made once."""

from __future__ import annotations

import importlib
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from loaders.checking.checked_document import CheckedDocument
from loaders.checking.file_name import parse_file_name
from loaders.contract import LocalizedText, Report
from loaders.divisions import Divisions
from loaders.messages import issue_of, join_texts, phrase
from loaders.model import Issue, Reading, ValidationResult
from loaders.period import Period
from loaders.reading import ReaderPool, ReadRequest, RecognitionResult, RecognizeRequest, pack_reports
from loaders.settings import ReadingLimits, connection_from_environment, divisions_from_environment
from loaders.validation import RuleError, ValidationInput, Validator

_KEY_FOR_CHECKS_ONLY = b"personal numbers of a checked file are shown masked and kept nowhere"
_FILES_AT_A_TIME = 64


def check_files(
    files: Sequence[Path],
    contracts: Mapping[str, Report],
    *,
    named: bool,
    period: Period | None = None,
    password: str | None = None,
    on_read: Callable[[CheckedDocument], None] | None = None,
) -> Iterator[CheckedDocument]:
    """Check each file under its contract. Files of one report are validated together.

    `contracts` are the reports to choose from; with `named` the only one is taken without looking at the headers. `password`
    opens the documents that are encrypted; without it, what the connections of the reports hold does. `on_read` hears of each
    document as soon as it is read, before its rows are validated.
    """
    # What validates takes longer to load than a document to be read; it is loaded meanwhile.
    threading.Thread(target=importlib.import_module, args=("loaders.validation.rules.engines.pandas_suite",), daemon=True).start()
    with ReaderPool(ReadingLimits()) as pool:
        pool.start()
        session = _CheckSession(pool, contracts, period, password)
        for start in range(0, len(files), _FILES_AT_A_TIME):
            some = files[start : start + _FILES_AT_A_TIME]
            chosen = (
                [CheckedDocument(file, next(iter(contracts.values()))) for file in some] if named else session.recognize(some)
            )
            checked_documents = session.read(chosen)
            for checked in checked_documents:
                if on_read is not None:
                    on_read(checked)
            yield from session.validated(checked_documents)


class _CheckSession:
    """Where documents are checked: a pool of readers, the contracts, and the validators of the reports that came so far."""

    def __init__(self, pool: ReaderPool, contracts: Mapping[str, Report], period: Period | None, password: str | None) -> None:
        self._pool = pool
        self._contracts = contracts
        self._period = period
        self._password = password
        self._validators: dict[str, Validator] = {}

    @cached_property
    def _divisions(self) -> Divisions:
        return Divisions.load(divisions_from_environment())

    @cached_property
    def _packed(self) -> bytes:
        return pack_reports(tuple(self._contracts.values()))

    def recognize(self, files: Sequence[Path]) -> list[CheckedDocument]:
        """Each file with its report, or why it has none."""
        first, *others = dict.fromkeys(map(self._password_of, self._contracts.values()))
        outcomes = self._pool.recognize([RecognizeRequest(file, self._packed, first) for file in files])
        for password in others:
            locked = [place for place, outcome in enumerate(outcomes) if _is_locked(outcome)]
            requests = [RecognizeRequest(files[place], self._packed, password) for place in locked]
            for place, outcome in zip(locked, self._pool.recognize(requests), strict=True):
                outcomes[place] = outcome
        return [self._chosen(file, outcome) for file, outcome in zip(files, outcomes, strict=True)]

    def _password_of(self, report: Report) -> str | None:
        """The password that was given, else that of the report's connection, where the environment sets it."""
        name = getattr(report.format, "password", None)
        return self._password or (connection_from_environment(name) if name else None)

    def _chosen(self, file: Path, outcome: RecognitionResult | Issue) -> CheckedDocument:
        if isinstance(outcome, Issue):
            return CheckedDocument(file, not_recognized=outcome)
        if len(outcome.fits) == 1:
            return CheckedDocument(file, self._contracts[outcome.fits[0]])
        some = [self._contracts[name] for name in outcome.fits or outcome.nearest]
        return CheckedDocument(file, not_recognized=_ambiguous(some) if outcome.fits else _no_match(some))

    def read(self, chosen: Sequence[CheckedDocument]) -> list[CheckedDocument]:
        """The files that have a report, read; the others as they are."""
        requests = [self._request(checked.report, checked.file) for checked in chosen if checked.report is not None]
        readings = iter(self._pool.read_many(requests))
        return [
            checked if checked.report is None else self._with_reading(checked, checked.report, next(readings))
            for checked in chosen
        ]

    def _request(self, report: Report, file: Path) -> ReadRequest:
        _, named = parse_file_name(report, file)
        return ReadRequest(file, report, self._period or named, self._password_of(report))

    def _with_reading(self, checked: CheckedDocument, report: Report, reading: Reading) -> CheckedDocument:
        unit, named = parse_file_name(report, checked.file)
        return replace(checked, reading=reading, period=self._period or named or reading.period, unit=unit)

    def validated(self, checked_documents: Sequence[CheckedDocument]) -> Iterator[CheckedDocument]:
        """The findings with their validation results, those of one report validated in one go."""
        results: dict[int, ValidationResult | Issue] = {}
        sound = [checked for checked in checked_documents if checked.reading is not None and checked.refusal is None]
        for report in {checked.report.report: checked.report for checked in sound if checked.report}.values():
            own = [checked for checked in sound if checked.report is report]
            items = [
                ValidationInput(checked.reading, self._unit_code(checked, report), checked.period)
                for checked in own
                if checked.reading is not None
            ]
            results |= dict(zip(map(id, own), self._results(report, items), strict=True))
        for checked in checked_documents:
            result = results.get(id(checked))
            yield replace(checked, not_validated=result) if isinstance(result, Issue) else replace(checked, result=result)

    def _results(self, report: Report, items: Sequence[ValidationInput]) -> Sequence[ValidationResult | Issue]:
        """The validation results of documents of one report; a rule that cannot be run costs that report only."""
        try:
            return self._validator(report).validate(items)
        except RuleError as error:
            return [_cannot_be_validated(report, error)] * len(items)

    def _validator(self, report: Report) -> Validator:
        if report.report not in self._validators:
            self._validators[report.report] = Validator(report, self._divisions, _KEY_FOR_CHECKS_ONLY, prefer_pandas=True)
        return self._validators[report.report]

    def _unit_code(self, checked: CheckedDocument, report: Report) -> str:
        """Whose document it is: as its name says, else as it says itself, else the report's first unit."""
        stated = checked.reading.unit_text if checked.reading else None
        return checked.unit or (self._divisions.unit_code_for(stated, checked.period) if stated else None) or report.units[0]


def _is_locked(outcome: RecognitionResult | Issue) -> bool:
    return isinstance(outcome, Issue) and outcome.rule == "encrypted_document"


def _ambiguous(reports: Sequence[Report]) -> Issue:
    return issue_of("report_not_recognised.ambiguous", reports=_titles(reports))


def _no_match(nearest: Sequence[Report]) -> Issue:
    if not nearest:
        return issue_of("report_not_recognised")
    return issue_of("report_not_recognised.nearest", reports=_titles(nearest))


def _cannot_be_validated(report: Report, error: RuleError) -> Issue:
    return issue_of("contract_fault", report=report.report, detail=str(error))


def _titles(reports: Sequence[Report]) -> LocalizedText:
    return join_texts(phrase("report.title", zh=report.title.zh, en=report.title.en, report=report.report) for report in reports)
