"""The matrix of roles, objects and verbs as a workbook."""

from __future__ import annotations

from pathlib import Path

from loaders.settings import Settings
from loaders.warehouse.audit.permissions import Permission, permissions

_WIDTHS = (24, 18, 48, 40)
_MOST_ROWS = 1_048_575
"""Of a sheet, without its header."""


def write_permissions(settings: Settings, file: Path) -> int:
    """Writes the matrix of roles, objects and verbs to a workbook that can be filtered; returns its number of rows."""
    import xlsxwriter

    rows = permissions(settings.warehouse_url)[:_MOST_ROWS]
    # A name of an object is no formula.
    with xlsxwriter.Workbook(str(file), {"strings_to_formulas": False, "strings_to_urls": False}) as workbook:
        sheet = workbook.add_worksheet("permissions")
        head = workbook.add_format({"bold": True})
        sheet.write_row(0, 0, Permission._fields, head)
        for number, row in enumerate(rows, 1):
            sheet.write_row(number, 0, row)
        sheet.autofilter(0, 0, max(len(rows), 1), len(Permission._fields) - 1)
        sheet.freeze_panes(1, 0)
        for column, width in enumerate(_WIDTHS):
            sheet.set_column(column, column, width)
    return len(rows)
