"""A report: its owner, its cadence, its columns, its rules, and all that these must agree on."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field

from loaders.contract.columns import NULL_LITERALS, Column
from loaders.contract.cron import cron_errors
from loaders.contract.cross_rules import AnyCrossRule
from loaders.contract.cross_rules.errors import cross_rule_errors
from loaders.contract.format import Format, Records
from loaders.contract.layout import Layout
from loaders.contract.selectors import selector_errors
from loaders.contract.sources import AskedSource, Database, FileDrop, HttpApi, Mailbox, Source
from loaders.contract.strict_model import Identifier, LocalizedText, OneLineText, StrictModel
from loaders.contract.terms.closing_column import closing_column_errors
from loaders.contract.terms.duty import DueRule, duty_errors
from loaders.contract.terms.key_scope import KeyScope, key_scope_errors
from loaders.contract.terms.lifecycle import Retirement, lifecycle_errors
from loaders.contract.terms.owner import Owner, owner_errors, owner_on
from loaders.period import PeriodKind

# `CH12`, `JZ-01`
CODE_PATTERN = r"^[A-Za-z][A-Za-z0-9-]{0,29}$"
ReportCode = Annotated[str, Field(pattern=CODE_PATTERN)]
_LINEAGE = frozenset(
    {"unit_code", "period_start", "period_end", "submission_id", "sheet", "row_number", "first_listed_date", "absent_from_date"}
)


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


@dataclass(frozen=True, slots=True)
class ShrinkLimit:
    """A share and a number of rows: a document that loses more than both is held until somebody confirms it."""

    pct: float
    rows: int

    def is_exceeded(self, before: int, now: int) -> bool:
        """Whether more rows are gone than may go unasked."""
        # The remaining rows are compared, not the lost share: the quotient would be rounded.
        return before - now > self.rows and now < before * (1 - self.pct / 100)


# A register is a list of what exists: each lost share is asked about. In the figures of a period, a person's ordinary
# correction may take out a few of a few.
_DEFAULT_SHRINK_LIMITS = {
    Replaces.REGISTER: ShrinkLimit(10.0, 0),
    Replaces.PERIOD: ShrinkLimit(20.0, 20),
    Replaces.NOTHING: ShrinkLimit(20.0, 20),
}


class WhenGone(StrEnum):
    """What becomes of the rows of a document, or of a record, that its source no longer has."""

    CLOSE = "close"
    KEEP_AND_TELL = "keep_and_tell"


class Rule(StrictModel):
    """One rule, in Great Expectations' own name (`expect_column_values_to_be_between`) and arguments.

    `where` restricts it to rows in which a column has one of some values.
    """

    expect: Annotated[str, Field(pattern=r"^expect_[a-z_]+$")]
    arguments: dict[str, Any] = Field(default_factory=dict)
    where: dict[Identifier, tuple[str, ...]] = Field(default_factory=dict)
    severity: Literal["error", "warning"] = "error"
    meaning: LocalizedText

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the rule names in its arguments."""
        named = [self.arguments.get(slot) for slot in ("column", "column_A", "column_B")]
        lists = [self.arguments.get(slot) or () for slot in ("column_list", "addends")]
        return tuple(dict.fromkeys(str(name) for name in [*named, *(name for names in lists for name in names)] if name))


