"""Valid and harmful workbooks."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from typing import Any

import msoffcrypto.format.ooxml
import xlsxwriter

HEADER = ["探访编号", "镇（街道）", "探访人次", "支出（元）", "备注"]
ROWS = [["V1", "河南岸街道", 2, 10.5, None], ["V2", "桥东街道", 1, None, "已回访"]]
CSV = "\r\n".join([",".join(HEADER), "V1,河南岸街道,2,10.50,", ""]).encode()


def workbook(rows: Sequence[Sequence[Any]], **options: Any) -> bytes:
    """Makes a workbook with one sheet, 表1."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, **options}) as book:
        sheet = book.add_worksheet("表1")
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                if value is not None:
                    sheet.write(number, column, value)
    return buffer.getvalue()


def far_cell() -> bytes:
    """Makes a workbook of a few kB with a cell in the last possible row and column."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "探访编号")
        sheet.write(1_048_575, 16_383, 1)
    return buffer.getvalue()


def zip_bomb() -> bytes:
    """Makes a workbook with a sheet that unpacks to hundreds of megabytes."""
    buffer = io.BytesIO(workbook([["a"]]))
    with (
        zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED, compresslevel=1) as package,
        package.open("xl/worksheets/sheet9.xml", "w") as part,
    ):
        for _ in range(450):
            part.write(bytes(1024**2))
    return buffer.getvalue()


def encrypted(content: bytes, password: str) -> bytes:
    """Encrypts a workbook with a password."""
    buffer = io.BytesIO()
    msoffcrypto.format.ooxml.OOXMLFile(io.BytesIO(content)).encrypt(password, buffer)
    return buffer.getvalue()
