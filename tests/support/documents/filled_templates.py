"""Fills templates as a person would, and refuses what the template's own validations refuse."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import openpyxl

from loaders.contract import Column, Delimited, Report

_FACTORS = {"万元": 10_000}
_DAY_ZERO = dt.datetime(1899, 12, 30)  # noqa: DTZ001  the format knows no time zone


def printed_value(column: Column, header: str, value: Any) -> Any:
    """A value as the form prints it: amounts in the unit of the header or of the contract, dates as dates."""
    factor = next((number for unit, number in _FACTORS.items() if f"（{unit}）" in header or column.printed_unit == unit), 1)
    if isinstance(value, Decimal) or (isinstance(value, int) and factor != 1):
        return float(Decimal(value) / factor)
    return value


def prints_of(report: Report) -> dict[str, list[str]]:
    """Every print of each column's header, in any layout."""
    prints = {column.name: [*column.headers] for column in report.columns}
    for layout in report.layouts:
        for name, header in layout.headers.items():
            prints[name].append(header)
    return prints


def fill_text(template: bytes, report: Report, rows: Sequence[Mapping[str, Any]]) -> bytes:
    """The text with rows below its headers, as an export of a program has them."""
    assert isinstance(report.format, Delimited)
    headers = next(csv.reader([template.decode(report.format.encoding)], delimiter=report.format.delimiter))
    names = {header: name for name, prints in prints_of(report).items() for header in prints}
    text = io.StringIO()
    writer = csv.writer(text, delimiter=report.format.delimiter, lineterminator="\r\n")
    for row in rows:
        writer.writerow(["" if row[names[header]] is None else row[names[header]] for header in headers])
    return template + text.getvalue().encode(report.format.encoding)


class FilledTemplate:
    """A template that is open for filling in."""

    def __init__(self, template: bytes, report: Report) -> None:
        self.book = openpyxl.load_workbook(io.BytesIO(template))
        self._report = report

    def fill(self, sheet_name: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Writes rows below the headers of a sheet.

        Raises:
            AssertionError: a cell is locked, or its validation refuses the value.
        """
        sheet = self.book[sheet_name]
        places = self.header_cells(sheet_name)
        for number, row in enumerate(rows, start=1):
            for column in map(self._report.column, places):
                header = places[column.name]
                value = printed_value(column, header.value, row[column.name])
                if value is not None:
                    cell = sheet.cell(header.row + number, header.column)
                    assert not cell.protection.locked, cell.coordinate
                    self.assert_let_through(sheet, cell.coordinate, value)
                    cell.value = value

    def header_cells(self, sheet_name: str) -> dict[str, Any]:
        """The cell of each column's header, by the column's name; without the columns that the layout leaves out."""
        headers = {cell.value: cell for row in self.book[sheet_name].iter_rows(max_row=60) for cell in row if cell.value}
        found = {name: [headers[text] for text in texts if text in headers] for name, texts in prints_of(self._report).items()}
        return {name: cells[0] for name, cells in found.items() if cells}

    def validation_of(self, sheet: Any, address: str) -> Any:
        """The data validation of a cell; None without one."""
        return next((one for one in sheet.data_validations.dataValidation if address in one.sqref), None)

    def choices_of(self, validation: Any) -> list[Any]:
        """The values of a drop-down."""
        name, area = re.fullmatch(r"'(.+)'!(.+)", validation.formula1).groups()  # type: ignore[union-attr]
        return [row[0].value for row in self.book[name][area.replace("$", "")]]

    def assert_let_through(self, sheet: Any, address: str, value: Any) -> None:
        """Refuses a value as a spreadsheet would, as far as the limits are plain numbers."""
        validation = self.validation_of(sheet, address)
        if validation is None:
            return
        if validation.type == "list":
            assert value in self.choices_of(validation), (address, value)
        elif validation.type in {"whole", "decimal", "date"}:
            assert isinstance(value, dt.date) == (validation.type == "date"), (address, value)
            number = _as_number(value)
            assert validation.type != "whole" or number == int(number), (address, value)
            for formula, sign in ((validation.formula1, 1), (validation.formula2, -1)):
                if re.fullmatch(r"-?[\d.e+]+", formula):
                    assert sign * number >= sign * float(formula), (address, value, formula)
        elif validation.type == "textLength":
            assert len(value) == int(validation.formula1), (address, value)

    def content(self) -> bytes:
        """The workbook as it would be sent."""
        buffer = io.BytesIO()
        self.book.save(buffer)
        return buffer.getvalue()


def _as_number(value: Any) -> float:
    if isinstance(value, dt.datetime):
        return (value - _DAY_ZERO) / dt.timedelta(days=1)
    return float((value - _DAY_ZERO.date()).days) if isinstance(value, dt.date) else float(value)
