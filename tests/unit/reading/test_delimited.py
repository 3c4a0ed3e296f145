from __future__ import annotations

import csv
import io
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loaders.characters.cleaning import clean_text
from loaders.contract import Report
from loaders.model import Reading, Severity
from loaders.period import Period, PeriodKind
from loaders.reading.document import read_document
from loaders.reading.flat_files.column_cleaning import clean_column
from loaders.reading.model.requests import ReadRequest
from loaders.reading.text import record_batches
from loaders.reading.text.text_source import TextSource

HEADER = "探访编号,镇（街道）,探访人次,支出（元）,备注"
ROWS = ["V1,河南岸街道,2,10.50,", "V2,桥东街道,1,,已回访"]

Read = Callable[..., Reading]
Make = Callable[..., Report]


def lines(*rows: str, end: str = "\r\n") -> str:
    return end.join([*rows, ""])


def counted(content: str) -> int:
    return sum(1 for _ in csv.reader(io.StringIO(content, newline="")))


def test_rows_keep_their_text_and_their_line(read: Read, report: Make) -> None:
    reading = read(lines(HEADER, *ROWS).encode(), report())
    assert reading.rows.to_pylist() == [
        {
            "_sheet": "",
            "_row": 2,
            "visit_code": "V1",
            "town_name": "河南岸街道",
            "visit_persons": "2",
            "spent_yuan": "10.50",
            "remark": None,
        },
        {
            "_sheet": "",
            "_row": 3,
            "visit_code": "V2",
            "town_name": "桥东街道",
            "visit_persons": "1",
            "spent_yuan": None,
            "remark": "已回访",
        },
    ]
    assert (reading.rows_total, reading.furniture) == (3, {"header": 1})
    assert reading.tables[0].letters["remark"] == "E"
    assert (reading.tables[0].header_rows, reading.tables[0].first_row, reading.tables[0].last_row) == ((1, 1), 2, 3)


