"""What a column takes of a cell whose format shows more than the number, or less than the date: by type, unit and format."""

from __future__ import annotations

from typing import Any

import pytest

from loaders.contract import Column
from loaders.model import Severity
from loaders.reading.model.cell_builders import stored_text
from loaders.reading.model.datetimes import formatted_cell, with_text_format
from loaders.reading.model.sheets import Cell
from loaders.reading.number_formats import format_of_code
from loaders.reading.tables.cells.cell_issues import cell_value, issues_of_cell

HELD, REMARK = Severity.ERROR, Severity.WARNING


def column(kind: str = "text", name: str = "remark", **said: Any) -> Column:
    return Column.model_validate({"name": name, "header": "栏", "type": kind, **said})


YUAN = column("decimal", "spent_yuan", unit="元")
RATIO = column("decimal", "done_ratio")
PERCENT = column("decimal", "done_pct", unit="%")
PERSONS = column("integer", "visit_persons", unit="人")
REMARKS = column()
CODE = column(name="case_code", key=True)
LISTED = column(name="place", known_in="divisions.town_name")
CHOICE = column("choice", "sex", choices=["男", "女"])
BOOLEAN = column("boolean", "is_open")
USCC = column("uscc", "uscc")
DATE, DATETIME = column("date", "start_date"), column("datetime", "started_at")
MONTH, QUARTER, YEAR = column("month", "month"), column("quarter", "quarter"), column("year", "year")


def cell(code: str, raw: str) -> Cell:
    made = formatted_cell(raw, format_of_code(code), since_1904=False)
    assert made is not None
    return made


def check(made: Cell, wanted: Column, printed: str | None, value: str | None, severity: Severity | None) -> None:
    issues = list(issues_of_cell(made, wanted, "表", 3, 2, printed))

    assert [issue.severity for issue in issues] == ([] if severity is None else [severity])
    assert all(issue.cell == "B3" and issue.message_zh and issue.message_en for issue in issues)
    if severity is not HELD:
        assert cell_value(made, wanted, printed) == value


@pytest.mark.parametrize(
    ("code", "raw", "printed", "value", "severity"),
    [
        # the scale is the header's unit: what is shown, in full
        ("0!.0,", "35000", "万元", "3.5", None),
        (r"0\.0,", "35123", "万元", "3.5123", None),
        ("#,##0,", "1280000", "千元", "1280", None),
        ("0.00,,", "1234567", "百万元", "1.234567", None),
        ('0!.0,"万"', "35000", "万元", "3.5", None),
        ('0!.0000"万元"', "35000", "万元", "3.5", None),
        # the words say the unit of the header: nothing to say
        ('0.0"万元"', "3.5", "万元", "3.5", None),
        ('0.0"（万元）"', "3.5", "万元", "3.5", None),
        ('#,##0.00"元"', "35000", "元", "35000", None),
        ("[$¥-804]#,##0.00", "35000", "元", "35000", None),
        ("¥#,##0.00", "3.5", "万元", "3.5", None),
        ('"人民币"0.00"元"', "35", "元", "35", None),
        # the scale and the words together are the number itself
        ('0!.0,"万"', "35000", "元", "35000", None),
        ('0.00,,"百万"', "1234567", "元", "1234567", None),
        ('0.0,"K"', "35000", "元", "35000", None),
        ('[>=10000]0!.0,"万";0', "500", "元", "500", None),
        ('0"万"0000', "35123", "元", "35123", None),
        # the words name another unit than the header: as shown, and said so
        ('0.0"万元"', "3.5", "元", "35000", REMARK),
        ('0.0"亿元"', "1.5", "万元", "15000", REMARK),
        ('#,##0"元"', "35000", "万元", "3.5", REMARK),
        ('0!.0,"万"', "35000", "千元", "35", REMARK),
        ('0.0,"K"', "35000", "万元", "3.5", REMARK),
        # two readings
        ("#,##0,", "1280000", "万元", None, HELD),
        ("#,##0,", "1280000", "元", None, HELD),
        ("0!.0,", "35000", "元", None, HELD),
        ("0!.0,", "35000", None, None, HELD),
        ("0!.0,", "3.5", "万元", None, HELD),
        ('#,##0,"万元"', "1280000", "元", None, HELD),
        ('[>=10000]0!.0,"万";0', "500", "万元", None, HELD),
        ("[$$-409]#,##0.00", "35", "元", None, HELD),
        ('#,##0"美元"', "35", "元", None, HELD),
        ('0"000"', "35", "元", None, HELD),
        ("000-0000", "5551234", "元", None, HELD),
        ('0!.0,"万"', "300", "元", "300", REMARK),
        # signs
        ("0;(0)", "-5", "元", "-5", None),
        ("0;△0", "-5", "元", "-5", None),
        ("0;[Red]-0", "-5", "元", "-5", None),
        ("0;[Red]0", "-5", "元", "-5", REMARK),
        ("0;0", "-5", "元", None, HELD),
        ("(0)", "5", "元", None, HELD),
        ("-0", "5", "元", None, HELD),
        ("0;0", "5", "元", "5", None),
        # zero, and what is not shown at all
        ('0;-0;"-"', "0", "元", "0", None),
        ('_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ ', "0", "元", "0", None),
        ('[=0]"—";0', "0", "元", "0", None),
        ("0;-0;;@", "0", "元", "0", REMARK),
        ("#,###", "0", "元", "0", REMARK),
        ('0;-0;"无"', "0", "元", "0", REMARK),
        (";;;", "5", "元", None, HELD),
        ('"免费"', "5", "元", None, HELD),
        # fewer places than the number has are as always
        ("0.00", "3.14159", "元", "3.14159", None),
        ("#,##0", "1234.5", "万元", "1234.5", None),
        ("000000", "23051", "元", "23051", None),
        ("[DBNum2][$-804]General", "1203", "元", "1203", None),
    ],
)
def test_amounts(code: str, raw: str, printed: str | None, value: str | None, severity: Severity | None) -> None:
    check(cell(code, raw), YUAN, printed, value, severity)


