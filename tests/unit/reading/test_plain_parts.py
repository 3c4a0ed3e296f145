"""Parts in the plain form are read as the parser of XML reads them, and no other part is taken for plain."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from loaders.reading.formats.readers.ooxml import workbook, worksheet
from loaders.reading.formats.readers.ooxml.plain_parts import NotPlain, PlainSheet, plain_strings
from loaders.reading.formats.readers.ooxml.workbook import read_ooxml
from loaders.reading.model.refusals import Refusal
from loaders.reading.model.sheets import Book
from tests.support.documents.ooxml_parts import MAIN, cell_formats, ooxml_parts, write_parts

STRINGS = '<si><t>惠城区</t></si><si><t xml:space="preserve"> a &amp; b </t></si><si><t>_x000D_x</t></si><si><t></t></si>'
STYLES = cell_formats("General", "0.00%", "yyyy-mm-dd", '@"人"')
PLAIN_CELLS = (
    '<c r="{0}"/>',
    '<c r="{0}" s="1"/>',
    '<c r="{0}" t="s"><v>0</v></c>',
    '<c r="{0}" s="3" t="s"><v>1</v></c>',
    '<c r="{0}" t="s"><v>2</v></c>',
    '<c r="{0}" t="s"><v>9</v></c>',
    '<c r="{0}"><v>0198</v></c>',
    '<c r="{0}" s="1"><v>0.7</v></c>',
    '<c r="{0}" s="2"><v>45000</v></c>',
    '<c r="{0}" s="9"><v>4.41302E+17</v></c>',
    '<c r="{0}" t="n"><v> 12 </v></c>',
    '<c r="{0}" t="b"><v>1</v></c>',
    '<c r="{0}" t="e"><v>#REF!</v></c>',
    '<c r="{0}" t="d"><v>2023-06-01</v></c>',
    '<c r="{0}" t="str"><v>站点 &amp;lt;</v></c>',
    '<c r="{0}"><f>A1*2</f><v>4</v></c>',
    '<c r="{0}"><f t="shared" si="0"/></c>',
    '<c r="{0}" t="str"><f>A1&gt;2</f><v>x</v></c>',
    '<c r="{0}" t="inlineStr"><is><t>镇 &lt;街&gt;</t></is></c>',
    '<c r="{0}" t="s"><v>x</v></c>',
)
OTHER_CELLS = (
    '<c r="{0}" t="str"><v></v></c>',
    '<c r="{0}" t="str"><f>A1</f><v/></c>',
    '<c t="n" r="{0}"><v>1</v></c>',
    "<c><v>1</v></c>",
    '<c r="{0}" cm="1"><v>1</v></c>',
    '<c r="{0}"><v>1<!-- 2 --></v></c>',
    '<c r="{0}"><v><![CDATA[3]]></v></c>',
    '<c r="{0}" t="str"><v>a]]>b</v></c>',
    '<c r="{0}" t="str"><v>&#65;&nbsp;</v></c>',
    '<c r="{0}" t="str"><v>a\rb</v></c>',
    '<c r="{0}" t="str"><v>a\x07b</v></c>',
    '<c r="{0}" t="inlineStr"><is><r><t>a</t></r><r><t>b</t></r></is></c>',
    '<c r="$B$9"><v>5</v></c>',
    '<c r="{0}"><v>1</v>',
    '<x:c r="{0}"/>',
)
ROW_ATTRIBUTES = (
    "",
    ' spans="1:3"',
    ' hidden="1"',
    ' ht="0" customHeight="1"',
    ' x14ac:dyDescent="0.2"',
    ' r="7" r="8"',
    ' y="1"',
)


def without_plain_form(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(content: bytes) -> Any:
        raise NotPlain

    monkeypatch.setattr(worksheet, "PlainSheet", refuse)
    monkeypatch.setattr(workbook, "plain_strings", refuse)


def outcome(path: Path) -> Book | tuple[str, str]:
    try:
        return read_ooxml(path)
    except Refusal as refusal:
        return refusal.issue.rule, type(refusal).__name__


def both(path: Path) -> tuple[Any, Any]:
    read = outcome(path)
    with pytest.MonkeyPatch.context() as patch:
        without_plain_form(patch)
        return read, outcome(path)


def write(folder: Path, rows: str, **options: Any) -> Path:
    return write_parts(folder / "book.xlsx", ooxml_parts(rows, strings=STRINGS, styles=STYLES, **options))


def is_plain(rows: str, before: str = "") -> bool:
    content = f'<worksheet xmlns="{MAIN}">{before}<sheetData>{rows}</sheetData></worksheet>'
    try:
        return bool(list(PlainSheet(content.encode()).rows()))
    except NotPlain:
        return False


@pytest.mark.parametrize("cell", PLAIN_CELLS)
def test_a_plain_cell_is_taken_and_reads_like_xml(tmp_path: Path, cell: str) -> None:
    row = f'<row r="1">{cell.format("B1")}</row>'
    read, by_parser = both(write(tmp_path, row))

    assert is_plain(row)
    assert read == by_parser


@pytest.mark.parametrize("cell", OTHER_CELLS)
def test_any_other_cell_is_left_to_the_parser(tmp_path: Path, cell: str) -> None:
    row = f'<row r="1">{cell.format("B1")}</row>'
    read, by_parser = both(write(tmp_path, row))

    # An address of another row is plain by itself: the reader of the sheet sees that it does not belong there.
    assert not is_plain(row)
    assert read == by_parser


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="1"><c r="A1"><v>2</v></c></row>',
        '<row r="2"><c r="A1"><v>1</v></c></row>',
        '<row><c r="A1"><v>1</v></c></row><row><c r="A2"><v>2</v></c></row>',
        '<row r="3"/><row r="1"><c r="C1"><v>1</v></c><c r="A1"><v>2</v></c><c r="A1"><v>3</v></c></row>',
        '<row r="1"><c r="ZZZ1"><v>1</v></c></row>',
        '<row r="0"/>',
        '<row r="1048577"/>',
        '<row r="x"/>',
        '<row r="1"><c r="A1"><v>1</v></c></row><!-- <row r="2"/> -->',
        '<row r="1"><c r="A1"><v>1</v></c></row> <row r="2"/>',
        '<row r="1"><c r="A1"><v>1</v></c>',
    ],
)
def test_rows_are_placed_as_by_the_parser(tmp_path: Path, rows: str) -> None:
    read, by_parser = both(write(tmp_path, rows, after='<mergeCells><mergeCell ref="A1:B2"/></mergeCells>'))

    assert read == by_parser


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<!-- ", " -->"),
        ("<sheetData/>", ""),
        ("", "<sheetData><row/></sheetData>"),
        ("<cols><col min='1' max='3' hidden='1'/></cols>", ""),
        ("<cols>", ""),
        ("<a>", "</b>"),
    ],
)
def test_what_surrounds_the_rows_is_read_by_the_parser(tmp_path: Path, before: str, after: str) -> None:
    read, by_parser = both(write(tmp_path, '<row r="1"><c r="A1"><v>1</v></c></row>', before=before, after=after))

    assert read == by_parser


def rows_strategy() -> st.SearchStrategy[str]:
    cell = st.tuples(st.sampled_from("ABCD"), st.sampled_from(PLAIN_CELLS * 3 + OTHER_CELLS))
    row = st.tuples(st.integers(1, 4), st.sampled_from(ROW_ATTRIBUTES), st.lists(cell, max_size=4))

    def written(rows: list[Any]) -> str:
        return "".join(
            f'<row r="{number}"{attributes}>{"".join(form.format(f"{letter}{number}") for letter, form in cells)}</row>'
            for number, attributes, cells in rows
        )

    return st.lists(row, max_size=4).map(written)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=rows_strategy())
def test_any_mixture_reads_like_xml(tmp_path: Path, rows: str) -> None:
    read, by_parser = both(write(tmp_path, rows))

    assert read == by_parser


@pytest.mark.parametrize(
    ("strings", "expected"),
    [
        ("<si><t>a</t></si><si><t> b &quot;</t></si>", ["a", ' b "']),
        ("<si><r><t>a</t></r></si>", None),
        ("<si><t>a</t><rPh><t>x</t></rPh></si>", None),
        ("<si><t>&#65;</t></si>", None),
        ("<si><t>a<b/></t></si>", None),
        (" <si><t>a</t></si>", None),
    ],
)
def test_shared_strings_in_the_plain_form(strings: str, expected: list[str] | None) -> None:
    content = f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<sst xmlns="{MAIN}" count="2">{strings}</sst>'.encode()

    if expected is None:
        with pytest.raises(NotPlain):
            plain_strings(content)
    else:
        assert plain_strings(content) == expected


@pytest.mark.parametrize(
    "spoil", [lambda text: text.encode("utf-16"), lambda text: b"\xef\xbb\xbf" + text.encode(), lambda _: b"\xff"]
)
def test_another_encoding_is_left_to_the_parser(spoil: Callable[[str], bytes]) -> None:
    with pytest.raises(NotPlain):
        plain_strings(spoil(f'<sst xmlns="{MAIN}"><si><t>a</t></si></sst>'))