@pytest.mark.parametrize(
    ("declared", "codec"),
    [
        ("utf-8", "utf-8"),
        ("utf-8", "utf-8-sig"),
        ("utf-8-sig", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("gb18030", "gb18030"),
        ("gb18030", "gbk"),
        ("utf-16", "utf-16"),
        ("utf-16", "utf-16-le"),
        ("utf-16", "utf-16-be"),
    ],
)
def test_declared_encodings_are_read_with_and_without_mark(read: Read, report: Make, declared: str, codec: str) -> None:
    reading = read(lines(HEADER, *ROWS).encode(codec), report(format={"kind": "delimited", "encoding": declared}))
    assert reading.refusal is None
    assert reading.rows["town_name"].to_pylist() == ["河南岸街道", "桥东街道"]


@pytest.mark.parametrize(
    ("declared", "codec", "likely"),
    [
        ("gb18030", "utf-8", "UTF-8"),
        ("gb18030", "utf-8-sig", "UTF-8"),
        ("gb18030", "utf-16", "UTF-16"),
        ("gb18030", "utf-16-le", "UTF-16"),
        ("utf-8", "gb18030", "GB18030"),
        ("utf-8", "utf-16", "UTF-16"),
        ("utf-16", "utf-8", "UTF-8"),
        ("utf-16", "gb18030", "GB18030"),
        ("utf-8", "big5", "Big5"),
    ],
)
@pytest.mark.parametrize("more", ["", "V3,惠环街道,3,4,一"])
def test_another_encoding_is_refused_and_named(
    read: Read, report: Make, declared: str, codec: str, likely: str, more: str
) -> None:
    content = lines(
        "探訪編號,鎮" if codec == "big5" else HEADER, *([] if codec == "big5" else [*ROWS, *([more] if more else [])])
    )
    columns = [{"name": "a", "header": "探訪編號"}, {"name": "b", "header": "鎮"}] if codec == "big5" else None
    contract = report(columns, format={"kind": "delimited", "encoding": declared}, replaces="nothing")
    reading = read(content.encode(codec), contract)
    assert reading.refusal is not None
    assert (reading.refusal.rule, reading.refusal.found) == ("wrong_encoding", likely)
    assert likely in reading.refusal.message_zh
    assert declared in reading.refusal.message_zh
    if likely not in {"UTF-16"}:
        assert reading.rows_total == counted(content)


def test_utf8_that_decodes_as_gb18030_is_reported_by_its_header(read: Read, report: Make) -> None:
    content = lines("站点名称,社工人数", "甲乙,丙丁").encode()
    content.decode("gb18030")
    columns = [{"name": "code", "header": "站点名称"}, {"name": "town", "header": "社工人数"}]
    reading = read(content, report(columns, format={"kind": "delimited", "encoding": "gb18030"}, replaces="nothing"))
    assert reading.refusal is not None
    assert (reading.refusal.rule, reading.refusal.found) == ("wrong_encoding", "UTF-8")


def test_one_broken_character_is_reported_with_its_line(read: Read, report: Make) -> None:
    good = lines(HEADER, *[f"V{number},河南岸街道,1,,x" for number in range(5000)]).encode()
    place = good.index(b"V4000,") + 7
    for codec, content in (("utf-8", good), ("gb18030", good.decode().encode("gb18030"))):
        place = content.index(b"V4000,") + 6
        broken = content[:place] + b"\xff" + content[place:]
        reading = read(broken, report(format={"kind": "delimited", "encoding": codec}))
        assert reading.refusal is not None
        assert reading.refusal.rule == "wrong_encoding"
        assert "4002" in reading.refusal.message_zh, reading.refusal.message_zh
        assert "看起来" not in reading.refusal.message_zh
        assert reading.rows_total == 5001


def test_nul_bytes_are_refused_with_their_number_and_line(read: Read, report: Make) -> None:
    reading = read(lines(HEADER, ROWS[0], "V2,桥东\0街道,1,\0,").encode(), report())
    assert reading.refusal is not None
    assert reading.refusal.rule == "nul_bytes"
    assert "2 个" in reading.refusal.message_zh
    assert "第 3 行" in reading.refusal.message_zh
    assert reading.rows_total == 3


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b"\r\n\r\n", b" \n", b",,,\n,,\n"])
def test_empty_files_are_refused(read: Read, report: Make, content: bytes) -> None:
    reading = read(content, report())
    assert reading.refusal is not None
    assert reading.refusal.rule == "empty_document"


def test_a_header_alone_is_a_table_without_rows(read: Read, report: Make) -> None:
    reading = read(HEADER.encode(), report())
    assert (reading.refusal, reading.rows.num_rows, reading.rows_total) == (None, 0, 1)


def test_ragged_rows_are_kept_and_reported(read: Read, report: Make) -> None:
    content = lines(HEADER, ROWS[0], "V2,桥东街道,1", "V3,桥西街道,1,2,x,y", "V4,桥西街道,1,2,x,,", ROWS[1])
    reading = read(content.encode(), report())
    assert reading.rows["visit_code"].to_pylist() == ["V1", "V2", "V3", "V4", "V2"]
    assert [(issue.rule, issue.severity, issue.row) for issue in reading.issues] == [
        ("ragged_row", Severity.ERROR, 3),
        ("ragged_row", Severity.ERROR, 4),
        ("ragged_row", Severity.ERROR, 5),
    ]
    assert "少于" in reading.issues[0].message_zh
    assert "多于" in reading.issues[1].message_zh
    assert reading.rows_total == counted(content) == 6


