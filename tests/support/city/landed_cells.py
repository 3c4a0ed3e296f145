"""Reads a cell of a landed file by other libraries than the product's readers: openpyxl, xlrd, csv and json."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from pathlib import Path
from typing import Any

import msoffcrypto
import openpyxl
import xlrd

from loaders.contract import Delimited, Report
from sample_city.documents.encryption import workbook_password

_EPOCH = dt.datetime(1899, 12, 30)  # noqa: DTZ001 - a cell has no time zone


def shows(path: Path, report: Report, place: dict[str, Any], text: str) -> bool:
    """Whether the cell, or the field of a record, at a place (sheet, row, letter, cell, field) holds this text."""
    if place["field"] is not None:
        return _same(_records(path)[place["row"] - 1].get(place["field"]), text)
    if isinstance(report.format, Delimited):
        fields = _lines(path, report.format)[place["row"]]
        return _same(fields[openpyxl.utils.column_index_from_string(place["letter"]) - 1], text)
    return _same(_sheet_cell(path, report, place["sheet"], place["cell"]), text)


def _same(value: Any, text: str) -> bool:
    if value is None:
        return False
    if isinstance(value, bool):
        return text in {str(value).upper(), "是" if value else "否"}
    if isinstance(value, dt.datetime | dt.date):
        return _day(value) == text or str(value).startswith(text)
    if isinstance(value, int | float | Decimal):
        return _number(value, text)
    return _words(text) in _words(str(value)) or _number(value, text)


def _day(value: dt.date) -> str:
    return str(value.date() if isinstance(value, dt.datetime) and value.time() == dt.time() else value)


def _number(value: Any, text: str) -> bool:
    """Whether they are one number; a cell under a percent format holds a hundredth of what it shows."""
    try:
        found, shown = Decimal(str(value).replace(",", "")), Decimal(text.removesuffix("%").replace(",", ""))
    except InvalidOperation:
        return False
    return abs(found * (100 if text.endswith("%") else 1) - shown) < Decimal("1e-9")


def _words(text: str) -> str:
    return "".join(text.split())


@lru_cache(maxsize=64)
def _records(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) if line.strip() else {} for line in path.read_text(encoding="utf-8").splitlines()]


@lru_cache(maxsize=64)
def _lines(path: Path, form: Delimited) -> dict[int, list[str]]:
    """The records of a text file by the line in which each begins."""
    found: dict[int, list[str]] = {}
    with path.open(encoding=form.encoding, newline="") as file:
        reader = csv.reader(file, delimiter=form.delimiter)
        line = 1
        for fields in reader:
            found[line] = fields
            line = reader.line_num + 1
    return found


@lru_cache(maxsize=64)
def _workbook(path: Path, password: str | None) -> Any:
    content = path.read_bytes()
    if password is not None:
        opened, target = msoffcrypto.OfficeFile(io.BytesIO(content)), io.BytesIO()
        if opened.is_encrypted():
            opened.load_key(password=password)
            opened.decrypt(target)
            content = target.getvalue()
    if content[:2] == b"PK":
        return openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    return xlrd.open_workbook(file_contents=content)


def _sheet_cell(path: Path, report: Report, sheet: str, cell: str) -> Any:
    book = _workbook(path, workbook_password(report))
    row, column = openpyxl.utils.cell.coordinate_to_tuple(cell)
    if isinstance(book, openpyxl.Workbook):
        return book[sheet].cell(row, column).value
    found = book.sheet_by_name(sheet).cell(row - 1, column - 1)
    if found.ctype == xlrd.XL_CELL_DATE:
        return _EPOCH + dt.timedelta(days=found.value)
    return bool(found.value) if found.ctype == xlrd.XL_CELL_BOOLEAN else found.value
