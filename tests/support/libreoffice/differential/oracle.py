"""The allowed results of a cell: from its stored value, LibreOffice's display, and the type of its column.

A cell has two readings: the stored value, and the shown text read as a person reads it. Where they agree (the display only
rounds, groups or colors), the exact stored value is loaded without a word. Where they do not, the shown one is loaded, or the
cell is remarked on or held back.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tests.support.libreoffice.differential import number_formats as formats
from tests.support.libreoffice.differential.contract import CHOICES, KIND_OF, TEXTS
from tests.support.libreoffice.differential.number_formats import Group
from tests.support.libreoffice.differential.plan import PlannedCell, TextStyle
from tests.support.libreoffice.differential.shown import (
    ShownNumber,
    parse_clock,
    parse_day,
    parse_month,
    parse_number,
    says_day,
    without_blanks,
)

_EPOCHS = {False: dt.datetime.fromisoformat("1899-12-30"), True: dt.datetime.fromisoformat("1904-01-01")}
_MONEY = frozenset({"amount_yuan", "input_yuan"})
_TRUE, _FALSE = {"是", "√", "Y", "有", "1", "1.00"}, {"否", "×", "N", "无", "0", "0.00"}
_FULL = {form.code for form in formats.DAY}
_MONTH = {form.code for form in formats.MONTH}


@dataclass(frozen=True, slots=True)
class Expected:
    """What may become of a cell. `loads` says which values may be loaded without a word."""

    loads: Callable[[Any], bool]
    may_remark: bool = True
    may_hold: bool = True
    words: str = ""
    agrees: bool = False


def _exactly(*values: Any, words: str = "") -> Expected:
    """The readings agree: one of these, and nothing is said."""
    return Expected(lambda value: value in values, False, False, words or f"{values[0]}, untouched", agrees=True)


def _either(*values: Any, words: str = "") -> Expected:
    """The readings differ: one of these (texts but for their blanks), or a word about it."""

    def loads(value: Any) -> bool:
        return value in values or (isinstance(value, str) and without_blanks(value) in values)

    return Expected(loads, words=words or " or ".join(map(str, (*values, "a word about it"))))


_REPORTED = Expected(lambda _: False, words="remarked on or held back")


def moment_of(serial: float, *, since_1904: bool) -> dt.datetime:
    """The moment of a serial number, to the minute."""
    return _EPOCHS[since_1904] + dt.timedelta(minutes=round(serial * 1440))


def expected(name: str, cell: PlannedCell, shown: str, *, since_1904: bool) -> Expected:
    """What may become of a cell of this column."""
    if cell.struck:
        return _either(None, words="nothing (it is struck out), or a word about it")
    if len(cell.runs) > 1:
        return _of_runs(name, cell)
    if isinstance(cell.value, str):
        return _of_text(name, cell.value, shown)
    if cell.format.group in {Group.DATE, Group.TIME}:
        moment = moment_of(cell.value, since_1904=since_1904)
        return _of_moment(name, cell, shown, moment)
    if name in TEXTS:
        return _number_as_text(name, cell, shown)
    if name == "is_open":
        return _of_truth(cell.value, without_blanks(shown))
    if name == "kind":
        return _either(shown) if shown in CHOICES else _REPORTED
    if KIND_OF[name] in {"date", "month", "datetime"}:
        return _number_as_day(name, cell.value, shown)
    return _of_number(name, cell, shown)


def plain(value: float) -> str:
    """A number without a format."""
    return str(int(value)) if float(value).is_integer() else format(Decimal(repr(value)), "f")


def _of_runs(name: str, cell: PlannedCell) -> Expected:
    bare = "".join(run.text for run in cell.runs if run.mark is TextStyle.PLAIN)
    marks = {run.mark for run in cell.runs} - {TextStyle.PLAIN}
    if not marks:
        return _of_text(name, str(cell.value), str(cell.value))
    if name in TEXTS:
        # A superscript is part of a text (m²), however it is written; what is struck out is part of nothing.
        if TextStyle.STRUCK in marks:
            return _either(bare)
        whole = unicodedata.normalize("NFKC", str(cell.value))
        return Expected(lambda value: unicodedata.normalize("NFKC", value) == whole, words=f"{cell.value} or a word about it")
    if name == "is_open":
        return _either(True)
    return _either(_in_unit(name, Decimal(bare)))


def _of_text(name: str, stored: str, shown: str) -> Expected:
    if name in TEXTS or name in {"place_name", "kind"}:
        return _exactly(stored) if shown == stored else _either(without_blanks(shown) or None)
    if name == "is_open":
        return _exactly(True)
    if KIND_OF[name] == "date":
        return _exactly(parse_day(stored))
    if KIND_OF[name] == "month":
        return _exactly(parse_month(stored))
    if KIND_OF[name] == "datetime":
        return _exactly(dt.datetime.fromisoformat(stored))
    number = parse_number(stored)
    assert number is not None
    return _exactly(_in_unit(name, number.value))


def _of_number(name: str, cell: PlannedCell, shown: str) -> Expected:
    """A number in a column of numbers."""
    assert not isinstance(cell.value, str)
    exact = Decimal(repr(cell.value))
    text = without_blanks(shown)
    if cell.format.group is Group.PERCENT:
        stored = exact * 100 if name == "done_pct" else exact if name == "measure" else None
    else:
        stored = _in_unit(name, exact)
    if KIND_OF[name] == "integer" and exact != int(exact):
        stored = None
    if cell.value == 0 and text in {"", "-", "¥-"}:
        # A zero that is shown as a dash is a zero; one that is not shown counts as much as a blank.
        return _exactly(stored) if text else Expected(lambda value: value in {None, stored}, words="0 or nothing")
    if "DBNum" in str(cell.format.code):
        return _exactly(stored) if stored is not None else Expected(lambda _: True)
    if not text:
        # The format # shows nothing of what is rounded to zero.
        is_rounded = cell.format.code == "#" and abs(exact) < Decimal("0.5")
        return Expected(lambda value: value is None or (is_rounded and value == stored), words="nothing, or a word about it")
    if text.startswith("▼") and exact < 0:
        return _either(stored)
    number = parse_number(shown)
    factor = _factor(name, number) if number is not None else None
    if number is not None and factor is None and number.value == exact == 0:
        # Nothing is nothing in any unit.
        return _either(stored)
    if number is None or factor is None:
        return _REPORTED
    if stored is not None and number.is_near(stored, factor):
        is_doubtful = _is_doubtful(name, cell, number, stored, factor)
        return Expected(lambda value: value == stored, is_doubtful, is_doubtful, f"{stored}, untouched", agrees=True)
    return Expected(
        lambda value: value is not None and number.is_near(Decimal(value), factor), words=f"{number.value * factor} or a word"
    )


def _is_doubtful(name: str, cell: PlannedCell, number: ShownNumber, stored: Decimal, factor: Decimal) -> bool:
    """Whether the readings agree, and a word about the cell is in place all the same."""
    if number.is_about or number.unit == "‰":
        return True
    if number.value == 0 and str(cell.value).startswith("-"):
        # Of a negative number that is rounded to zero no sign is left.
        return True
    if name == "measure" and number.unit not in {None, "%", "元"}:
        return True
    if number.is_money and name not in {*_MONEY, "measure"}:
        # A sign of money before a number of people is odd, but the number is the same.
        return True
    if stored and _scales(cell, number) and abs(number.value * factor - stored) * 2 >= abs(stored):
        # What is scaled down until nearly nothing is left of it agrees by chance.
        return True
    # Where other numbers of the format are shown in 万, this one may not be meant in 万元.
    return name == "input_yuan" and re.match(r"\[>.*万", str(cell.format.code)) is not None


def _scales(cell: PlannedCell, number: ShownNumber) -> bool:
    """Whether the format divides the number, or names a multiple of it."""
    return number.multiple != 1 or re.search(r"0,+(?=$|[\";])", str(cell.format.code)) is not None


def _in_unit(name: str, number: Decimal) -> Decimal:
    return number * 10_000 if name == "input_yuan" else number


def _factor(name: str, number: ShownNumber) -> Decimal | None:
    """From what is shown, multiples included, to the column's unit; None for another unit."""
    if number.unit in {"%", "‰"}:
        part = Decimal(1 if number.unit == "%" else "0.1")
        return part if name == "done_pct" else part / 100 if name == "measure" else None
    if name == "visit_persons" and number.unit == "人次":
        # The count is the same, whatever the contract calls it.
        return Decimal(1)
    wanted = {"visit_persons": "人", "done_pct": "%"}.get(name, "元" if name in _MONEY else number.unit)
    if number.unit not in {None, wanted}:
        return None
    is_reported = number.multiple != 1 or number.unit is not None
    return Decimal(10_000 if name == "input_yuan" and not is_reported else 1)


