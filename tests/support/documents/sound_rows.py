"""Random rows that keep every row rule of a contract, made from the contract alone.

A row is drawn column by column. A rule that it breaks is mended by another draw of its columns, until none is broken.
"""

from __future__ import annotations

import datetime as dt
import random
import re
import string
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from loaders.contract import Column, ColumnType, Report, Rule
from loaders.divisions import Division, Divisions
from loaders.identifiers.organizations import organization_code_check_digit, uscc_check_digit
from loaders.identifiers.residents import resident_id_check_digit
from loaders.period import Period, PeriodKind

Row = dict[str, Any]
_CHARACTERS = string.digits + string.ascii_uppercase
_TOKEN = re.compile(r"(\\d|\[[^\]]+\]|[^\^$])(?:\{(\d+)\})?")
_FAR = dt.date(2015, 1, 1)
_PASSES, _DRAWS = 40, 300


@dataclass
class SoundRows:
    """A generator of rows of one document: values by column name, amounts in the contract's unit, truth as 是 and 否."""

    report: Report
    divisions: Divisions
    unit: str
    period: Period | None
    seed: int = 1
    _random: random.Random = field(init=False)
    _made: int = 0

    def __post_init__(self) -> None:
        self._random = random.Random(f"{self.report.report}/{self.seed}")

    def rows(self, count: int) -> list[Row]:
        """Draws rows whose keys differ.

        Raises:
            AssertionError: the rules of the contract leave too little room for random rows.
        """
        found: dict[tuple[Any, ...], Row] = {}
        for _ in range(_DRAWS):
            row = self._mended({column.name: self._drawn(column) for column in self.report.columns})
            if row is not None:
                found.setdefault(tuple(row[name] for name in self.report.key) or (len(found),), row)
            if len(found) == count:
                return list(found.values())
        raise AssertionError(f"{self.report.report}: {len(found)} of {count} rows found")

    def _mended(self, row: Row) -> Row | None:
        for _ in range(_PASSES):
            broken = [rule for rule in self.report.rules if self._applies(rule, row) and self._is_broken(rule, row)]
            if not broken:
                break
            self._mend(self._random.choice(broken), row)
        else:
            return None
        return row if all(row[column.name] is not None for column in self.report.columns if column.required) else None

    def _drawn(self, column: Column) -> Any:
        is_left_out = not (column.required or column.key) and self._random.random() < 0.3
        return None if is_left_out else self._value(column)

    def _value(self, column: Column) -> Any:
        if column.known_in is not None:
            division = self._random.choice(self._in_unit(column.known_in))
            return division.name if column.known_in.endswith("_name") else division.code
        self._made += 1
        number = self._random.randrange
        makers: Mapping[ColumnType, Callable[[], Any]] = {
            ColumnType.CHOICE: lambda: self._random.choice(column.choices),
            ColumnType.BOOLEAN: lambda: self._random.choice("是否"),
            ColumnType.INTEGER: lambda: number(1000),
            ColumnType.DECIMAL: lambda: Decimal(number(10**7)).scaleb(-column.shape[1]),
            ColumnType.DATE: lambda: self._day(_FAR, self.period.end if self.period else dt.date(2023, 6, 30)),
            ColumnType.DATETIME: lambda: dt.datetime.combine(
                self._day(_FAR, dt.date(2023, 6, 30)), dt.time(number(24), number(60))
            ),
            ColumnType.USCC: lambda: self._credit_code(f"5{number(1, 4)}"),
            ColumnType.RESIDENT_ID: self._resident_id,
            ColumnType.PHONE: lambda: f"138{number(10**8):08d}",
            ColumnType.BANK_ACCOUNT: lambda: f"62{number(10**17):017d}",
        }
        if column.type in makers:
            return makers[column.type]()
        if column.type is ColumnType.TEXT:
            return f"{column.header[:6]}甲{self._made}号"
        return str(Period.containing(self.period.start if self.period else _FAR, PeriodKind(column.type.value)))

    def _in_unit(self, list_name: str) -> list[Division]:
        listed = self.divisions.in_list(list_name)
        return [one for one in listed if self.divisions.is_same_or_nested(self.unit, one.code)] or list(listed)

    def _day(self, first: dt.date, last: dt.date) -> dt.date:
        return first + dt.timedelta(days=self._random.randrange((last - first).days + 1))

    def _credit_code(self, prefix: str) -> str:
        body = f"{self._random.randrange(10**8):08d}"
        first17 = f"{prefix}441302{body}{organization_code_check_digit(body)}"
        return first17 + uscc_check_digit(first17)

    def _resident_id(self) -> str:
        first17 = f"441302{self._day(dt.date(1940, 1, 1), dt.date(2015, 12, 31)):%Y%m%d}{self._random.randrange(1000):03d}"
        return first17 + resident_id_check_digit(first17)

    def _applies(self, rule: Rule, row: Row) -> bool:
        return all(row[name] in values for name, values in rule.where.items())

    def _is_broken(self, rule: Rule, row: Row) -> bool:
        name, arguments = rule.columns[0], rule.arguments
        value = row[name]
        kind = rule.expect.removeprefix("expect_column_").removeprefix("values_to_")
        if kind in {"not_be_null", "be_null"}:
            return (value is None) == (kind == "not_be_null")
        if any(row[column] is None for column in rule.columns):
            return False
        match kind:
            case "be_between":
                low, high = self._bounds(rule)
                return bool((low is not None and value < low) or (high is not None and value > high))
            case "be_in_set":
                return value not in arguments["value_set"]
            case "match_regex":
                return re.search(arguments["regex"], value) is None
            case "pair_values_a_to_be_greater_than_b":
                other = row[arguments["column_B"]]
                return not (value >= other if arguments.get("or_equal") else value > other)
            case "to_equal_sum":
                return bool(value != sum(row[part] for part in arguments["addends"]))
            case "be_in_document_period" | "be_on_or_before_document_period":
                first, last = self._days_of(value)
                assert self.period is not None
                return last > self.period.end or (kind == "be_in_document_period" and first < self.period.start)
        raise AssertionError(f"no way to keep {rule.expect}")

    def _mend(self, rule: Rule, row: Row) -> None:
        name, arguments = rule.columns[0], rule.arguments
        column = self.report.column(name)
        match rule.expect.removeprefix("expect_column_").removeprefix("values_to_"):
            case "be_null":
                row[name] = None
            case "be_between":
                row[name] = self._between(column, *self._bounds(rule))
            case "be_in_set":
                row[name] = self._random.choice(arguments["value_set"])
            case "match_regex":
                row[name] = self._matching(column, arguments["regex"])
                for condition in rule.where:
                    row[condition] = self._value(self.report.column(condition))
            case "pair_values_a_to_be_greater_than_b":
                self._part(row, name, arguments["column_B"], or_equal=bool(arguments.get("or_equal")))
            case "to_equal_sum":
                row[name] = sum(row[part] for part in arguments["addends"])
            case "be_in_document_period" if self.period is not None and column.type is ColumnType.DATETIME:
                row[name] = dt.datetime.combine(self._day(self.period.start, self.period.end), dt.time(9, 30))
            case "be_in_document_period" if self.period is not None:
                row[name] = self._day(self.period.start, self.period.end)
            case _:
                row[name] = self._value(column)

    def _part(self, row: Row, larger: str, smaller: str, *, or_equal: bool) -> None:
        row[larger], row[smaller] = max(row[larger], row[smaller]), min(row[larger], row[smaller])
        if row[larger] == row[smaller] and not or_equal:
            row[smaller] -= dt.timedelta(days=1) if isinstance(row[smaller], dt.date) else 1

    def _bounds(self, rule: Rule) -> tuple[Any, Any]:
        bounds = (rule.arguments.get("min_value"), rule.arguments.get("max_value"))
        return tuple(dt.date.fromisoformat(bound) if isinstance(bound, str) else bound for bound in bounds)  # type: ignore[return-value]

    def _between(self, column: Column, low: Any, high: Any) -> Any:
        """Draws a value between bounds; often one of them, because there the mistakes are."""
        given = [bound for bound in (low, high) if bound is not None]
        if self._random.random() < 0.4:
            drawn = self._random.choice(given)
        elif column.type is ColumnType.DATE:
            return self._day(low or _FAR, high or dt.date(2023, 6, 30))
        else:
            drawn = self._random.randint(int(low or 0), int(high if high is not None else (low or 0) + 1000))
        return Decimal(str(drawn)) if column.type is ColumnType.DECIMAL else drawn

    def _matching(self, column: Column, pattern: str) -> str:
        if column.known_in is not None:
            codes = [one.code for one in self._in_unit(column.known_in) if re.search(pattern, one.code)]
            return self._random.choice(codes) if codes else self._value(column)
        text = "".join(self._characters(pattern))
        if column.type is ColumnType.USCC:
            return self._credit_code(text if len(text) > 1 else f"{text}{1 if text == '9' else self._random.randint(1, 3)}")
        return text

    def _characters(self, pattern: str) -> Iterator[str]:
        for token, count in _TOKEN.findall(pattern):
            fitting = [letter for letter in _CHARACTERS if re.fullmatch(token, letter)]
            yield "".join(self._random.choice(fitting) for _ in range(int(count or 1)))

    def _days_of(self, value: Any) -> tuple[dt.date, dt.date]:
        if isinstance(value, str):
            period = Period.parse(value)
            return period.start, period.end
        day = value.date() if isinstance(value, dt.datetime) else value
        return day, day
