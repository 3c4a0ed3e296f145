"""Fifty broken workbooks: what no mark touches keeps its bytes, and an office that follows the notes is clean."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from loaders.annotation import annotate
from loaders.checking import CheckedDocument, check_files
from loaders.contract import Report
from loaders.period import Period
from tests.support.documents.broken_workbooks import DEFECTS, PERIOD, broken_workbook, visit_report
from tests.support.documents.note_follower import follow_notes, notes_of

ONE_PER_DEFECT = len(DEFECTS)
EDITED = ("[content_types].xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml")


def checked(folder: Path, documents: dict[str, bytes], report: Report) -> dict[str, CheckedDocument]:
    for name, content in documents.items():
        (folder / f"{name}.xlsx").write_bytes(content)
    files = [folder / f"{name}.xlsx" for name in documents]
    found = check_files(files, {report.report: report}, named=True, period=Period.parse(PERIOD))
    return {one.file.stem: one for one in found}


def parts(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        assert package.testzip() is None
        return {name.lower(): package.read(name) for name in package.namelist()}


@pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")
@pytest.mark.parametrize("seeds", [range(ONE_PER_DEFECT), pytest.param(range(ONE_PER_DEFECT, 50), marks=pytest.mark.slow)])
def test_following_the_notes_makes_every_workbook_clean(tmp_path: Path, seeds: range) -> None:
    report, workbooks = visit_report(), [broken_workbook(seed) for seed in seeds]
    assert {defect for workbook in workbooks for defect in workbook.defects} == set(DEFECTS)
    broken = checked(tmp_path, {one.name: one.content for one in workbooks}, report)
    corrected: dict[str, bytes] = {}
    for workbook in workbooks:
        before = broken[workbook.name]
        assert before.refusal is None and before.issues, workbook.name
        copy = annotate(workbook.content, f"{workbook.name}.xlsx", before.issues, report).content
        marked = {(issue.sheet, issue.cell) for issue in before.issues}
        assert set(notes_of(copy)) == marked, workbook.name
        untouched_parts_are_the_same(workbook.content, copy, {sheet for sheet, _ in marked if sheet})
        corrected[workbook.name] = follow_notes(copy, workbook.truth)
    after = checked(tmp_path, corrected, report)
    assert {name: (one.exit_code, one.issues) for name, one in after.items() if one.exit_code or one.issues} == {}


def untouched_parts_are_the_same(before: bytes, after: bytes, marked_sheets: set[str]) -> None:
    old, new = parts(before), parts(after)
    sheets = {f"xl/worksheets/sheet{number}.xml" for number in (1, 2)}
    edited = {name for name in old if old[name] != new.get(name)}
    allowed = {name for name in old if name.startswith(("xl/comments", "xl/drawings/vml", "xl/worksheets/_rels/"))}
    assert edited <= allowed | set(EDITED) | sheets
    assert len(edited & sheets) == len(marked_sheets)
    # Only names were added: a relation that a sheet had is still there.
    assert set(old) <= set(new)