def _number_as_text(name: str, cell: PlannedCell, shown: str) -> Expected:
    """A number in a column of texts: its format may say what the code is."""
    assert not isinstance(cell.value, str)
    text, stored = without_blanks(shown), plain(cell.value)
    variants = {text or None, text.replace(",", "")} - {""}
    if cell.format.group is Group.PERCENT:
        variants.add(f"{plain(float(Decimal(repr(cell.value)) * 100))}%")
    if cell.value == 0 and text in {"", "-", "¥-"}:
        return Expected(lambda value: value in {*variants, "0", None}, words="0 or nothing")
    number = parse_number(shown)
    if number is None or number.unit or number.multiple != 1 or not number.is_near(Decimal(repr(cell.value))):
        return _either(*variants)
    is_exact = number.value == Decimal(repr(cell.value))
    if name == "item_code" and not is_exact:
        # A code that is shown rounded may be meant as it is shown.
        return _either(stored, *variants)
    if number.is_bare and not (number.value == 0 != cell.value and _scales(cell, number)):
        return _exactly(stored, *variants)
    is_padded = re.match(r"-?0\d", text) is not None
    if not is_padded:
        variants.add(stored)
    return _either(*variants)


def _of_truth(value: float, shown: str) -> Expected:
    stored = {0: False, 1: True}.get(int(value))
    said = True if shown in _TRUE else False if shown in _FALSE else None
    if said is None:
        return Expected(lambda loaded: shown in {"00", "01"} and loaded == stored, words="a word about it")
    return _exactly(stored) if said == stored else _either(said)


