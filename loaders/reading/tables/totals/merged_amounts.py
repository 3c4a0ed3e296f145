"""Merged amounts: an amount that is merged over several rows counts once, or its rows are quarantined."""

from __future__ import annotations

from collections.abc import Iterator

from loaders.contract import Column, MergedAmount, Report
from loaders.messages import issue_of
from loaders.model import Issue
from loaders.reading.model.sheets import Area, Sheet, address
from loaders.reading.tables.rows.body import TableBody
from loaders.reading.tables.totals.column_sums import is_additive, number_of


def resolve_merged_amounts(report: Report, sheet: Sheet, body: TableBody) -> list[Issue]:
    """Removes each merged amount from all of its data rows but the first.

    Returns:
        The issues that quarantine these rows, unless the contract declares that a merged amount counts once.
    """
    additive = {body.header.columns[c.name]: c for c in report.columns if is_additive(c) and c.name in body.header.columns}
    issues: list[Issue] = []
    for area in body.merged:
        column = additive.get(area.first_column)
        amount = sheet.text(area.first_row, area.first_column)
        if column is None or not any(map(str.isdigit, amount)):
            continue
        rows = [row for row in range(area.first_row, area.last_row + 1) if row in body.data]
        # A zero adds nothing, however often it is counted.
        if len(rows) < 2 or number_of(sheet.rows[area.first_row][area.first_column]) == 0:
            continue
        for row in rows[1:]:
            body.data[row].pop(area.first_column, None)
        if column.merged is not MergedAmount.ONCE:
            issues.extend(_ambiguous_amount_issues(column, sheet.name, area, amount, rows))
    return issues


def _ambiguous_amount_issues(column: Column, sheet: str, area: Area, amount: str, rows: list[int]) -> Iterator[Issue]:
    for row in rows:
        yield issue_of(
            "merged_amount",
            sheet=sheet,
            row=row,
            column=column.name,
            cell=address(area.first_row, area.first_column),
            found=amount,
            header=column.header,
            area=str(area),
            count=len(rows),
        )
