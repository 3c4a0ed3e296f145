"""No quotation mark of a delimited text is lost: it is read as it is written, or the row or the document is held back."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loaders.contract import Report
from loaders.model import Reading, Severity
from loaders.reading.document import read_document
from loaders.reading.formats.readers.plain_text import read_plain_text
from loaders.reading.model.requests import ReadRequest
from loaders.reading.text.quotes import QuoteScan, raw_fields, verified_fields

Read = Callable[..., Reading]
Make = Callable[..., Report]
HEADER = "编号,名称,备注"
COLUMNS = [
    {"name": "code", "header": "编号", "required": True},
    {"name": "thing_name", "header": "名称", "required": True},
    {"name": "remark", "header": "备注"},
]


@pytest.fixture
def things(report: Make) -> Report:
    return report(COLUMNS, replaces="nothing")


def remarks(reading: Reading) -> list[str | None]:
    return reading.rows["remark"].to_pylist()


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ('5" pipe', '5" pipe'),
        ('ab"c', 'ab"c'),
        ('ab"c"', 'ab"c"'),
        ('a""b', 'a""b'),
        (' "甲"', '"甲"'),
        ('="0012"', "0012"),
        ('=""0012""', "0012"),
        ('"="0012"""', None),
        ('"=""0012"""', "0012"),
        ('"a" ', "a"),
        ('"a""b"', 'a"b'),
        ('""""', '"'),
        ('""', None),
        ('"甲\n乙"', "甲\n乙"),
        ('"甲,乙"', "甲,乙"),
    ],
)
def test_marks_that_are_clear_are_read(read: Read, things: Report, field: str, text: str | None) -> None:
    reading = read(f"{HEADER}\nV1,甲,{field}\nV2,乙,x\n".encode(), things)
    if field == '"="0012"""':
        assert [issue.rule for issue in reading.issues] == ["stray_quote"]
    else:
        assert (remarks(reading), reading.issues) == ([text, "x"], ())
    assert reading.rows["code"].to_pylist() == ["V1", "V2"]


@pytest.mark.parametrize("field", ['"abc"def', '"abc" def', '""x', '"5" pipe', '"甲"乙"丙"', '"a"b', '"甲"，乙', '"a"""b'])
def test_marks_that_are_not_clear_hold_the_row_back_as_it_is_written(read: Read, things: Report, field: str) -> None:
    reading = read(f"{HEADER}\nV1,甲,x\nV2,乙,{field}\nV3,丙,y\n".encode(), things)
    assert remarks(reading) == ["x", field, "y"]
    assert [(issue.rule, issue.severity, issue.row) for issue in reading.issues] == [("stray_quote", Severity.ERROR, 3)]
    assert "第 3 行" in reading.issues[0].message_zh
    assert "line 3" in reading.issues[0].message_en


@pytest.mark.parametrize(
    ("rows", "line"),
    [
        (['V1,甲,"', "V2,乙,x"], 2),
        (["V1,甲,x", 'V2,乙,"没关'], 3),
        (["V1,甲,x", 'V2,乙,"没关""'], 3),
        (["V1,甲,x", 'V2,"乙,y'], 3),
        (['V1,甲,"甲', "V2,乙,x", 'V3,丙,乙"'], 2),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", ""])
def test_a_mark_that_is_never_closed_refuses_the_document(
    read: Read, things: Report, rows: list[str], line: int, end: str
) -> None:
    reading = read("\n".join([HEADER, *rows]).encode() + end.encode(), things)
    assert reading.refusal is not None
    assert (reading.refusal.rule, reading.refusal.row) == ("unclosed_quote", line)


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        ('V1,"甲,a\nV2,乙",b\nV3,丙,c\n', (2, 3)),
        ('V1,甲,"a\nV2,乙,b"\nV3,丙,c\n', (2, 3)),
        ('"V1,甲,a\nV2",乙,b\nV3,丙,c\n', (2, 3)),
        ('1,"甲,a\n2,乙",b\n3,丙,c\n', (2, 3)),
    ],
)
def test_two_marks_that_may_join_rows_hold_them_back(read: Read, things: Report, content: str, lines: tuple[int, int]) -> None:
    reading = read(f"{HEADER}\n{content}".encode(), things)
    assert reading.refusal is None
    assert [(issue.rule, issue.severity, issue.row) for issue in reading.issues] == [("rows_in_quotes", Severity.ERROR, lines[0])]
    assert f"第 {lines[0]}—{lines[1]} 行" in reading.issues[0].message_zh
    assert reading.rows_total == 1 + reading.rows.num_rows


