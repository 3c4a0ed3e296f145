"""Annotated copies in LibreOffice: it opens them and keeps our marks, and old workbooks are corrected by their notes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from loaders.annotation import annotate
from loaders.checking import CheckedDocument, check_files
from loaders.period import Period
from tests.support.debian_packages import LIBREOFFICE, require_packages
from tests.support.documents.broken_workbooks import PERIOD, BrokenWorkbook, broken_workbook, visit_report
from tests.support.documents.note_follower import follow_notes, notes_of
from tests.support.libreoffice.office import Office

pytestmark = [pytest.mark.system, pytest.mark.timeout(900), pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")]
REPORT = visit_report()
# What another format or a computed formula does not change.
PLAIN = {"text_for_number", "nothing", "wrong_choice", "other_month", "two_values", "wrong_total", "same_code", "struck"}
# `/Type /Page`, but not `/Pages`
PAGE = re.compile(rb"/Type\s*/Page\b(?!s)")


def check(files: Iterable[Path]) -> dict[str, CheckedDocument]:
    found = check_files(list(files), {REPORT.report: REPORT}, named=True, period=Period.parse(PERIOD))
    return {one.file.stem: one for one in found}


def write(folder: Path, contents: Mapping[str, bytes]) -> list[Path]:
    folder.mkdir(exist_ok=True)
    for name, content in contents.items():
        (folder / f"{name}.xlsx").write_bytes(content)
    return [folder / f"{name}.xlsx" for name in contents]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    require_packages(LIBREOFFICE)
    return Office(tmp_path_factory.mktemp("office"))


@pytest.fixture(scope="module")
def workbooks() -> dict[str, BrokenWorkbook]:
    return {str(seed): broken_workbook(seed) for seed in range(50)}


@pytest.fixture(scope="module")
def copies(tmp_path_factory: pytest.TempPathFactory, workbooks: Mapping[str, BrokenWorkbook]) -> Mapping[str, bytes]:
    folder = tmp_path_factory.mktemp("broken")
    broken = check(write(folder, {name: one.content for name, one in workbooks.items()}))
    return {name: annotate(one.content, "a.xlsx", broken[name].issues, REPORT).content for name, one in workbooks.items()}


def test_every_copy_opens_and_becomes_pages(office: Office, copies: Mapping[str, bytes], tmp_path: Path) -> None:
    pages = office.converted(write(tmp_path / "copies", copies), "pdf", tmp_path / "pdf")
    assert [path.name for path in pages if len(PAGE.findall(path.read_bytes())) < 2] == []


def test_every_note_is_there_after_it_was_saved(office: Office, copies: Mapping[str, bytes], tmp_path: Path) -> None:
    saved = office.converted(write(tmp_path / "copies", copies), "xlsx", tmp_path / "saved")
    assert {path.stem: set(notes_of(path.read_bytes())) for path in saved} == {
        name: set(notes_of(one)) for name, one in copies.items()
    }


@pytest.mark.parametrize("kind", ["xlsx", "xls", "ods"])
def test_a_copy_that_was_saved_is_checked_as_before(
    office: Office, copies: Mapping[str, bytes], workbooks: Mapping[str, BrokenWorkbook], tmp_path: Path, kind: str
) -> None:
    plain = {name: copies[name] for name, one in workbooks.items() if set(one.defects) <= PLAIN}
    before = check(write(tmp_path / "copies", plain))
    after = check(office.converted([tmp_path / "copies" / f"{name}.xlsx" for name in plain], kind, tmp_path / kind))
    assert len(plain) >= 10
    assert {name: places(one) for name, one in after.items()} == {name: places(one) for name, one in before.items()}


def places(checked: CheckedDocument) -> list[tuple[str, str | None, str | None]]:
    return sorted((issue.rule, issue.sheet, issue.cell) for issue in checked.issues)


@pytest.mark.parametrize("kind", ["xls", "ods"])
def test_an_old_workbook_is_clean_when_the_notes_were_followed(
    office: Office, workbooks: Mapping[str, BrokenWorkbook], tmp_path: Path, kind: str
) -> None:
    sources = write(tmp_path / "sources", {name: one.content for name, one in workbooks.items()})
    broken = check(office.converted(sources, kind, tmp_path / kind))
    copied = {name: annotate(one.file.read_bytes(), one.file.name, one.issues, REPORT).content for name, one in broken.items()}
    corrected = write(tmp_path / "corrected", {name: follow_notes(one, workbooks[name].truth) for name, one in copied.items()})
    assert {name: one.issues for name, one in check(corrected).items() if one.issues or one.exit_code} == {}