@pytest.mark.parametrize(
    ("wanted", "code", "raw", "printed", "value", "severity"),
    [
        (PERSONS, '0"人"', "5", "人", "5", None),
        (PERSONS, '0"人次"', "5", "人", "5", None),
        (PERSONS, '"共"0"人"', "5", "人", "5", None),
        (PERSONS, '0"户"', "5", "人", "5", REMARK),
        (PERSONS, '0"元"', "5", "人", None, HELD),
        (PERSONS, '"约"0"人"', "5", "人", "约5", None),
        (PERSONS, '0"余人"', "5", "人", "5余", None),
        (PERSONS, '"第"0"期"', "5", "人", "5", REMARK),
        (PERSONS, '0.0"万人"', "1.5", "人", "15000", REMARK),
        (PERCENT, "0%", "0.7", "%", "70%", None),
        (PERCENT, '0"%"', "70", "%", "70", None),
        (RATIO, "0%", "0.7", None, "70%", None),
        (RATIO, "0.0%", "0.7056", None, "70.56%", None),
        (RATIO, '0"%"', "70", "%", "70", None),
        (RATIO, '0"%"', "70", None, "0.7", REMARK),
        (RATIO, '0.0"万元"', "3.5", "万元", "3.5", None),
        (RATIO, '0.0"万"', "3.5", None, "35000", REMARK),
        (column("decimal", "rate", unit="‰"), '0"‰"', "5", "‰", "5", None),
        (column("decimal", "hours", unit="小时"), '0.0"小时"', "1.5", "小时", "1.5", None),
        (column("decimal", "hours", unit="小时"), '0"分钟"', "90", "小时", None, HELD),
        (column("decimal", "area", unit="亩"), '0"公顷"', "9", "亩", None, HELD),
        (column("integer", "cases", unit="件"), '0"宗"', "9", "件", "9", None),
    ],
)
def test_counts_and_ratios(
    wanted: Column, code: str, raw: str, printed: str | None, value: str | None, severity: Severity | None
) -> None:
    check(cell(code, raw), wanted, printed, value, severity)


@pytest.mark.parametrize(
    ("wanted", "code", "raw", "value", "severity"),
    [
        (CODE, '"GA2305"000', "1", "GA2305001", None),
        (CODE, "000000", "23051", "023051", None),
        (CODE, r"\S\G0000", "1", "SG0001", None),
        (CODE, '"第"0"号"', "7", "第7号", None),
        (CODE, "000-0000", "5551234", "555-1234", None),
        (CODE, "(0)", "5", "(5)", None),
        (CODE, '00"-"00', "1203", "12-03", None),
        (CODE, "0.00", "3.1", "3.10", None),
        (USCC, '"51441300"0000000000', "500000015", "514413000500000015", None),
        (CHOICE, '[=1]"男";[=2]"女"', "2", "女", None),
        (BOOLEAN, '[=1]"是";[=0]"否"', "0", "否", None),
        (REMARKS, '0"人"', "5", "5人", None),
        (REMARKS, "# ?/?", "0.5", "1/2", None),
        (REMARKS, "[DBNum1]0", "15", "一五", None),
        (REMARKS, '0!.0,"万"', "35000", "3.5万", None),
        # look-alikes: the number itself
        (CODE, "General", "23051", "23051", None),
        (CODE, "0", "23051", "23051", None),
        (CODE, "@", "23051", "23051", None),
        (CODE, "#,##0", "23051", "23051", None),
        (CODE, "0.00", "12", "12", None),
        (CODE, "0.00E+00", "441302001", "441302001", None),
        (CODE, "0_ ", "12", "12", None),
        (REMARKS, "0.00", "3.1", "3.1", None),
        (REMARKS, "0.0%", "0.7056", "70.56%", None),
        (BOOLEAN, "0", "1", "1", None),
        # less is shown than the cell holds
        (CODE, "000", "3.6", None, HELD),
        (CODE, "0.0", "3.14159", None, HELD),
        (CODE, ";;;", "5", None, HELD),
        (CODE, "000;000", "-5", None, HELD),
        (CODE, "#,##0,", "1280000", None, HELD),
        (REMARKS, "#,##0,", "1280000", "1,280", REMARK),
        (REMARKS, '"约"0.0"万"', "3.56", "约3.6万", REMARK),
    ],
)
def test_texts_codes_and_choices(wanted: Column, code: str, raw: str, value: str | None, severity: Severity | None) -> None:
    check(cell(code, raw), wanted, None, value, severity)


