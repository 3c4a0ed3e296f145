"""Templates of every report that comes in files, filled with random sound rows, are read clean by what `huimin check` runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from loaders.checking import check_files
from loaders.contract import Delimited, FileDrop, Mailbox, Report, load_contracts
from loaders.divisions import Divisions
from loaders.period import Period, PeriodKind
from loaders.settings import divisions_from_environment, expectations_from_environment
from loaders.template import TemplateError, TemplateRequest, make_template
from tests.support.documents.filled_templates import FilledTemplate, fill_text
from tests.support.documents.sound_rows import SoundRows

PERIODS = {PeriodKind.MONTH: "2023-06", PeriodKind.QUARTER: "2023Q2", PeriodKind.HALF: "2023H1", PeriodKind.YEAR: "2023"}
ROWS = 8
CONTRACTS = load_contracts(expectations_from_environment()).reports
DIVISIONS = Divisions.load(divisions_from_environment())
IN_FILES = [report for report in CONTRACTS.values() if isinstance(report.source, FileDrop | Mailbox)]


def request_of(report: Report) -> TemplateRequest:
    period = Period.parse(PERIODS[report.period_kind]) if report.period_kind else None
    return TemplateRequest(report, DIVISIONS, report.units[0], period, ROWS)


def filled(request: TemplateRequest, content: bytes) -> bytes:
    assert request.unit is not None
    rows = SoundRows(request.report, DIVISIONS, request.unit, request.period).rows(ROWS)
    if isinstance(request.report.format, Delimited):
        return fill_text(content, request.report, rows)
    template = FilledTemplate(content, request.report)
    sheets = [sheet.title for sheet in template.book if sheet.sheet_state == "visible"]
    for number, name in enumerate(sheets):
        template.fill(name, rows[number :: len(sheets)])
    return template.content()


@pytest.mark.parametrize("system", sorted({report.system for report in IN_FILES}))
def test_sound_rows_in_a_template_are_read_clean(tmp_path: Path, system: str) -> None:
    files: dict[Path, Report] = {}
    for report in (report for report in IN_FILES if report.system == system):
        request = request_of(report)
        template = make_template(request)
        assert template.path is not None, report.report
        file = tmp_path / report.report / template.path
        file.parent.mkdir(parents=True)
        file.write_bytes(filled(request, template.content))
        files[file] = report
    checked = list(check_files(list(files), CONTRACTS, named=False))
    assert len(checked) == len(files) > 5
    found = {
        report.report: [one.refusal.message_en] if one.refusal else sorted({issue.message_en for issue in one.issues})
        for one, report in zip(checked, files.values(), strict=True)
    }
    assert {name: messages for name, messages in found.items() if messages} == {}
    for one, report in zip(checked, files.values(), strict=True):
        assert one.report is report
        assert one.reading is not None
        assert one.reading.rows.num_rows == ROWS, report.report
        assert (one.unit, one.period) == (report.units[0], request_of(report).period), report.report


@pytest.mark.parametrize("report", [one for one in CONTRACTS.values() if one not in IN_FILES], ids=lambda one: str(one.report))
def test_what_is_not_filled_in_by_hand_has_no_template(report: Report) -> None:
    with pytest.raises(TemplateError, match="not filled in by hand"):
        make_template(request_of(report))
