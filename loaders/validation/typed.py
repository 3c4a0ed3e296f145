"""The columns of a stack of rows as values of the contract's types, with everything that their texts already show."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from loaders.contract import Column, ColumnType, Report, Words
from loaders.divisions import Divisions
from loaders.raw_schema import arrow_type, key_name
from loaders.table import Severity
from loaders.validation.code_faults import unknown_prefixes
from loaders.validation.conversion import Converted, Fault, convert
from loaders.validation.findings import Finding
from loaders.validation.garbled import garbled
from loaders.validation.known_names import KnownNames
from loaders.validation.null_words import null_words
from loaders.validation.personal import KeyMaker, is_code, person_numbers, scrubbed
from loaders.validation.protected import LEADING_MARK, unprotected, words_of_mark
from loaders.validation.stack import Stack
from loaders.validation.texts import Mask, Positions, Texts

_SMALLEST_MOBILE = 13_000_000_000
_NO_NUMBER = Words(zh="编号或数值，而不是个人号码", en="a code or an amount, not a person's number")
_NO_NUMBER_IN_TEXT = Words(zh="不含身份证号、电话或银行账号的文字", en="text without identity, phone or account numbers")


@dataclass(frozen=True, slots=True)
class Typed:
    """`texts` as read and trimmed, `values` as they are judged, `stored` where another value is stored than judged.

    `unfit` are the rows in which a column's text is no value; there the value is null, and nothing else is to be said of it.
    """

    texts: dict[str, Texts] = field(default_factory=dict)
    values: dict[str, pa.Array] = field(default_factory=dict)
    stored: dict[str, pa.Array] = field(default_factory=dict)
    unfit: dict[str, Mask] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


class Typing:
    """Converts stacks of one report."""

    def __init__(self, report: Report, divisions: Divisions, keys: KeyMaker) -> None:
        self._report = report
        self._divisions = divisions
        self._keys = keys
        self._known_names = {column.name: KnownNames.of(column, divisions) for column in report.columns}
        self._null_words = {column.name: null_words(report, column) for column in report.columns}

    def convert(self, stack: Stack) -> Typed:
        """Convert every column, whole columns at a time."""
        typed = Typed()
        damaged: dict[str, list[int]] = {}
        for place, issue in stack.row_problems():
            damaged.setdefault(issue.column or "", []).append(place)
        for column in self._report.columns:
            self._convert(column, stack, np.array(damaged.get(column.name, []), dtype=np.int64), typed)
        return typed

    def column(self, column: Column, stack: Stack) -> tuple[Texts, Converted]:
        """One column's texts and values."""
        texts, doubts = self._texts(column, stack)
        converted = self._converted(column, texts, stack)
        names = self._known_names[column.name]
        values = converted.values if names is None else names.spelled(converted.values)
        return texts, replace(converted, values=values, faults=[*converted.faults, *doubts])

    def _texts(self, column: Column, stack: Stack) -> tuple[Texts, list[Fault]]:
        """A column's texts as they are to be read, null where there is none; and doubts about what was taken away from them."""
        texts = Texts.of(stack.texts(column.name)).trimmed()
        distinct, doubtful = unprotected(column, texts.distinct)
        texts = Texts(distinct, texts.places)
        doubts = [
            Fault(texts.rows_of(places), LEADING_MARK, Severity.WARNING, words_of_mark(mark)) for mark, places in doubtful.items()
        ]
        return texts.without(self._null_words[column.name]), doubts

    def _converted(self, column: Column, texts: Texts, stack: Stack) -> Converted:
        scales = stack.scales(column.name)
        if len(scales) == 1:
            return convert(column, texts, scales[0][0], self._divisions)
        values = pa.nulls(len(texts), arrow_type(column))
        faults: list[Fault] = []
        for scale, mask in scales:
            part = convert(column, texts.where(mask), scale, self._divisions)
            values = pc.replace_with_mask(values, pa.array(mask), part.values)
            rows = np.flatnonzero(mask)
            faults += [Fault(rows[fault.rows], fault.rule, fault.severity, fault.expected) for fault in part.faults]
        return Converted(values, faults)

    def key(self, column: Column, stack: Stack) -> pa.Array:
        """What stands for a key column where rows are told apart: its values, or their keyed hashes when it is personal."""
        values = self.column(column, stack)[1].values
        return self._keys.keys(column, values) if column.is_personal else values

    def _convert(self, column: Column, stack: Stack, damaged: Positions, typed: Typed) -> None:
        texts, converted = self.column(column, stack)
        values = converted.values
        findings = [
            Finding(fault.rule, fault.severity, (column.name,), fault.expected, np.setdiff1d(fault.rows, damaged))
            for fault in converted.faults
        ]
        findings += self._personal_numbers(column, texts, converted, typed)
        if column.type is ColumnType.TEXT:
            findings += garbled(column, texts)
        findings += unknown_prefixes(column, values)
        spoilt = [damaged, *(finding.rows for finding in findings if finding.severity is Severity.ERROR)]
        unfit = np.zeros(len(texts), dtype=bool)
        unfit[np.concatenate([converted.unfit(), *spoilt])] = True
        if unfit.any():
            typed.unfit[column.name] = unfit
            values = pc.if_else(pa.array(unfit), pa.scalar(None, values.type), values)
        typed.texts[column.name] = texts
        typed.values[column.name] = values
        typed.findings.extend(finding for finding in findings if len(finding.rows))
        if column.is_personal:
            typed.values[key_name(column)] = self._keys.keys(column, values)

    def _personal_numbers(self, column: Column, texts: Texts, converted: Converted, typed: Typed) -> Iterator[Finding]:
        """Numbers of people where the contract expects none: masked in free text, a reason to reject anywhere else."""
        if column.is_personal or column.names_no_person or column.known_in is not None:
            return
        if column.type is ColumnType.TEXT and not is_code(column):
            masked, changed = scrubbed(texts.distinct)
            if len(changed):
                typed.stored[column.name] = texts.spread(masked)
                rows = texts.rows_of(changed)
                yield Finding("personal_number_in_text", Severity.WARNING, (column.name,), _NO_NUMBER_IN_TEXT, rows)
        elif column.type is ColumnType.TEXT or _holds_large_numbers(column, converted.values):
            rows = np.setdiff1d(texts.rows_of(person_numbers(texts.distinct)), converted.unfit())
            yield Finding("personal_number", Severity.ERROR, (column.name,), _NO_NUMBER, rows)


def _holds_large_numbers(column: Column, values: pa.Array) -> bool:
    if column.type not in {ColumnType.INTEGER, ColumnType.DECIMAL}:
        return False
    largest = pc.max(values).as_py()
    return largest is not None and largest >= _SMALLEST_MOBILE