@pytest.mark.parametrize(
    ("wanted", "code", "text", "value", "severity"),
    [
        (CODE, '"GA"@', "2305", "GA2305", None),
        (PERSONS, '@"人"', "5", "5人", None),
        (REMARKS, "@", "甲", "甲", None),
        (REMARKS, "0;-0;;@", "甲", "甲", None),
        (REMARKS, "_ @_ ", "甲", "甲", None),
        (CODE, "0.00", "甲", "甲", None),
        (CODE, ";;;", "甲", None, HELD),
        (REMARKS, '0;0;0;"保密"', "甲", "保密", None),
    ],
)
def test_texts_under_a_format(wanted: Column, code: str, text: str, value: str | None, severity: Severity | None) -> None:
    check(with_text_format(stored_text(text), format_of_code(code)), wanted, None, value, severity)


@pytest.mark.parametrize(
    ("wanted", "code", "raw", "value", "severity"),
    [
        (MONTH, 'yyyy"年"m"月"', "45077", "2023-05", None),
        (MONTH, "yyyy-mm", "45061", "2023-05", None),
        (MONTH, "mmm-yy", "45077", "2023-05", None),
        (MONTH, "[$-804]mmmm", "45077", "2023-05", None),
        (MONTH, '[DBNum1][$-804]yyyy"年"m"月"', "45077", "2023-05", None),
        (MONTH, 'm"月"', "45077", "2023-05", None),
        (MONTH, "yyyy.m", "45047", "2023-05", None),
        (MONTH, 'yyyy"年"m"月" hh:mm', "45077.5", "2023-05", None),
        (MONTH, "yyyy-mm-dd", "45077", "2023-05-31", None),
        (MONTH, "yyyy-mm-dd", "45047", "2023-05-01", None),
        (MONTH, "yyyy", "45077", None, HELD),
        (MONTH, 'd"日"', "45047", None, HELD),
        (MONTH, '"2022年"m"月"', "45077", None, HELD),
        (MONTH, '0000"年"00"月"', "202305", "2023年05月", None),
        (MONTH, '"2023年"0"月"', "5", "2023年5月", None),
        (YEAR, "yyyy", "45077", "2023", None),
        (YEAR, 'yyyy"年度"', "45077", "2023", None),
        (YEAR, 'yyyy"年"m"月"', "45077", None, HELD),
        (YEAR, '0"年"', "2023", "2023年", None),
        (YEAR, "0", "2023", "2023", None),
        (QUARTER, 'yyyy"年"Q', "45077", "2023Q2", None),
        (QUARTER, 'yyyy"年第二季度"', "45077", "2023Q2", None),
        (QUARTER, 'yyyy"年第一季度"', "45077", None, HELD),
        (QUARTER, 'yyyy"年"m"月"', "45077", None, HELD),
    ],
)
def test_periods(wanted: Column, code: str, raw: str, value: str | None, severity: Severity | None) -> None:
    check(cell(code, raw), wanted, None, value, severity)