def _number_as_day(name: str, value: float, shown: str) -> Expected:
    """A number in a column of days: only one that is shown as a day, or is written as one, says any."""
    parse: Callable[[str], Any] = parse_month if name == "report_month" else parse_day
    said, stored = parse(shown), parse(plain(value))
    if name == "checked_at":
        said, stored = (dt.datetime.combine(day, dt.time()) if day else None for day in (said, stored))
    if said is None:
        return _REPORTED
    if name == "checked_at" or said != stored:
        return _either(said)
    return _exactly(said)


def _of_moment(name: str, cell: PlannedCell, shown: str, moment: dt.datetime) -> Expected:
    """A number under a format of dates or times."""
    assert not isinstance(cell.value, str)
    kind = KIND_OF[name]
    if cell.format.group is Group.TIME:
        return _of_time(name, cell.value, shown, moment)
    if not says_day(shown, moment):
        return Expected(lambda _: False, False, False, words=f"a day that LibreOffice shows too, but it is {moment}")
    if kind == "date":
        said: Any = moment.date()
    elif kind == "month":
        said = f"{moment:%Y-%m}"
    elif kind == "datetime":
        said = moment
    else:
        return _either(_number_shown(name, shown)) if _number_shown(name, shown) is not None else _REPORTED
    has_literal = "截至" in str(cell.format.code) or "止" in str(cell.format.code)
    if cell.format.code in _MONTH and kind == "month":
        return _exactly(said)
    if kind == "datetime" and moment.time() != dt.time() and (cell.format.code == 22 or "h" in str(cell.format.code)):
        return _exactly(said)
    if cell.format.code not in _FULL or has_literal or kind == "datetime":
        return _either(said)
    if kind == "date" and moment.time() == dt.time():
        return _exactly(said)
    return _exactly(said) if kind == "month" and moment.day == 1 and moment.time() == dt.time() else _either(said)


def _number_shown(name: str, shown: str) -> Any:
    """A date that is shown as a bare number (`yyyy`, `yyyymmdd`), in a column of numbers."""
    number = parse_number(shown)
    return number.value * (_factor(name, number) or 1) if name not in TEXTS and number is not None else None


def _of_time(name: str, value: float, shown: str, moment: dt.datetime) -> Expected:
    clock = parse_clock(shown)
    if name in TEXTS:
        return Expected(lambda loaded: clock is not None and parse_clock(str(loaded)) == clock, words=f"{shown} or a word")
    if KIND_OF[name] in {"date", "month", "datetime"} and value >= 1:
        said = {"date": moment.date(), "month": f"{moment:%Y-%m}", "datetime": moment}[KIND_OF[name]]
        return _either(said)
    return _REPORTED
