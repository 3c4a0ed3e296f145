"""One column of a report: what its text means, how the form prints it, how personal it is."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from pydantic import Field

from loaders.contract.strict_model import Identifier, StrictModel


class ColumnType(StrEnum):
    """The meaning of a column's text, and so its type in the warehouse."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    DATE = "date"
    DATETIME = "datetime"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    BOOLEAN = "boolean"
    CHOICE = "choice"
    USCC = "uscc"
    RESIDENT_ID = "resident_id"
    PHONE = "phone"
    BANK_ACCOUNT = "bank_account"
    DIVISION_CODE = "division_code"


class Pii(StrEnum):
    """How personal a column is. Anything but `none` enters the warehouse only as a keyed hash and a mask.

    `contact`: of a person in office. `personal`: of a private person. `sensitive`: health, minors, accounts, specific
    identity (PIPL Art. 28); masked in the strict form.
    """

    NONE = "none"
    CONTACT = "contact"
    PERSONAL = "personal"
    SENSITIVE = "sensitive"


class MergedAmount(StrEnum):
    """What becomes of a number that is merged over several data rows.

    `refuse`: its rows are held back. `once`: it counts in the first of them. `fill_down`: it is no amount (an age, a unit price)
    and holds for each row.
    """

    REFUSE = "refuse"
    ONCE = "once"
    FILL_DOWN = "fill_down"


PERSONAL_TYPES = frozenset({ColumnType.RESIDENT_ID, ColumnType.PHONE, ColumnType.BANK_ACCOUNT})
_NUMBER_TYPES = frozenset({ColumnType.INTEGER, ColumnType.DECIMAL})
_LIST_TYPES = frozenset({ColumnType.TEXT, ColumnType.DIVISION_CODE})
NULL_LITERALS = (
    *("\\N", "NULL", "Null", "null", "(NULL)", "(Null)", "(null)", "[NULL]", "[null]", "<NULL>", "<null>"),
    *("None", "NONE", "none", "nil", "Nil", "NIL", "undefined"),
    *("NaN", "NAN", "nan", "-nan", "NaT", "NA", "<NA>", "N/A", "n/a", "#N/A", "#NA"),
)
"""How programs write a null into a text: databases, pandas, Python, JavaScript, R. Without `Nan` and `Na`, which are names."""

_MAX_PERSONAL_NAME_LENGTH = 56  # PostgreSQL's names have 63 letters, and `_masked` is put behind


class Column(StrictModel):
    """One column of the report.

    `header` is the header as the form prints it, `synonyms` other prints of it, `field` the name of the field in a record of
    an API or a view (else the column's own name). `unit` is the unit of the value in the
    warehouse (money: 元); `printed_unit` the form's, when the form differs and does not say so itself.
    `required` speaks of the value (where the column is there), `may_be_absent` of the whole column. `shape` is (precision,
    scale) of a decimal.
    `merged` says what a number is that is merged over several data rows; without it, amounts and counts refuse the rows.
    `names_no_person` says that long numbers in the column name things (archives, invoices): they are never taken for
    personal numbers. `null_tokens` and `null_literals` take the place of the report's, in this column.
    """

    name: Identifier
    header: str = Field(min_length=1)
    synonyms: tuple[str, ...] = ()
    field: str | None = None
    type: ColumnType = ColumnType.TEXT
    shape: tuple[int, int] = (18, 4)
    unit: str | None = None
    printed_unit: str | None = None
    required: bool = False
    may_be_absent: bool = False
    key: bool = False
    pii: Pii = Pii.NONE
    names_no_person: bool = False
    choices: tuple[str, ...] = ()
    aliases: dict[str, str] = Field(default_factory=dict)
    known_in: str | None = None
    null_tokens: tuple[str, ...] | None = None
    null_literals: tuple[str, ...] | None = None
    may_be_split: bool = False
    merged: MergedAmount | None = None
    two_digit_year: bool = False
    meaning: str | None = None

    @property
    def is_personal(self) -> bool:
        """Whether the value may enter the warehouse only as `<name>_key` and `<name>_masked`."""
        return self.pii is not Pii.NONE

    @property
    def holds_name_or_code(self) -> bool:
        """Whether a text in the column is the name or the code of something: a key, a value of a list, a `…_code`, `…_name`."""
        is_name = self.key or self.known_in is not None or self.name.endswith(("_code", "_name", "_no"))
        return self.type is ColumnType.TEXT and is_name

    @property
    def headers(self) -> tuple[str, ...]:
        """Every print of the header that is accepted in any layout."""
        return (self.header, *self.synonyms)

    def errors(self) -> Iterator[str]:
        """What does not go together."""
        yield from self._personal_data_errors()
        if (self.type is ColumnType.CHOICE) != bool(self.choices):
            yield "choices go with type choice, and type choice with choices"
        unknown = sorted(set(self.aliases.values()) - set(self.choices))
        if unknown:
            yield f"aliases lead to values that are not in choices: {unknown}"
        if self.merged is MergedAmount.ONCE and (self.required or self.key):
            yield "merged: once leaves the other rows without a value, so the column cannot be required or a key"
        if self.key and self.may_be_absent:
            yield "a key column cannot be absent"
        precision, scale = self.shape
        if not (1 <= precision <= 38 and 0 <= scale <= precision):
            yield f"shape is (precision up to 38, scale up to precision), not {self.shape}"
        yield from self._type_errors()

    def _personal_data_errors(self) -> Iterator[str]:
        if self.type in PERSONAL_TYPES and self.pii is Pii.NONE:
            yield f"type {self.type} is a personal number: say its pii class"
        if self.is_personal and self.type not in PERSONAL_TYPES | {ColumnType.TEXT}:
            yield "only text, resident_id, phone and bank_account columns can carry a pii class"
        if self.is_personal and self.names_no_person:
            yield "names_no_person contradicts the pii class"
        if self.is_personal and len(self.name) > _MAX_PERSONAL_NAME_LENGTH:
            yield f"the name of a personal column has at most {_MAX_PERSONAL_NAME_LENGTH} letters, found {len(self.name)}"

    def _type_errors(self) -> Iterator[str]:
        used_settings = {
            "shape": ("shape" in self.model_fields_set, {ColumnType.DECIMAL}),
            "unit": (self.unit is not None, _NUMBER_TYPES),
            "printed_unit": (self.printed_unit is not None, _NUMBER_TYPES),
            "known_in": (self.known_in is not None, _LIST_TYPES),
            "merged": (self.merged is not None, _NUMBER_TYPES),
            "may_be_split": (self.may_be_split, {ColumnType.TEXT}),
            "two_digit_year": (self.two_digit_year, {ColumnType.DATE, ColumnType.DATETIME}),
        }
        for name, (is_used, types) in used_settings.items():
            if is_used and self.type not in types:
                yield f"{name} goes with type {' or '.join(sorted(types))}, not with {self.type}"
        if self.printed_unit is not None and self.unit is None:
            yield "printed_unit needs unit, to say what it is turned into"
        if self.known_in is not None and self.known_in.endswith("_name") != (self.type is ColumnType.TEXT):
            yield "known_in: a list of names (…_name) goes with type text, a list of codes with type division_code"