@pytest.mark.parametrize(
    ("wanted", "code", "raw", "value", "severity"),
    [
        (DATE, "yyyy-mm-dd", "45077", "2023-05-31", None),
        (DATE, 'm"月"d"日"', "45077", "2023-05-31", None),
        (DATE, "yy-m-d", "45077", "2023-05-31", None),
        (DATE, "aaaa", "45077", "2023-05-31", None),
        (DATE, "d", "45077", "2023-05-31", None),
        (DATE, 'yyyy"年"m"月"', "45047", "2023-05-01", None),
        (DATE, "yyyy", "44927", "2023-01-01", None),
        (DATE, 'yyyy"年"m"月"', "45077", "2023-05-31", REMARK),
        (DATE, "mmm-yy", "45061", "2023-05-15", REMARK),
        (DATE, "yyyy", "45077", "2023-05-31", REMARK),
        (DATE, "h:mm", "45077.5", "2023-05-31 12:00:00", REMARK),
        (DATE, "0000-00-00", "20230501", "2023-05-01", None),
        (DATE, '"2022年"m"月"d"日"', "45047", None, HELD),
        (DATE, '"2022"-mm-dd', "45047", None, HELD),
        (DATE, 'yyyy-mm-"15"', "45047", None, HELD),
        (DATE, '"2023年"m"月"d"日"', "45047", "2023-05-01", None),
        (DATE, 'yyyy"年"m"月"d"日"', "45047", "2023-05-01", None),
        (DATE, "dd/mm/yyyy", "45047", "2023-05-01", None),
        (DATETIME, "yyyy-mm-dd hh:mm", "45077.5", "2023-05-31 12:00:00", None),
        (DATETIME, "yyyy-mm-dd", "45077.5", "2023-05-31 12:00:00", None),
        (DATETIME, "yyyy-mm", "45077.5", "2023-05-31 12:00:00", REMARK),
        (CODE, 'm"月"d"日"', "44995", None, HELD),
        (CODE, "mmm-yy", "45047", None, HELD),
        (CODE, "yyyy-mm-dd", "45047", None, HELD),
        (CODE, "h:mm", "0.5", None, HELD),
        (CODE, "[h]:mm", "1.5", None, HELD),
        (LISTED, "yyyy-mm-dd", "45047", None, HELD),
        (USCC, "yyyy-mm-dd", "45047", None, HELD),
        (CHOICE, 'm"月"d"日"', "44995", None, HELD),
        (BOOLEAN, "d", "1", None, HELD),
        (column(name="invoice_no"), "yyyy-mm-dd", "45047", None, HELD),
        (PERSONS, "yyyy-mm-dd", "5", None, HELD),
        (YUAN, "h:mm", "0.5", None, HELD),
        (YUAN, "[h]:mm", "1.5", None, HELD),
        (REMARKS, 'm"月"d"日"', "44995", "3月10日", REMARK),
        (REMARKS, "h:mm", "0.5", "12:00", REMARK),
        (REMARKS, "yyyy/m/d", "44995", "2023/3/10", REMARK),
        (column(name="visit_date"), "yyyy/m/d", "44995", "2023-03-10", None),
        (column(name="visit_date"), 'm"月"d"日"', "44995", "3月10日", REMARK),
        (column(name="open_time"), "h:mm", "0.5", "12:00:00", None),
    ],
)
def test_dates(wanted: Column, code: str, raw: str, value: str | None, severity: Severity | None) -> None:
    check(cell(code, raw), wanted, None, value, severity)


def test_the_message_names_what_is_shown_what_is_held_and_the_next_step() -> None:
    (issue,) = issues_of_cell(cell("#,##0,", "1280000"), YUAN, "表", 6, 10, "万元")

    assert (issue.rule, issue.cell, issue.found) == ("shown_otherwise", "J6", "1,280")
    assert all(part in issue.message_zh for part in ("“1,280”", "1280000", "1280万元", "1280000万元", "请"))
    assert all(part in issue.message_en for part in ('"1,280"', "1280000", "General"))


def test_a_column_about_people_quotes_nothing() -> None:
    person = column("phone", "phone", pii="personal")

    (issue,) = issues_of_cell(cell("yyyy-mm-dd", "45047"), person, "表", 3, 2)
    assert "2023" not in issue.message_zh + issue.message_en + str(issue.found)
    assert cell_value(cell('"138"00000000', "12345678"), person) == "13812345678"


@pytest.mark.parametrize(
    ("code", "value", "severity"),
    [
        ('0"角"', None, HELD),
        ('0"毛"', None, HELD),
        ('">"0', "5", REMARK),
        ('"≥"0', "5", REMARK),
        ('"±"0', "5", REMARK),
        ('0"+"', "5", REMARK),
        ('0"?"', "5", REMARK),
        ('0"*"', "5", REMARK),
        ('0"①"', "5", REMARK),
        ('0"（估）"', "5", REMARK),
        ('0"元整"', "5", None),
        ("+0;-0", "5", None),
        ('0":"', "5", None),
        ('_ ¥* #,##0.00_ ;_ ¥* -#,##0.00_ ;_ ¥* "-"??_ ;_ @_ ', "5", None),
    ],
)
def test_what_else_stands_beside_an_amount(code: str, value: str | None, severity: Severity | None) -> None:
    check(cell(code, "5"), YUAN, "元", value, severity)


@pytest.mark.parametrize(("code", "severity"), [('0"双"', REMARK), ('0"打"', REMARK), ('0"人"', None), ('0"人次"', None)])
def test_words_for_other_things_than_the_columns(code: str, severity: Severity | None) -> None:
    check(cell(code, "5"), PERSONS, "人次", "5", severity)
