"""The columns of a row batch as values of the contract's types, with everything that their texts already show."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from loaders.contract import Column, ColumnType, Report
from loaders.divisions import Divisions
from loaders.messages import phrase
from loaders.model import Severity
from loaders.raw_schema import arrow_type, key_name
from loaders.validation.conversion.code_errors import unknown_prefixes
from loaders.validation.conversion.column_casts import ConversionIssue, ConvertedColumn, convert
from loaders.validation.conversion.division_periods import divisions_out_of_period
from loaders.validation.conversion.export_quoting import LEADING_MARK, describe_removed_mark, strip_export_quoting
from loaders.validation.conversion.garbled_text import find_garbled_text
from loaders.validation.conversion.known_names import KnownNames
from loaders.validation.conversion.null_tokens import null_tokens_of
from loaders.validation.conversion.pseudonyms import Pseudonymizer, is_code, mask_numbers_in_text, rows_with_personal_numbers
from loaders.validation.model.row_batch import RowBatch
from loaders.validation.model.rule_violation import RuleViolation
from loaders.validation.model.string_column import Mask, Positions, StringColumn

_SMALLEST_MOBILE = 13_000_000_000


@dataclass(frozen=True, slots=True)
class TypedColumns:
    """`texts` as read and trimmed, `values` as they are validated, `stored` where another value is stored than validated.

    `invalid` are the rows in which a column's text is no value; there the value is null, and nothing else is to be said of it.
    """

    texts: dict[str, StringColumn] = field(default_factory=dict)
    values: dict[str, pa.Array] = field(default_factory=dict)
    stored: dict[str, pa.Array] = field(default_factory=dict)
    invalid: dict[str, Mask] = field(default_factory=dict)
    violations: list[RuleViolation] = field(default_factory=list)


class ColumnConverter:
    """Converts row batches of one report."""

    def __init__(self, report: Report, divisions: Divisions, keys: Pseudonymizer) -> None:
        self._report = report
        self._divisions = divisions
        self._keys = keys
        self._known_names = {column.name: KnownNames.of(column, divisions) for column in report.columns}
        self._null_tokens = {column.name: null_tokens_of(report, column) for column in report.columns}

    def convert(self, batch: RowBatch) -> TypedColumns:
        """Convert every column, whole columns at a time."""
        typed = TypedColumns()
        damaged: dict[str, list[int]] = {}
        for place, issue in batch.row_errors():
            damaged.setdefault(issue.column or "", []).append(place)
        for column in self._report.columns:
            self._convert(column, batch, np.array(damaged.get(column.name, []), dtype=np.int64), typed)
        return typed

    def column(self, column: Column, batch: RowBatch) -> tuple[StringColumn, ConvertedColumn]:
        """One column's texts and values."""
        texts, warnings = self._texts(column, batch)
        converted = self._converted(column, texts, batch)
        names = self._known_names[column.name]
        values = converted.values if names is None else names.canonicalized(converted.values)
        return texts, replace(converted, values=values, issues=[*converted.issues, *warnings])

    def _texts(self, column: Column, batch: RowBatch) -> tuple[StringColumn, list[ConversionIssue]]:
        """A column's texts as they are to be read, null where there is none; and doubts about what was taken away from them."""
        texts = StringColumn.of(batch.texts(column.name)).trimmed()
        distinct, uncertain = strip_export_quoting(column, texts.distinct)
        texts = StringColumn(distinct, texts.places)
        warnings = [
            ConversionIssue(texts.rows_of(places), LEADING_MARK, Severity.WARNING, describe_removed_mark(mark))
            for mark, places in uncertain.items()
        ]
        return texts.without(self._null_tokens[column.name]), warnings

    def _converted(self, column: Column, texts: StringColumn, batch: RowBatch) -> ConvertedColumn:
        scales = batch.scales(column.name)
        if len(scales) == 1:
            return convert(column, texts, scales[0][0], self._divisions)
        values = pa.nulls(len(texts), arrow_type(column))
        issues: list[ConversionIssue] = []
        for scale, mask in scales:
            part = convert(column, texts.where(mask), scale, self._divisions)
            values = pc.replace_with_mask(values, pa.array(mask), part.values)
            rows = np.flatnonzero(mask)
            issues += [ConversionIssue(rows[issue.rows], issue.rule, issue.severity, issue.expected) for issue in part.issues]
        return ConvertedColumn(values, issues)

    def key(self, column: Column, batch: RowBatch) -> pa.Array:
        """What stands for a key column where rows are told apart: its values, or their keyed hashes when it is personal."""
        values = self.column(column, batch)[1].values
        return self._keys.keys(column, values) if column.is_personal else values

    def _convert(self, column: Column, batch: RowBatch, damaged: Positions, typed: TypedColumns) -> None:
        texts, converted = self.column(column, batch)
        values = converted.values
        violations = [
            RuleViolation(issue.rule, issue.severity, (column.name,), issue.expected, np.setdiff1d(issue.rows, damaged))
            for issue in converted.issues
        ]
        violations += self._personal_numbers(column, texts, converted, typed)
        if column.type is ColumnType.TEXT:
            violations += find_garbled_text(column, texts)
        violations += unknown_prefixes(column, values)
        violations += divisions_out_of_period(self._report, column, values, batch, self._divisions)
        invalid_rows = [damaged, *(violation.rows for violation in violations if violation.severity is Severity.ERROR)]
        invalid = np.zeros(len(texts), dtype=bool)
        invalid[np.concatenate([converted.invalid(), *invalid_rows])] = True
        if invalid.any():
            typed.invalid[column.name] = invalid
            values = pc.if_else(pa.array(invalid), pa.scalar(None, values.type), values)
        typed.texts[column.name] = texts
        typed.values[column.name] = values
        typed.violations.extend(violation for violation in violations if len(violation.rows))
        if column.is_personal:
            typed.values[key_name(column)] = self._keys.keys(column, values)

    def _personal_numbers(
        self, column: Column, texts: StringColumn, converted: ConvertedColumn, typed: TypedColumns
    ) -> Iterator[RuleViolation]:
        """Numbers of people where the contract expects none: masked in free text, a reason to reject anywhere else."""
        if column.is_personal or column.names_no_person or column.known_in is not None:
            return
        if column.type is ColumnType.TEXT and not is_code(column):
            masked, changed = mask_numbers_in_text(texts.distinct)
            if len(changed):
                typed.stored[column.name] = texts.expand(masked)
                rows = texts.rows_of(changed)
                yield RuleViolation(
                    "personal_number_in_text",
                    Severity.WARNING,
                    (column.name,),
                    phrase("expected.text_without_numbers"),
                    rows,
                )
        elif column.type is ColumnType.TEXT or _holds_large_numbers(column, converted.values):
            rows = np.setdiff1d(texts.rows_of(rows_with_personal_numbers(texts.distinct)), converted.invalid())
            expected = phrase("expected.no_personal_number")
            yield RuleViolation("personal_number", Severity.ERROR, (column.name,), expected, rows)


def _holds_large_numbers(column: Column, values: pa.Array) -> bool:
    if column.type not in {ColumnType.INTEGER, ColumnType.DECIMAL}:
        return False
    largest = pc.max(values).as_py()
    return largest is not None and largest >= _SMALLEST_MOBILE