def test_a_table_of_two_columns_whose_rows_are_joined(read: Read, report: Make) -> None:
    content = '名称,备注\n甲,"a\n乙,b\n丙,c"\n丁,d\n'
    reading = read(content.encode(), report([COLUMNS[1], COLUMNS[2]], replaces="nothing"))
    assert [(issue.rule, issue.row) for issue in reading.issues] == [("rows_in_quotes", 2)]


@pytest.mark.parametrize("value", ["一\n二", "一\n二,三", "一,\n二", "一\n二\n三", "一\n\n二", "地址：甲\n电话：1,2,3", "a\r\nb"])
def test_values_of_several_lines_are_values(read: Read, things: Report, value: str) -> None:
    reading = read(f'{HEADER}\nV1,甲,"{value}"\nV2,乙,x\n'.encode(), things)
    assert (reading.issues, remarks(reading)) == ((), [value, "x"])


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_every_delimiter(read: Read, report: Make, delimiter: str) -> None:
    contract = report(COLUMNS, replaces="nothing", format={"kind": "delimited", "delimiter": delimiter})
    lines = [HEADER, 'V1,甲,"abc"def', 'V2,乙,5" pipe', 'V3,丙,"q"']
    reading = read("\n".join(lines).replace(",", delimiter).encode(), contract)
    assert remarks(reading) == ['"abc"def', '5" pipe', "q"]
    assert [(issue.rule, issue.row) for issue in reading.issues] == [("stray_quote", 2)]


def test_a_text_that_pretends_to_be_a_workbook_keeps_its_marks() -> None:
    content = '名称,备注\n"甲","abc"def\n"乙","一\n二"\n丙,5" pipe\n丁,="0012"\n'
    sheet = read_plain_text(io.BytesIO(content.encode())).sheets[0]
    assert [sheet.text(row, 2) for row in range(1, 6)] == ["备注", '"abc"def', "一\n二", '5" pipe', "0012"]
    assert [sheet.text(row, 1) for row in range(2, 6)] == ["甲", "乙", "丙", "丁"]


RECORDS = st.lists(st.lists(st.text('a甲,"\n\r ', max_size=5), min_size=2, max_size=4), min_size=1, max_size=6)


@settings(max_examples=60, deadline=None)
@given(RECORDS, st.booleans(), st.integers(1, 9))
def test_what_a_writer_of_csv_writes_has_no_stray_marks(records: list[list[str]], quote_all: bool, size: int) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL).writerows(records)
    content = text.getvalue().encode()
    scan = QuoteScan(",")
    for start in range(0, len(content), size):
        scan.feed(content[start : start + size])
    scan.close()
    assert not scan.has_stray_quotes


@settings(max_examples=150, deadline=None)
@given(st.text('a甲,"\n ', max_size=16), st.integers(1, 9))
def test_any_text_is_read_without_loss_or_known_to_hold_stray_marks(text: str, size: int) -> None:
    scan = QuoteScan(",")
    content = text.encode()
    for start in range(0, len(content), size):
        scan.feed(content[start : start + size])
    scan.close()
    records = list(csv.reader(io.StringIO(text, newline="")))
    if not scan.has_stray_quotes:
        written = io.StringIO(newline="")
        csv.writer(written, lineterminator="\n").writerows(records)
        assert list(csv.reader(io.StringIO(written.getvalue(), newline=""))) == records
        assert all(type(verified_fields(line, fields, ",")) is list for line, fields in _lines_of(text))


def _lines_of(text: str) -> list[tuple[str, list[str]]]:
    return [(line, next(csv.reader([line]), [])) for line in text.split("\n") if line.count('"') % 2 == 0 and "\n" not in line]


@given(st.text('a甲,"\n ', max_size=16))
def test_fields_as_written_lose_no_character(text: str) -> None:
    fields, stray = raw_fields(text, ",")
    if stray:
        assert sum(field.count("a") + field.count("甲") for field in fields) == text.count("a") + text.count("甲")
    if '"' not in text:
        assert (fields, stray) == (text.split(","), [])


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text('a甲"', max_size=4), min_size=1, max_size=5))
def test_each_field_is_loaded_as_written_or_held_back(
    tmp_path_factory: pytest.TempPathFactory, things: Report, values: list[str]
) -> None:
    path = tmp_path_factory.mktemp("csv") / "t.csv"
    path.write_text("\n".join([HEADER, *(f"V{row},名,{value}" for row, value in enumerate(values))]) + "\n", encoding="utf-8")
    reading = read_document(ReadRequest(path, things))
    if reading.refusal is not None:
        assert reading.refusal.rule == "unclosed_quote"
        return
    held_back = {issue.row for issue in reading.issues}
    for row in reading.rows.to_pylist():
        value = values[row["_row"] - 2]
        if row["_row"] not in held_back:
            quoted = value.startswith('"') and value.endswith('"') and len(value) > 1
            assert (row["remark"] or "") == (value[1:-1].replace('""', '"') if quoted else value)
