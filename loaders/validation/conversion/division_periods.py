"""Division codes that were not valid in the period of their document: of a town that was closed before, or opened after it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from loaders.contract import Column, ColumnType, LocalizedText, Report
from loaders.divisions import Divisions
from loaders.messages import phrase
from loaders.model import Severity
from loaders.period import Period
from loaders.validation.model.documents import period_of
from loaders.validation.model.row_batch import RowBatch
from loaders.validation.model.rule_violation import RuleViolation

RULE = "division_not_valid"


def divisions_out_of_period(
    report: Report, column: Column, codes: pa.Array, batch: RowBatch, divisions: Divisions
) -> Iterator[RuleViolation]:
    """Yields the rows whose division existed on no day of their document's period, by the code that stood for it then.

    A document without a period may name any division that ever was.
    """
    if column.type is not ColumnType.DIVISION_CODE or column.known_in is None or not divisions.history.all:
        return
    suspects = pc.fill_null(pc.is_in(codes, value_set=pa.array(sorted(divisions.history.by_code), pa.string())), False)
    places = np.flatnonzero(suspects.to_numpy(zero_copy_only=False))
    found: dict[tuple[str, str | None], list[int]] = {}
    periods = [period_of(report, item) for item in batch.items]
    for place, code in zip(places.tolist(), codes.take(pa.array(places)).to_pylist(), strict=True):
        period = periods[int(batch.document[place])]
        if period is not None and not divisions.history.existed(code, period.start, period.end):
            found.setdefault((code, _counterpart(divisions, code, period)), []).append(place)
    for (_, valid_code), rows in found.items():
        yield RuleViolation(RULE, Severity.ERROR, (column.name,), _expected(valid_code), np.array(rows), names_period=True)


def _counterpart(divisions: Divisions, code: str, period: Period) -> str | None:
    return divisions.history.counterpart(code, period.end)


def _expected(valid_code: str | None) -> LocalizedText:
    if valid_code is None:
        return phrase("expected.division_of_period")
    return phrase("expected.division_of_period.named", code=valid_code)
