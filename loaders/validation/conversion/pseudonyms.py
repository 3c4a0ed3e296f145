"""Personal values on their way into the warehouse: keyed hashes for joining and counting, masks for people.

Nothing that leaves this package carries a plain personal number: not accepted values, not the record of a rejected row, not what
an issue shows.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from loaders import identifiers
from loaders.contract import Column, ColumnType, Pii
from loaders.validation.model.string_column import Mask, Positions

_LONGEST_SHOWN = 200
_NORMALIZERS: dict[ColumnType, Callable[[str], str]] = {
    ColumnType.RESIDENT_ID: identifiers.normalize_resident_id,
    ColumnType.PHONE: identifiers.normalize_phone,
    ColumnType.BANK_ACCOUNT: identifiers.normalize_bank_account,
}
_MASKS: dict[ColumnType, Callable[[str], str]] = {
    ColumnType.RESIDENT_ID: identifiers.mask_id,
    ColumnType.PHONE: identifiers.mask_phone,
    ColumnType.BANK_ACCOUNT: identifiers.mask_bank_account,
}


class Pseudonymizer:
    """Keyed hashes (hex HMAC-SHA256) over the normal form of a value: the same person has the same key in every report."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def keys(self, column: Column, values: pa.Array) -> pa.Array:
        """The keys of a personal column's values; null stays null."""
        form = _form_of(column)
        secret, digest = self._secret, hmac.digest
        return _map_distinct(values, lambda value: digest(secret, form(value).encode(), "sha256").hex())


def pseudonym_form(column: Column, value: str) -> str:
    """The form that is hashed: whatever can be written in several ways without naming someone else is taken out."""
    return _form_of(column)(value)


def _form_of(column: Column) -> Callable[[str], str]:
    if column.type is ColumnType.PHONE:
        return lambda value: identifiers.normalize_phone(value).replace("-", "")
    if column.type is ColumnType.TEXT:
        return identifiers.normalize_name
    return _NORMALIZERS.get(column.type, identifiers.normalize_identifier)


def masked_values(column: Column, values: pa.Array) -> pa.Array:
    """The masked forms of a personal column's values; null stays null."""
    return _map_distinct(values, lambda value: _mask(column, value))


def redacted(column: Column, text: str) -> str:
    """A cell's text as an issue or a quarantined record may show it."""
    if column.is_personal:
        return _mask(column, _normalize(column, text))
    return text if column.names_no_person else identifiers.redact(text)


def truncate(text: str) -> str:
    """The text as far as a message can hold it."""
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"


def is_code(column: Column) -> bool:
    """Whether the column's texts name things, so that none of them may be altered: a key, a `…_code`."""
    return column.key or column.name.endswith("_code")


def mask_numbers_in_text(texts: pa.Array) -> tuple[pa.Array, Positions]:
    """Free text with the personal numbers in it masked, and the rows in which there were any."""
    suspects = np.flatnonzero(_as_mask(pc.match_substring_regex(texts, identifiers.NUMBER_IN_TEXT)))
    if not len(suspects):
        return texts, suspects
    before = texts.take(pa.array(suspects))
    after = _map_distinct(before, identifiers.redact)
    changed = suspects[_as_mask(pc.not_equal(before, after))]
    return _replaced(texts, suspects, after), changed


def rows_with_personal_numbers(texts: pa.Array) -> Positions:
    """The rows in which a code, or an amount, surely is a number of a person."""
    suspects = np.flatnonzero(_as_mask(pc.match_substring_regex(texts, identifiers.NUMBER_IN_CODE)))
    found = texts.take(pa.array(suspects)).to_pylist()
    return suspects[[identifiers.contains_personal_number(text) for text in found]] if found else suspects


def _normalize(column: Column, value: str) -> str:
    return _NORMALIZERS.get(column.type, identifiers.normalize_identifier)(value)


def _mask(column: Column, value: str) -> str:
    if column.pii is Pii.SENSITIVE:
        return identifiers.mask_strict(value)
    if column.type is ColumnType.TEXT:
        return identifiers.mask_address(value) if column.name.endswith("address") else identifiers.mask_name(value)
    return _MASKS[column.type](value)


def _map_distinct(values: pa.Array, change: Callable[[str], str]) -> pa.Array:
    encoded = values.dictionary_encode()
    return pa.array(map(change, encoded.dictionary.to_pylist()), pa.string()).take(encoded.indices)


def _replaced(texts: pa.Array, rows: Positions, values: pa.Array) -> pa.Array:
    mask = np.zeros(len(texts), dtype=bool)
    mask[rows] = True
    return pc.replace_with_mask(texts, pa.array(mask), values)


def _as_mask(truths: pa.Array) -> Mask:
    return np.asarray(pc.fill_null(truths, False).to_numpy(zero_copy_only=False), dtype=bool)
