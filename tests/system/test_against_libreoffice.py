"""300 workbooks with random formats, runs, strikes and merges against LibreOffice.

What would be loaded of a cell is what LibreOffice shows, or there is a word about it.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from loaders.checking import CheckedDocument, check_files
from tests.support.debian_packages import LIBREOFFICE, require_packages
from tests.support.libreoffice.differential.comparison import Shown, Tally, compare_books
from tests.support.libreoffice.differential.contract import contract
from tests.support.libreoffice.differential.generator import planned_books
from tests.support.libreoffice.differential.makers import write_xlsb, write_xlsx
from tests.support.libreoffice.differential.parts import write_package
from tests.support.libreoffice.differential.plan import PlannedBook
from tests.support.libreoffice.differential.xml_2003 import write_xml
from tests.support.libreoffice.office import Office

pytestmark = [pytest.mark.system, pytest.mark.timeout(600)]
CONVERTED = ("xls", "ods", "fods")


@dataclasses.dataclass(frozen=True)
class Sample:
    """The workbooks, what a check says of each, and what LibreOffice shows of each."""

    books: Sequence[PlannedBook]
    checked_documents: Sequence[CheckedDocument]
    shown: Sequence[Shown]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    require_packages(LIBREOFFICE)
    folder = tmp_path_factory.mktemp("differential")
    office, books = Office(folder / "office"), planned_books()
    ours, theirs = _files(books, folder, office)
    report = contract()
    checked_documents = list(check_files([ours[book.name] for book in books], {report.report: report}, named=True))
    shown = office.shown([theirs[book.name] for book in books], folder / "shown")
    return Sample(books, checked_documents, [shown[theirs[book.name]] for book in books])


def _files(books: Sequence[PlannedBook], folder: Path, office: Office) -> tuple[dict[str, Path], dict[str, Path]]:
    """Each workbook as we read it, and as LibreOffice does: another file only where formats are written in another way for it."""
    for kind in ("ours", "theirs", *CONVERTED):
        (folder / kind).mkdir()
    ours, theirs = {}, {}
    for book in books:
        path, substitute = (folder / kind / f"{book.name}.xlsx" for kind in ("ours", "theirs"))
        write = write_package if book.maker == "parts" else write_xlsx
        theirs[book.name] = write(book, substitute, for_office=True)
        ours[book.name] = _written(book, path)
    for kind in CONVERTED:
        names = [book.name for book in books if book.maker == kind]
        converted = office.converted([theirs[name] for name in names], kind, folder / kind)
        ours |= dict(zip(names, converted, strict=True))
        theirs |= dict(zip(names, converted, strict=True))
    return ours, theirs


def _written(book: PlannedBook, path: Path) -> Path:
    match book.maker:
        case "xlsb":
            return write_xlsb(book, path.with_suffix(".xlsb"))
        case "xml":
            return write_xml(book, path.with_suffix(".xml"))
        case "parts":
            return write_package(book, path)
        case _:
            return write_xlsx(book, path)


@pytest.fixture(scope="module")
def tally(sample: Sample) -> Tally:
    return compare_books(sample.books, sample.checked_documents, sample.shown)


def test_every_cell_is_what_is_shown_or_there_is_a_word_about_it(tally: Tally, tmp_path: Path) -> None:
    kinds = Counter((difference.column, difference.code) for difference in tally.differences)
    lines = [str(difference) for difference in tally.differences]
    (tmp_path / "differences.txt").write_text("\n".join(lines), encoding="utf-8")
    some = "\n".join(lines[:60])
    assert not lines, f"{len(lines)} cells differ, of {len(kinds)} kinds; all are in {tmp_path}/differences.txt:\n{some}"


def test_enough_was_compared(sample: Sample, tally: Tally) -> None:
    assert len(sample.books) == 300
    assert sum(len(sheet.rows) for book in sample.books for sheet in book.sheets) >= 7_000
    assert tally.cells["agree"] >= 10_000
    assert tally.cells["differ"] >= 2_000
    assert {"merge in item_code", "merge in visit_persons", "date in start_date", "percent in done_pct"} <= set(tally.cells)


def test_a_wrong_value_would_be_seen(sample: Sample) -> None:
    """The comparison itself can fail: with the shown texts of another workbook, many cells differ."""
    (first, second), checked_documents = sample.books[:2], sample.checked_documents[:1]
    assert first.name != second.name
    assert len(compare_books([second], checked_documents, [sample.shown[1]]).differences) > 10
