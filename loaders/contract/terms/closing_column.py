"""The column of a register that says when an entry ended: one that has it may be left out of the next register."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from loaders.contract.columns import ColumnType

if TYPE_CHECKING:
    from loaders.contract.report import Report


def closing_column_errors(report: Report) -> Iterator[str]:
    """Yields what does not go together with `closing_column`."""
    name = report.closing_column
    if name is None:
        return
    if report.replaces != "register":
        yield f"closing_column: {name} goes with replaces: register only"
    column = next((column for column in report.columns if column.name == name), None)
    if column is None or column.type is not ColumnType.DATE:
        yield f"closing_column: {name} must be a column of type date"
