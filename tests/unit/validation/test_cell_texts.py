"""Texts of cells: kept only where they are not the plain text of the stored value, and never with a personal number."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from loaders.model import TEXTS, ValidationResult
from tests.support.validation.readings import make_report

ValidateRows = Callable[..., ValidationResult]
COLUMNS: dict[str, dict[str, Any]] = {
    "persons": {"header": "人次", "type": "integer", "unit": "人次"},
    "spent_yuan": {"header": "支出", "type": "decimal", "shape": [18, 4], "unit": "元"},
    "day": {"header": "日期", "type": "date"},
    "called_at": {"header": "时间", "type": "datetime"},
    "is_first": {"header": "首次", "type": "boolean"},
    "month": {"header": "月份", "type": "month"},
    "mode": {"header": "方式", "type": "choice", "choices": ["入户"], "aliases": {"上门": "入户"}},
    "remark": {"header": "备注"},
    "client_name": {"header": "对象", "pii": "personal"},
}
REPORT = make_report(*({"name": name, **column} for name, column in COLUMNS.items()))


def texts(validate_rows: ValidateRows, *rows: dict[str, str | None]) -> list[dict[str, str] | None]:
    accepted = validate_rows(REPORT, *rows).accepted
    assert accepted.num_rows == len(rows)
    return [None if found is None else json.loads(found) for found in accepted.column(TEXTS).to_pylist()]


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("persons", "12"),
        ("persons", "-3"),
        ("spent_yuan", "12.5"),
        ("spent_yuan", "100"),
        ("spent_yuan", "0"),
        ("spent_yuan", "0.0001"),
        ("day", "2023-05-31"),
        ("called_at", "2023-05-31 08:30:00"),
        ("called_at", "2023-05-31 08:30:00.25"),
        ("is_first", "是"),
        ("is_first", "否"),
        ("month", "2023-05"),
        ("mode", "入户"),
        ("remark", "“引号”\t与反斜线\\"),
        ("remark", None),
    ],
)
def test_nothing_is_kept_of_a_text_that_its_value_shows(validate_rows: ValidateRows, column: str, text: str | None) -> None:
    assert texts(validate_rows, {column: text}) == [None]


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("persons", "１２人次"),
        ("persons", "1,200"),
        ("persons", "—"),
        ("persons", "007"),
        ("spent_yuan", "12.50"),
        ("spent_yuan", "1.5万"),
        ("day", "2023年5月31日"),
        ("called_at", "2023-05-31 08:30"),
        ("is_first", "√"),
        ("is_first", "TRUE"),
        ("month", "2023年5月"),
        ("mode", "上门"),
        ("remark", "无"),
    ],
)
def test_any_other_text_is_kept_as_it_stood(validate_rows: ValidateRows, column: str, text: str) -> None:
    plain = {"persons": "3", "remark": "好"}
    assert texts(validate_rows, plain, plain | {column: text}, plain) == [None, {column: text}, None]


def test_texts_of_several_columns_stand_in_one_object_whatever_they_hold(validate_rows: ValidateRows) -> None:
    odd = {"day": "2023年5月2日", "mode": "上门", "spent_yuan": "1.50", "remark": "—"}
    assert texts(validate_rows, odd, {"remark": "好"}, odd | {"is_first": "√"}) == [odd, None, odd | {"is_first": "√"}]


def test_no_personal_value_is_kept(validate_rows: ValidateRows) -> None:
    rows = texts(validate_rows, {"client_name": " 张 三 ", "remark": "回电13800138000，已办"})
    assert rows == [None]
