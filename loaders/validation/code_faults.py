"""What is wrong with a code that broke a rule, asked once per distinct one; and credit codes whose prefix is on no list."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from loaders.contract import Column, ColumnType, Words
from loaders.identifiers import KNOWN_USCC_PREFIX, CodeFault, resident_id_fault, uscc_fault
from loaders.table import Severity
from loaders.validation.expected import expected_words
from loaders.validation.findings import Finding

_FAULTS: dict[str, Callable[[str], CodeFault | None]] = {
    "expect_column_values_to_be_valid_uscc": uscc_fault,
    "expect_column_values_to_be_valid_resident_id": resident_id_fault,
}
_KNOWN_PREFIX = Words(
    zh="开头两位（登记管理部门和机构类别）在已知之列的信用代码",
    en="a credit code that begins with a known authority and kind of body",
)


def unknown_prefixes(column: Column, codes: pa.Array) -> Iterator[Finding]:
    """Credit codes that are sound but for a prefix that is on no list: the list may be behind the times."""
    if column.type is not ColumnType.USCC:
        return
    unknown = pc.invert(pc.fill_null(pc.match_substring_regex(codes, KNOWN_USCC_PREFIX), True))
    rows = np.flatnonzero(unknown.to_numpy(zero_copy_only=False))
    if len(rows):
        sound = [uscc_fault(code) is None for code in codes.take(pa.array(rows)).to_pylist()]
        yield Finding("unknown_uscc_prefix", Severity.WARNING, (column.name,), _KNOWN_PREFIX, rows[sound])


def fault_finder(finding: Finding) -> Callable[[str], CodeFault | None] | None:
    """The function that says what is wrong with a code; None for a rule that is not about codes or has a sentence of its own."""
    fault_of = None if finding.is_sentence else _FAULTS.get(finding.rule)
    return None if fault_of is None else cache(fault_of)


def words_of_fault(column: Column, expected: Words, fault: CodeFault | None) -> tuple[Words, Words]:
    """What the code should be, and what is wrong with it. Check characters are only spoken of where they are what is wrong."""
    if fault is None:
        return expected, Words(zh="号码无效", en="the number is not valid")
    return expected if fault.is_check else expected_words(column), Words(zh=fault.zh, en=fault.en)
