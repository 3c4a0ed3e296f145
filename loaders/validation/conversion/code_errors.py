"""What is wrong with a code that broke a rule, asked once per distinct one; and credit codes whose prefix is on no list."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from loaders.contract import Column, ColumnType, LocalizedText
from loaders.identifiers import KNOWN_USCC_PREFIX, CodeErrorDetail, resident_id_error, uscc_error
from loaders.messages import phrase
from loaders.model import Severity
from loaders.validation.model.rule_violation import RuleViolation
from loaders.validation.model.type_descriptions import describe_type

_ERROR_FINDERS: dict[str, Callable[[str], CodeErrorDetail | None]] = {
    "expect_column_values_to_be_valid_uscc": uscc_error,
    "expect_column_values_to_be_valid_resident_id": resident_id_error,
}


def unknown_prefixes(column: Column, codes: pa.Array) -> Iterator[RuleViolation]:
    """Credit codes that are sound but for a prefix that is on no list: the list may be behind the times."""
    if column.type is not ColumnType.USCC:
        return
    unknown = pc.invert(pc.fill_null(pc.match_substring_regex(codes, KNOWN_USCC_PREFIX), True))
    rows = np.flatnonzero(unknown.to_numpy(zero_copy_only=False))
    if len(rows):
        sound = [uscc_error(code) is None for code in codes.take(pa.array(rows)).to_pylist()]
        yield RuleViolation("unknown_uscc_prefix", Severity.WARNING, (column.name,), phrase("expected.known_prefix"), rows[sound])


def error_finder(violation: RuleViolation) -> Callable[[str], CodeErrorDetail | None] | None:
    """The function that says what is wrong with a code; None for a rule that is not about codes or has a sentence of its own."""
    find_error = None if violation.is_sentence else _ERROR_FINDERS.get(violation.rule)
    return None if find_error is None else cache(find_error)


def describe_code_error(
    column: Column, expected: LocalizedText, error: CodeErrorDetail | None
) -> tuple[LocalizedText, LocalizedText]:
    """What the code should be, and what is wrong with it. Check characters are only spoken of where they are what is wrong."""
    if error is None:
        return expected, phrase("code.invalid")
    return expected if error.is_check else describe_type(column), phrase(error.code, **error.parameters)