@pytest.mark.parametrize(
    ("rows", "ragged"),
    [
        (["V1,河南岸街道,2,10.5,一,", "V2,桥东街道,1,,,"], []),
        (["V1,河南岸街道,2,10.5,一,", "V2,桥东街道,1,2,二,", "V3,桥东街道,1,2,三"], []),
        (["V1,河南岸街道,2,10.5,一", "V2,桥东街道,1,2,x,"], []),
        (["V1,河南岸街道,2,10.5,一", "V2,桥东街道,甲,1,2,"], [3]),
        (["V1,河南岸街道,2,10.5,一,,", "V2,桥东街道,1,2,二,,"], [2, 3]),
        (["V1,河南岸街道,2,10.5,一,x", "V2,桥东街道,1,2,二,y"], [2, 3]),
        (["V1,河南岸街道,2,10.5,一, ", "V2,桥东街道,1,2,二,\u3000"], []),
        (["V1,河南岸街道,2,10.5", "V2,桥东街道,1,2"], [2, 3]),
    ],
)
def test_one_blank_field_more_is_accepted_where_no_value_can_have_moved(
    read: Read, report: Make, rows: list[str], ragged: list[int]
) -> None:
    reading = read(lines(HEADER, *rows).encode(), report())
    assert [issue.row for issue in reading.issues if issue.rule == "ragged_row"] == ragged
    assert reading.rows.num_rows == len(rows)


def test_a_blank_header_at_the_end_has_no_fields_below(read: Read, report: Make) -> None:
    reading = read(lines(HEADER + ",", *["V1,河南岸街道,2,10.5,一"] * 3).encode(), report())
    assert (reading.issues, reading.rows["remark"].to_pylist()) == ((), ["一"] * 3)
    mixed = read(lines(HEADER + ",", "V1,河南岸街道,2,10.5,一,", "V2,桥东街道,1,2,二,", "V3,桥东街道,1,三").encode(), report())
    assert [(issue.rule, issue.row) for issue in mixed.issues] == [("ragged_row", 4)]


def test_a_csv_that_begins_with_pk_or_id_is_a_csv(read: Read, report: Make) -> None:
    columns = [{"name": "code", "header": "PK"}, {"name": "town", "header": "镇"}]
    assert read(lines("PK,镇", "1,甲").encode(), report(columns, replaces="nothing")).rows.num_rows == 1
    columns[0]["header"] = "ID"
    form = {"kind": "delimited", "delimiter": ";"}
    assert read(lines("ID;镇", "1;甲").encode(), report(columns, format=form, replaces="nothing")).rows.num_rows == 1