class Report(StrictModel):
    """All that is expected of one report. See `expectations/README.md` for each field in use.

    `null_tokens` are what clerks write for "none", `null_literals` what programs write for a null.
    `formerly` lists the names that the report had, the oldest first: all that is kept goes on under `name`. `retired` says since
    when nothing is expected any more, `first_period` since when something is; `due_rule` says which days `due_day` counts.
    `annotated_copies` says whether a unit gets its document back with the issues marked in it.
    `stuck_after_minutes` says when the operators hear of a load that has not ended; None: as the deployment says.
    `when_unit_closed` says what becomes of a document of a unit that did not exist then.
    `closing_column` of a register has the date on which an entry ended.
    `ignored_headers` lists the headers (or fields) that documents carry and that are not wanted in the warehouse.
    `units` that a file leaves out are the root division of its deployment, filled in by whoever reads the file.
    """

    report: Identifier = Field(alias="name")
    formerly: tuple[Identifier, ...] = ()
    code: ReportCode
    system: Identifier
    title: OneLineText
    grain: LocalizedText
    single_owner: Owner | None = Field(default=None, alias="owner")
    owners: tuple[Owner, ...] = ()
    cadence: Cadence
    due_day: int | None = Field(default=None, ge=1, le=60)
    due_rule: DueRule = DueRule.CALENDAR_DAY
    first_period: str | None = None
    schedule: str | None = None
    unit_level: Literal["city", "county", "town", "station", "fund"] = "city"
    units: tuple[str, ...] = Field(default=(), min_length=1)
    when_unit_closed: Literal["refuse", "warn"] = "refuse"
    annotated_copies: bool = True
    stuck_after_minutes: int | None = Field(default=None, ge=1, le=10_080)
    period_kind: PeriodKind | None = None
    retired: Retirement | None = None
    source: Source
    format: Format
    layouts: tuple[Layout, ...] = ()
    replaces: Replaces
    closing_column: Identifier | None = None
    key_scope: KeyScope = KeyScope.REPORT
    when_gone: WhenGone = WhenGone.KEEP_AND_TELL
    gone_limit_pct: float = Field(default=20.0, ge=0, le=100)
    empty_batch: Literal["refuse", "accept"] = "refuse"
    shrink_limit_pct: float | None = Field(default=None, ge=0, le=100)
    shrink_limit_rows: int | None = Field(default=None, ge=0)
    reject_limit_pct: float = Field(default=20.0, ge=0, le=100)
    null_tokens: tuple[str, ...] = ("", "—", "-", "--", "/", "无")
    null_literals: tuple[str, ...] = NULL_LITERALS
    columns: tuple[Column, ...] = Field(min_length=1)
    ignored_headers: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    cross_rules: tuple[AnyCrossRule, ...] = ()

    @property
    def shrink_limit(self) -> ShrinkLimit | None:
        """By how much a document may be shorter than the one that it replaces; None where it closes no row but to renew it."""
        if self.replaces is Replaces.KEY:
            return None
        usual = _DEFAULT_SHRINK_LIMITS[self.replaces]
        return ShrinkLimit(
            usual.pct if self.shrink_limit_pct is None else self.shrink_limit_pct,
            usual.rows if self.shrink_limit_rows is None else self.shrink_limit_rows,
        )

    @property
    def has_full_snapshots(self) -> bool:
        """Whether a key that a document lacks has gone: each is a scope of its own, and an answer or a view is all there is.

        A file, or the rows of a view since a watermark, bring new and changed items, and say nothing of the others.
        """
        return self.replaces is Replaces.KEY and not isinstance(self.source, FileDrop | Mailbox) and not self.brings_changes_only

    @property
    def brings_changes_only(self) -> bool:
        """Whether a pull brings only the rows that changed since the watermark."""
        return isinstance(self.source, Database) and self.source.is_incremental

    @property
    def key(self) -> tuple[str, ...]:
        """The columns that tell one row of a submission from another."""
        return tuple(column.name for column in self.columns if column.key)

    @property
    def identity_name(self) -> str:
        """The first name that the report had, which issues are known by for good."""
        return self.formerly[0] if self.formerly else self.report

    def owner_on(self, day: dt.date) -> Owner:
        """Who answers for the report on a day."""
        return owner_on((self.single_owner,) if self.single_owner is not None else self.owners, day)

    def column(self, name: str) -> Column:
        """The column of this name.

        Raises:
            KeyError: the contract has none.
        """
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    def errors(self) -> Iterator[str]:
        """What does not go together."""
        yield from self._name_errors()
        yield from self._header_errors()
        yield from self._rule_errors()
        yield from cross_rule_errors(self)
        yield from key_scope_errors(self)
        yield from lifecycle_errors(self)
        yield from duty_errors(self)
        yield from owner_errors(self.single_owner, self.owners)
        yield from closing_column_errors(self)
        yield from self._layout_errors()
        yield from self._source_errors()
        yield from cron_errors(self.schedule) if self.schedule is not None else ()
        if self.replaces in {Replaces.KEY, Replaces.PERIOD, Replaces.REGISTER} and not self.key:
            yield f"replaces: {self.replaces} needs at least one key column"
        if self.replaces is Replaces.PERIOD and self.period_kind is None:
            yield "replaces: period needs period_kind"

    def _name_errors(self) -> Iterator[str]:
        for name, count in Counter(column.name for column in self.columns).items():
            if count > 1:
                yield f"column {name} is described {count} times"
            if name in _LINEAGE:
                yield f"column {name}: this name is taken by the lineage of each row"
        generated = {f"{column.name}{end}" for column in self.columns if column.is_personal for end in ("_key", "_masked")}
        for name in sorted(generated & {column.name for column in self.columns}):
            yield f"column {name}: this name is taken by the hash or the mask of a personal column"

    def _header_errors(self) -> Iterator[str]:
        headers = Counter(header for column in self.columns for header in {*column.headers, column.field or column.header})
        for header, count in headers.items():
            if count > 1:
                yield f'header "{header}" belongs to {count} columns'
            if header in self.ignored_headers:
                yield f'header "{header}" is left out and belongs to a column'
        if not isinstance(self.format, Records):
            for name in (column.name for column in self.columns if column.field is not None):
                yield f"column {name}: field goes with format records"

    def _rule_errors(self) -> Iterator[str]:
        known = {column.name: column for column in self.columns}
        for rule in self.rules:
            for name in sorted((set(rule.columns) | set(rule.where)) - known.keys()):
                yield f"rule {rule.expect} names column {name}, which is not described"
            yield from selector_errors(f"rule {rule.expect}", rule.where, known)

    def _layout_errors(self) -> Iterator[str]:
        known = {column.name: column for column in self.columns}
        for name, count in Counter(layout.name for layout in self.layouts).items():
            if count > 1:
                yield f"layout {name} is described {count} times"
        for layout in self.layouts:
            for name in sorted((set(layout.headers) | set(layout.without)) - known.keys()):
                yield f"layout {layout.name} names column {name}, which is not described"
            for name in layout.without:
                if name in known and known[name].key:
                    yield f"layout {layout.name} is without {name}, which is a key column"

    def _source_errors(self) -> Iterator[str]:
        gives_files = isinstance(self.source, FileDrop | Mailbox) or (
            isinstance(self.source, HttpApi) and self.source.answer == "file"
        )
        if gives_files == isinstance(self.format, Records):
            given = "a workbook or a delimited file" if gives_files else "records"
            answer = f" with answer: {self.source.answer}" if isinstance(self.source, HttpApi) else ""
            yield f"a source of kind {self.source.kind}{answer} gives {given}, not {self.format.kind}"
        if isinstance(self.source, AskedSource):
            yield from self._asked_errors(self.source)
        if isinstance(self.source, FileDrop | Mailbox) and "period" in self.source.groups and self.period_kind is None:
            yield "the pattern names the period: say period_kind"
        for unit in sorted(set(self.source.senders.values()) - set(self.units)) if isinstance(self.source, Mailbox) else ():
            yield f"source.senders names the unit {unit}, which is not among units"
        if isinstance(self.source, Database) and self.source.period_column is not None and self.period_kind is None:
            yield "source.period_column splits by period: say period_kind"
        if isinstance(self.source, Database) and self.source.asks_by_period and self.period_kind is None:
            yield "source.query asks for a period: say period_kind"
        if isinstance(self.source, Database) and self.source.is_incremental and self.replaces is not Replaces.KEY:
            yield "source.window_days brings rows that were brought before: say replaces: key, or split by source.period_column"

    def _asked_errors(self, source: AskedSource) -> Iterator[str]:
        fields = {column.field or column.name for column in self.columns}
        if source.key is not None and source.key not in fields:
            yield f"source.key {source.key} is no field of a column"
        if source.is_per_period and self.period_kind is None:
            yield f"source.asks_for: {source.asks_for} asks for periods: say period_kind"
        if source.is_per_period and self.replaces is Replaces.REGISTER:
            yield "replaces: register holds one document, and source.asks_for one per period: say replaces: period"
        for unit in sorted(source.codes_of_units.keys() - set(self.units)):
            yield f"source{'.request' if isinstance(source, HttpApi) else ''}.unit_codes names {unit}, which is not among units"
