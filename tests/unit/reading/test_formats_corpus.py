"""Files that real offices published, when the corpus is beside the checkout."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from loaders.reading.formats import registry
from loaders.reading.formats.detect import detect
from loaders.reading.formats.open_workbook import open_workbook
from loaders.reading.model.sheets import Book, CellKind
from tests.support.documents.ooxml_parts import cell_at

CORPUS = Path(__file__).parents[4] / "shared" / "corpus"
pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of real files (../shared/corpus) is not here")


@cache
def book(prefix: str) -> Book:
    return open_workbook(next(CORPUS.glob(f"{prefix}_*")))


@pytest.mark.parametrize("prefix", ["07", "09", "10", "12", "15", "16", "17", "25"])
def test_both_readers_read_the_same_cells(prefix: str) -> None:
    read = book(prefix)

    assert read.notes == []
    assert all("readers_disagree" not in cell.flags for sheet in read.sheets for _, _, cell in sheet.cells())
    assert any(sheet.rows for sheet in read.sheets)


def test_dates_under_a_chinese_built_in_format() -> None:
    sheet = book("07").sheets[0]

    assert (cell_at(sheet, "A2").text, cell_at(sheet, "A2").kind) == ("2020-01-30", CellKind.DATE)
    assert {cell.original for cell in sheet.rows[5].values() if not cell.text} == {"\u200b"}


def test_merges() -> None:
    assert len(book("09").sheets[0].merges) == 46


def test_errors_are_errors() -> None:
    sheets = book("15").sheets
    errors = [cell.text for sheet in sheets for _, _, cell in sheet.cells() if cell.kind is CellKind.ERROR]

    assert len(errors) == 264
    assert set(errors) == {"#REF!"}
    assert not any(cell.text == "23" and cell.kind is CellKind.NUMBER for _, _, cell in sheets[0].cells())


def test_hidden_columns_of_wide_sheets() -> None:
    sheets = book("16").sheets

    assert [(sheet.name, len(sheet.hidden_columns)) for sheet in sheets] == [("县市区", 11), ("部门", 72), ("市属企业", 0)]
    assert sheets[0].last_column == 96


def test_a_used_range_to_column_xep_costs_nothing() -> None:
    sheet = book("17").sheets[0]

    assert (sheet.last_row, sheet.last_column) == (448, 12)
    assert sum(len(cells) for cells in sheet.rows.values()) == 5353


def test_a_wps_workbook_is_found_by_its_bytes() -> None:
    assert detect(next(CORPUS.glob("25_*"))) is registry.BIFF
    sheet = book("25").sheets[0]
    assert (len(book("25").sheets), sheet.last_row, sheet.last_column) == (1, 3, 3)
    assert cell_at(sheet, "C3").kind is CellKind.ERROR