def test_masses_of_ragged_rows_are_refused(read: Read, report: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loaders.reading.flat_files.field_count.MAX_RAGGED_ROWS", 50)
    reading = read(lines(HEADER, *["V,河南岸街道,1"] * 60).encode(), report())
    assert reading.refusal is not None
    assert (reading.refusal.rule, reading.refusal.row) == ("ragged_rows", 2)
    assert reading.rows_total == 61


def test_quoted_line_breaks_are_one_record_and_later_lines_count_on(read: Read, report: Make) -> None:
    content = lines(HEADER, 'V1,河南岸街道,2,,"一\n二\r\n三"', ROWS[1])
    reading = read(content.encode(), report())
    assert reading.rows["_row"].to_pylist() == [2, 5]
    assert reading.rows["remark"].to_pylist() == ["一\n二\r\n三", "已回访"]
    assert reading.rows_total == counted(content) == 3


def test_a_header_with_a_line_break_in_it(read: Read, report: Make) -> None:
    content = lines('探访编号,"镇\n（街道）",探访人次,支出（元）,备注', *ROWS)
    reading = read(content.encode(), report())
    assert reading.rows["_row"].to_pylist() == [3, 4]
    assert reading.tables[0].header_rows == (1, 1)


def test_an_open_quote_is_refused_with_its_line(read: Read, report: Make) -> None:
    for tail in (['V2,"桥东街道,1,,', ROWS[1], ROWS[1]], ['V2,桥东街道,1,,"没关', *[ROWS[1]] * 4]):
        content = lines(HEADER, ROWS[0], *tail)
        reading = read(content.encode(), report())
        assert reading.refusal is not None, tail
        assert (reading.refusal.rule, reading.refusal.row) == ("unclosed_quote", 3)


def test_two_stray_quotes_that_swallow_rows_are_refused(read: Read, report: Make) -> None:
    content = lines(HEADER, 'V1,河南岸街道,1,,"甲', *ROWS, 'V4,桥东街道,1,,"乙', ROWS[0])
    reading = read(content.encode(), report())
    assert reading.refusal is not None
    assert (reading.refusal.rule, reading.refusal.row) == ("unclosed_quote", 2)


def test_blank_lines_and_rows_of_separators_are_furniture(read: Read, report: Make) -> None:
    content = lines(HEADER, ROWS[0], "", ",,,,", ROWS[1], "", "")
    reading = read(content.encode(), report())
    assert reading.rows["_row"].to_pylist() == [2, 5]
    assert reading.furniture == {"header": 1, "blank": 4}
    assert reading.rows_total == counted(content) == 7


def test_blank_lines_at_the_end_do_not_need_the_careful_way(read: Read, report: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loaders.reading.flat_files.delimited.read_with_csv", lambda *_: pytest.fail("read with csv"))
    content = lines(HEADER, *ROWS, "", "")
    reading = read(content.encode(), report())
    assert reading.furniture == {"header": 1, "blank": 2}
    assert reading.rows_total == counted(content)


def test_titles_totals_and_signatures_around_the_table_are_furniture_and_are_used(read: Read, report: Make) -> None:
    content = lines(
        "惠城区2023年6月入户探访记录",
        "填报单位：惠城区,,单位：万元",
        "",
        "探访编号,镇（街道）,探访人次,支出,备注",
        "V1,河南岸街道,2,10.50,",
        "V2,桥东街道,1,,已回访",
        "合计,,4,10.50,",
        "填表人：张三,,,审核人：李四",
        "注：本表按月报送，数据截至月末，请各单位认真核对后再行上报。",
    )
    reading = read(content.encode(), report())
    assert reading.rows["_row"].to_pylist() == [5, 6]
    assert reading.furniture == {"title": 2, "blank": 1, "header": 1, "total": 1, "signature": 1, "prose": 1}
    assert reading.unit_text == "惠城区"
    assert reading.period == Period(PeriodKind.MONTH, 2023, 6)
    assert reading.tables[0].scales == {"spent_yuan": Decimal(10_000)}
    assert {(total.column, total.printed, total.row) for total in reading.control_totals} == {
        ("visit_persons", Decimal(4), 7),
        ("spent_yuan", Decimal("10.50"), 7),
    }
    assert [(issue.rule, issue.row, issue.column, issue.found, issue.expected) for issue in reading.issues] == [
        ("control_total", 7, "visit_persons", "4", "3")
    ]
    assert reading.rows_total == counted(content) == 9


def test_subtotals_are_of_the_rows_above_and_groups_of_the_rows_below(read: Read, report: Make) -> None:
    content = lines(HEADER, "北京市（3所）", *ROWS, "小计,,3,10.5,", "天津市（1所）", ROWS[0], "小计,,5,10.5,", "总计,,5,21,")
    reading = read(content.encode(), report())
    found = [(issue.row, issue.column, issue.found, issue.expected) for issue in reading.issues]
    assert found == [(2, None, "3", "2"), (8, "visit_persons", "5", "2")]
    assert reading.furniture == {"header": 1, "group_row": 2, "subtotal": 2, "total": 1}


def test_a_line_of_signatures_is_none_of_the_data_even_when_it_fills_the_table(read: Read, report: Make) -> None:
    reading = read(lines(HEADER, *ROWS, "单位负责人：,张三,审核人：,李四,填表人：王五").encode(), report())
    assert reading.furniture == {"header": 1, "signature": 1}


def test_a_closing_line_that_claims_another_number_of_rows_is_reported(read: Read, report: Make) -> None:
    reading = read(lines(HEADER, *ROWS, "共3名服务对象").encode(), report())
    assert [(issue.rule, issue.row, issue.found, issue.expected) for issue in reading.issues] == [("control_total", 4, "3", "2")]
    assert read(lines(HEADER, *ROWS, "共2名服务对象").encode(), report()).issues == ()


def test_a_repeated_header_is_furniture(read: Read, report: Make) -> None:
    reading = read(lines(HEADER, ROWS[0], HEADER, ROWS[1]).encode(), report())
    assert reading.rows["_row"].to_pylist() == [2, 4]
    assert reading.furniture == {"header": 2}


def test_columns_stand_in_any_order_under_any_known_name(read: Read, report: Make) -> None:
    columns = [{"name": "code", "header": "编号", "synonyms": ["探访编号"]}, {"name": "town", "header": "镇（街道）名称"}]
    contract = report(columns, ignored_headers=["序号"], replaces="nothing")
    reading = read(lines("镇(街道)\n名称*,序号,探访编号".replace("\n", ""), "甲,1,乙").encode(), contract)
    assert reading.rows.select(["code", "town"]).to_pylist() == [{"code": "乙", "town": "甲"}]


@pytest.mark.parametrize(
    ("header", "rule", "found", "expected"),
    [
        ("探访编号,镇（街道）,探访人次,备注", "missing_column", "—", "支出（元）"),
        ("探访编号,镇（街道）,探访人次,花费,备注", "missing_column", "花费", "支出（元）"),
        (f"{HEADER},心情", "unknown_column", "心情", "—"),
        (f"{HEADER},备注", "ambiguous_column", "备注 (E)、备注 (F)", "remark"),
    ],
)
def test_header_faults_are_refused_with_both_sides(
    read: Read, report: Make, header: str, rule: str, found: str, expected: str
) -> None:
    content = lines(header, "1,2,3,4,5")
    reading = read(content.encode(), report())
    assert reading.refusal is not None
    assert (reading.refusal.rule, reading.refusal.found, reading.refusal.expected) == (rule, found, expected)
    assert reading.refusal.row == 1
    assert reading.rows_total == 2


def test_another_delimiter_is_refused_and_named(read: Read, report: Make) -> None:
    reading = read(lines(HEADER, *ROWS).replace(",", "\t").encode(), report())
    assert reading.refusal is not None
    assert (reading.refusal.rule, reading.refusal.found) == ("wrong_delimiter", "a tab")
    tab = report(format={"kind": "delimited", "delimiter": "\t"})
    assert read(lines(HEADER, *ROWS).replace(",", "\t").encode(), tab).rows.num_rows == 2


def test_workbooks_and_pictures_are_no_csv(read: Read, report: Make) -> None:
    for content in (b"PK\x03\x04xl/workbook.xml", b"\x89PNG\r\n\x1a\n" + bytes(range(256)), b"%PDF-1.4 ..."):
        reading = read(content, report())
        assert reading.refusal is not None
        assert reading.refusal.rule == "wrong_kind"


def test_a_text_that_is_not_the_report_is_reported_what_was_expected(read: Read, report: Make) -> None:
    reading = read("姓名,性别\n张三,男\n".encode(), report())
    assert reading.refusal is not None
    assert reading.refusal.rule == "header_not_found"
    assert "探访编号" in reading.refusal.message_zh


def test_cells_are_cleaned_as_in_workbooks(read: Read, report: Make) -> None:
    content = lines(HEADER, " V1 ,\u3000河南岸街道\u00a0,\u200b2,\u200b, a\u200bb ")
    reading = read(content.encode(), report())
    row = reading.rows.to_pylist()[0]
    assert (row["visit_code"], row["town_name"], row["visit_persons"]) == ("V1", "河南岸街道", "2")
    assert (row["spent_yuan"], row["remark"]) == (None, "ab")


def test_whole_columns_are_cleaned_as_single_texts_are() -> None:
    characters = [chr(code) for code in (*range(1, 0x3100), *range(0xFE00, 0x10000)) if chr(code) not in "\ud800\udfff"]
    texts = [form for c in characters for form in (f"{c}a{c}b{c}", c, f"a{c}")]
    assert clean_column(pa.array(texts)).to_pylist() == [clean_text(text) or None for text in texts]


THREE_COLUMNS = [{"name": "a", "header": "甲列"}, {"name": "b", "header": "乙列"}, {"name": "c", "header": "丙列"}]
CELLS = st.text(alphabet='甲乙ab1 ,"\n\r\u3000合计', max_size=6)
TABLES = st.lists(st.lists(CELLS, min_size=3, max_size=3), max_size=12)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TABLES, st.sampled_from(["\n", "\r\n"]), st.booleans(), st.sampled_from(["utf-8", "gb18030", "utf-16"]))
def test_both_ways_of_reading_agree_with_the_csv_module(
    tmp_path_factory: pytest.TempPathFactory, report: Make, table: list[list[str]], end: str, quote_all: bool, codec: str
) -> None:
    contract = report(THREE_COLUMNS, format={"kind": "delimited", "encoding": codec}, replaces="nothing")
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator=end, quoting=csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL)
    writer.writerows([["甲列", "乙列", "丙列"], *table])
    path = tmp_path_factory.mktemp("csv") / "t.csv"
    path.write_bytes(text.getvalue().encode(codec))
    reading = read_document(ReadRequest(path, contract))
    if reading.refusal is not None:
        assert reading.refusal.rule == "unclosed_quote"
        return
    records = list(csv.reader(io.StringIO(text.getvalue(), newline="")))
    assert reading.rows_total == len(records)
    assert reading.rows.num_rows + sum(reading.furniture.values()) == reading.rows_total
    expected = {tuple(clean_text(cell) or None for cell in [*record, "", "", ""][:3]) for record in records[1:]}
    assert {tuple(row.values())[2:] for row in reading.rows.to_pylist()} <= expected


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(alphabet='甲a,"\n\r ', max_size=40), st.sampled_from([8, 16, 1 << 20]))
def test_whatever_arrow_reads_is_what_csv_reads(tmp_path_factory: pytest.TempPathFactory, tail: str, block: int) -> None:
    path = tmp_path_factory.mktemp("csv") / "t.csv"
    path.write_text("甲列,乙列,丙列\n" + tail, encoding="utf-8", newline="")
    source = record_batches.TextSource(path, "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(record_batches, "_BLOCK_BYTES", block)
        try:
            quick = [row for batch in record_batches.read_with_arrow(source, ",", 3, 1) for row in _rows(batch)]
        except record_batches.NeedsCsvReader:
            return
        finally:
            source.close()
    records = record_batches.records_of_text(path.read_bytes().decode(), ",", most=1_000_000)[1:]
    assert quick == [(line, *(cell or None for cell in cells)) for line, _, cells in records if cells]


def _rows(batch: record_batches.Batch) -> list[tuple[Any, ...]]:
    return list(zip(batch.lines.to_pylist(), *(field.to_pylist() for field in batch.fields), strict=True))


@pytest.mark.parametrize("codec", ["utf-8", "gb18030"])
def test_two_readers_of_one_text_take_nothing_from_each_other(tmp_path: Path, codec: str) -> None:
    """Arrow's reader goes on reading ahead in a thread of its own after it was given up."""
    lines = [f"V{number},河南岸街道\n" for number in range(50_000)]
    path = tmp_path / "a.csv"
    path.write_text("".join(lines), encoding=codec)
    source = TextSource(path, codec)
    ahead, behind = source.rewind(), source.skip_lines(1)
    assert ahead.readline().decode() == lines[0]
    ahead.read(300_000)
    assert behind.readline().decode() == lines[1]
    assert source.find_undecodable() is None
    assert behind.read().decode() == "".join(lines[2:])
    source.close()
    assert ahead.readline()
