"""Rare number formats: what they show, and what a column of numbers takes of it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from loaders.contract import Report
from loaders.model import Reading
from loaders.reading.number_formats import format_of_code
from tests.support.documents.ooxml_parts import cell_formats, write_rows


@pytest.mark.parametrize(
    ("code", "number", "shown"),
    [
        (".00", "12.5", "12.50"),
        (".00", "-5.5", "-5.50"),
        (".00", "0.5", ".50"),
        (".##", "3", "3."),
        ('"¥".00', "12.5", "¥12.50"),
        ("#.00", "12.5", "12.50"),
        ("0.00E+00", "1234", "1.23E+03"),
        ("##0.0E+0", "35000", "35.0E+3"),
        ("0E+0", "0", "0E+0"),
    ],
)
def test_no_digit_is_lost(code: str, number: str, shown: str) -> None:
    assert format_of_code(code).show_number(Decimal(number)) == shown


@pytest.mark.parametrize("code", ["e-m-d", "yyyy-e-m", 'e"年"m"月"'])
def test_an_e_that_no_digit_precedes_is_a_year(code: str) -> None:
    assert format_of_code(code).kind_of(Decimal(45_061)) == "date"


COLUMNS = [
    {"name": "place_name", "header": "名称", "required": True},
    {"name": "measure", "header": "数值", "type": "decimal"},
    {"name": "remark", "header": "备注"},
    {"name": "item_code", "header": "编号"},
    {"name": "amount_yuan", "header": "金额（元）", "type": "decimal", "unit": "元"},
]
HEAD = "".join(
    f'<c r="{letter}1" t="inlineStr"><is><t>{header}</t></is></c>'
    for letter, header in zip("ABCDE", ("名称", "数值", "金额（元）", "备注", "编号"), strict=True)
)


@pytest.mark.parametrize(
    ("code", "number", "letter", "severities"),
    [
        ('0"%"', "0.5", "B", ["warning"]),
        ("0\\%", "12", "B", ["warning"]),
        ('0.0"‰"', "5", "B", ["warning"]),
        ('0"A"', "7", "B", ["warning"]),
        ('0"A"', "7", "C", ["warning"]),
        ('0.0"‰"', "0", "B", []),
        ("0.0,", "0", "D", []),
        ("0!.0,", "0", "E", []),
        ("0.0,", "35000", "D", ["warning"]),
        ("0%", "0.5", "B", []),
        ('0"km"', "7", "B", []),
        ('0"元"', "7", "C", []),
        ('_ ¥* #,##0_ ;_ ¥* -#,##0_ ;_ ¥* "-"_ ;_ @_ ', "0", "C", []),
        ('0;-0;"—"', "0", "C", []),
        ('0;-0;"无"', "0", "C", ["warning"]),
    ],
)
def test_words_beside_the_digits(
    tmp_path: Path,
    read: Callable[..., Reading],
    report: Callable[..., Report],
    code: str,
    number: str,
    letter: str,
    severities: list[str],
) -> None:
    name = '<c r="A2" t="inlineStr"><is><t>桥东村</t></is></c>'
    rows = f'<row r="1">{HEAD}</row><row r="2">{name}<c r="{letter}2" s="1"><v>{number}</v></c></row>'
    path = write_rows(tmp_path, rows, styles=cell_formats(0, code))
    found = read(path.read_bytes(), report(COLUMNS, format={"kind": "workbook"}, replaces="nothing"))
    assert [str(issue.severity) for issue in found.issues] == severities
