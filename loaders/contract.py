"""The contract of a report: the typed form of one file in `expectations/`.

Neutral room: every stage reads contracts, a contract knows no stage. The models are closed (`extra="forbid"`) and frozen.
Every fault of a file is shown at once.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from loaders.period import Period, PeriodKind

_IDENTIFIER = r"^[a-z][a-z0-9_]{0,58}$"
Identifier = Annotated[str, Field(pattern=_IDENTIFIER)]


class ContractError(ValueError):
    """One or more expectations files are wrong; the message lists every fault, with file and field."""


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Words(_Closed):
    """The same words in Chinese and in English."""

    zh: str
    en: str


class System(StrEnum):
    """The three kinds of system that reports come from."""

    CIVIL_AFFAIRS = "civil_affairs"
    CHARITY = "charity"
    SOCIAL_WORK = "social_work"


class Cadence(StrEnum):
    """How often a report is due."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    ANNUAL = "annual"
    AD_HOC = "ad_hoc"


class Replaces(StrEnum):
    """What a new submission takes the place of."""

    PERIOD = "period"
    KEY = "key"
    REGISTER = "register"
    NOTHING = "nothing"


class ColumnType(StrEnum):
    """The meaning of a column's text, and so its type in the warehouse."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    DATE = "date"
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


class Owner(_Closed):
    """Who answers for the report and gets its quality alerts."""

    role: Words
    email: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$")]


class Column(_Closed):
    """One column of the report.

    `header` is the header as the form prints it, `synonyms` other prints of it, `field` the name of the field in a record of
    an API or a view (else the column's own name). `unit` is the unit of the value in the
    warehouse (money: 元); `printed_unit` the form's, when the form differs and does not say so itself.
    `required` speaks of the value, `may_be_absent` of the whole column. `shape` is (precision, scale) of a decimal.
    """

    name: Identifier
    header: str
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
    choices: tuple[str, ...] = ()
    aliases: dict[str, str] = Field(default_factory=dict)
    known_in: str | None = None
    null_tokens: tuple[str, ...] | None = None
    may_be_split: bool = False
    two_digit_year: bool = False
    meaning: str | None = None

    @model_validator(mode="after")
    def _agree_with_type(self) -> Self:
        if (self.type is ColumnType.CHOICE) != bool(self.choices):
            raise ValueError("choices go with type choice, and type choice with choices")
        unknown = sorted(set(self.aliases.values()) - set(self.choices))
        if self.choices and unknown:
            raise ValueError(f"aliases lead to values that are not in choices: {unknown}")
        if self.type in PERSONAL_TYPES and self.pii is Pii.NONE:
            raise ValueError(f"type {self.type} is a personal number: say its pii class")
        if self.pii is not Pii.NONE and self.type not in PERSONAL_TYPES | {ColumnType.TEXT}:
            raise ValueError("only text, resident_id, phone and bank_account columns can carry a pii class")
        return self

    @property
    def is_personal(self) -> bool:
        """Whether the value may enter the warehouse only as `<name>_key` and `<name>_masked`."""
        return self.pii is not Pii.NONE

    @property
    def headers(self) -> tuple[str, ...]:
        """Every print of the header that is accepted in any layout."""
        return (self.header, *self.synonyms)


PERSONAL_TYPES = frozenset({ColumnType.RESIDENT_ID, ColumnType.PHONE, ColumnType.BANK_ACCOUNT})


class Layout(_Closed):
    """How documents of some span of periods look. The first layout that fits the document's columns is used."""

    name: str
    since: str | None = None
    until: str | None = None
    headers: dict[Identifier, str] = Field(default_factory=dict)
    without: tuple[Identifier, ...] = ()

    @model_validator(mode="after")
    def _periods_parse(self) -> Self:
        for text in (self.since, self.until):
            if text is not None:
                Period.parse(text)
        return self


class Workbook(_Closed):
    """A spreadsheet of any make (xlsx, xls, xlsb, et, ods), found by its content.

    `sheets` is a regular expression that the whole name of a data sheet matches. `form` sheets print `标签：值` pairs
    instead of a table. `password` names the connection whose password opens the workbook.
    """

    kind: Literal["workbook"] = "workbook"
    sheets: str = ".*"
    form: bool = False
    password: str | None = None
    totals: tuple[str, ...] = ("合计", "小计", "总计", "全市合计")
    group_rows: bool = False


class Delimited(_Closed):
    """A CSV or TSV whose encoding is declared, and checked."""

    kind: Literal["delimited"] = "delimited"
    encoding: Literal["utf-8", "utf-8-sig", "utf-16", "gb18030"] = "utf-8"
    delimiter: str = ","


class Records(_Closed):
    """JSON lines, one record a line, fields named by each column's `field`, else by its name."""

    kind: Literal["records"] = "records"


Format = Annotated[Workbook | Delimited | Records, Field(discriminator="kind")]


class FileDrop(_Closed):
    """Files under a folder that a connection reaches (file, sftp, s3).

    `pattern` is a regular expression for the path below the folder; its named groups `unit` and `period` say whose document
    it is. A file younger than `settle_seconds`, or one that changed between two looks, waits for the next run.
    """

    kind: Literal["file_drop"] = "file_drop"
    connection: Identifier
    folder: str = ""
    pattern: str
    settle_seconds: float = 2.0

    @model_validator(mode="after")
    def _pattern_compiles(self) -> Self:
        try:
            groups = set(re.compile(self.pattern).groupindex)
        except re.error as error:
            raise ValueError(f"pattern is not a regular expression: {error}") from error
        if not groups <= {"unit", "period", "revision"}:
            raise ValueError(f"pattern may name the groups unit, period and revision, not {sorted(groups)}")
        return self


class HttpApi(_Closed):
    """A signed, paged JSON API. `key` names the record field that tells one record from another."""

    kind: Literal["http_api"] = "http_api"
    connection: Identifier
    path: str
    key: str
    updated_field: str
    page_size: int = Field(default=500, ge=1, le=10_000)


class Database(_Closed):
    """A read-only view. `period_column` splits a pull into one document a period; `updated_column` is the watermark."""

    kind: Literal["database"] = "database"
    connection: Identifier
    relation: str = Field(pattern=r"^[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)?$")
    updated_column: Identifier
    period_column: Identifier | None = None
    order_by: tuple[Identifier, ...]


Source = Annotated[FileDrop | HttpApi | Database, Field(discriminator="kind")]


class Rule(_Closed):
    """One rule, in Great Expectations' own name (`expect_column_values_to_be_between`) and arguments.

    `where` restricts it to rows in which a column has one of some values.
    """

    expect: Annotated[str, Field(pattern=r"^expect_[a-z_]+$")]
    arguments: dict[str, Any] = Field(default_factory=dict)
    where: dict[Identifier, tuple[str, ...]] = Field(default_factory=dict)
    severity: Literal["error", "warning"] = "error"
    meaning: Words

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the rule names in its arguments."""
        named = [self.arguments.get(slot) for slot in ("column", "column_A", "column_B")]
        return tuple(name for name in [*named, *self.arguments.get("column_list", ())] if name)


class Report(_Closed):
    """All that is expected of one report. See `expectations/README.md` for each field in use.

    `left_out` lists the headers (or fields) that documents carry and that are not wanted in the warehouse.
    """

    report: Identifier
    code: Annotated[str, Field(pattern=r"^(CA|CH|SW)\d{2}$")]
    system: System
    title: Words
    grain: Words
    owner: Owner
    cadence: Cadence
    due_day: int | None = Field(default=None, ge=1, le=60)
    schedule: str | None = None
    unit_level: Literal["city", "county", "town", "station", "fund"] = "city"
    units: tuple[str, ...] = ("4413",)
    period_kind: PeriodKind | None = None
    source: Source
    format: Format
    layouts: tuple[Layout, ...] = ()
    replaces: Replaces
    empty_batch: Literal["refuse", "accept"] = "refuse"
    shrink_limit_pct: float = Field(default=10.0, ge=0, le=100)
    reject_limit_pct: float = Field(default=20.0, ge=0, le=100)
    null_tokens: tuple[str, ...] = ("", "—", "-", "--", "/", "无")
    columns: tuple[Column, ...] = Field(min_length=1)
    left_out: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()

    @model_validator(mode="after")
    def _names_agree(self) -> Self:
        faults = list(self._faults())
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def _faults(self) -> Iterator[str]:
        names = [column.name for column in self.columns]
        for name, count in Counter(names).items():
            if count > 1:
                yield f"column {name} is described {count} times"
        for header, count in Counter(h for c in self.columns for h in set(c.headers)).items():
            if count > 1:
                yield f'header "{header}" belongs to {count} columns'
        known = set(names)
        for rule in self.rules:
            for name in sorted((set(rule.columns) | set(rule.where)) - known):
                yield f"rule {rule.expect} names column {name}, which is not described"
        for layout in self.layouts:
            for name in sorted((set(layout.headers) | set(layout.without)) - known):
                yield f"layout {layout.name} names column {name}, which is not described"
        if self.replaces in {Replaces.KEY, Replaces.PERIOD, Replaces.REGISTER} and not self.key:
            yield f"replaces: {self.replaces} needs at least one key column"
        if self.replaces is Replaces.PERIOD and self.period_kind is None:
            yield "replaces: period needs period_kind"

    @property
    def key(self) -> tuple[str, ...]:
        """The columns that tell one row of a submission from another."""
        return tuple(column.name for column in self.columns if column.key)

    def column(self, name: str) -> Column:
        """The column of this name.

        Raises:
            KeyError: the contract has none.
        """
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


def load_report(path: Path) -> Report:
    """Read one expectations file.

    Raises:
        ContractError: the file is no YAML, or breaks the contract's form; every fault is listed.
    """
    faults = _Faults()
    report = faults.collect(path)
    if report is None:
        raise faults.error()
    return report


def load_reports(folder: Path) -> dict[str, Report]:
    """Read every expectations file below `folder`, by report name.

    Raises:
        ContractError: any file is wrong, or two files share a report name or code; every fault of every file is listed.
    """
    faults = _Faults()
    reports: dict[str, Report] = {}
    codes: dict[str, Path] = {}
    for path in sorted(folder.glob("*/*.yml")):
        report = faults.collect(path)
        if report is None:
            continue
        if (path.parent.name, path.stem) != (report.system, report.report):
            faults.add(path, "report", f"the file must be {report.system}/{report.report}.yml")
        if report.code in codes:
            faults.add(path, "code", f"{report.code} is already used by {codes[report.code]}")
        codes[report.code] = path
        reports[report.report] = report
    if faults.lines:
        raise faults.error()
    return reports


class _Faults:
    def __init__(self) -> None:
        self.lines: list[str] = []

    def add(self, path: Path, field: str, message: str) -> None:
        self.lines.append(f"{path.parent.name}/{path.name}: {field}: {message}")

    def collect(self, path: Path) -> Report | None:
        try:
            content = yaml.safe_load(path.read_text(encoding="utf-8"))
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            self.add(path, "file", " ".join(str(error).split()))
            return None
        try:
            return Report.model_validate(content)
        except ValidationError as error:
            for fault in error.errors():
                place = ".".join(str(part) for part in fault["loc"]) or "report"
                found = "" if fault["type"] in {"value_error", "missing"} else f", found {fault['input']!r}"
                self.add(path, place, f"{fault['msg']}{found}")
            return None

    def error(self) -> ContractError:
        return ContractError("\n".join(self.lines))
