"""The spells of reporting units: when each existed, under which name, and who must report."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.divisions import Divisions
from loaders.period import Period
from loaders.settings import PROJECT_ROOT
from loaders.unit_spells import UnitSpell, UnitSpellError, UnitSpells
from loaders.warehouse.ledger.reporting_units import reporting_spells
from tests.support.documents.contracts import make_report

SEEDS = PROJECT_ROOT / "dbt_project" / "seeds"
HEAD = "unit_code,name,short_name,valid_from_date,valid_until_date,note\n"
WHY = {"zh": "停用", "en": "no longer sent"}


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def write(folder: Path, *lines: str, head: str = HEAD) -> Path:
    path = folder / "unit_spells.csv"
    path.write_text(head + "".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def test_a_unit_exists_in_its_spells_only(tmp_path: Path) -> None:
    spells = UnitSpells.load(write(tmp_path, "U,,,2022-01-01,,opened again", "U,,,,2020-06-30,closed"))
    assert [str(spell) for spell in spells.by_unit["U"]] == ["…–2020-06-30", "2022-01-01–…"]
    assert spells.existed("U", day("2020-06-30"), day("2020-07-31"))
    assert not spells.existed("U", day("2020-07-01"), day("2021-12-31"))
    assert spells.existed("U", day("2021-12-01"), day("2022-01-01"))
    assert spells.existed("other", day("2021-01-01"), day("2021-01-31"))


def test_a_deployment_without_the_file_has_no_spells(tmp_path: Path) -> None:
    assert UnitSpells.load(tmp_path / "unit_spells.csv").all == ()


@pytest.mark.parametrize(
    ("lines", "detail"),
    [
        (
            ["U,,,2023-13-01,,"],
            'unit_spells.csv line 2: valid_from_date: expected a day like 2023-05-31 or nothing, found "2023-13-01"',
        ),
        (["U,,,,,", ",,,,,"], "line 3: expected the code of a unit in unit_code, found nothing"),
        (["U,,,2023-02-01,2023-01-01,"], "expected valid_until_date not before valid_from_date, found 2023-02-01 and 2023-01-01"),
        (["U,,,,2023-01-01,", "U,,,2023-01-01,,"], "unit U: the spells …–2023-01-01 and 2023-01-01–… overlap"),
        (["U"], "line 2: expected 5 fields or more, found fewer"),
    ],
)
def test_what_is_wrong_with_a_list(tmp_path: Path, lines: list[str], detail: str) -> None:
    with pytest.raises(UnitSpellError) as caught:
        UnitSpells.load(write(tmp_path, *lines))
    assert detail in str(caught.value)


def test_a_list_without_a_column_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnitSpellError, match="found none named short_name, valid_until_date"):
        UnitSpells.load(write(tmp_path, head="unit_code,name,valid_from_date\n"))


def test_the_name_of_the_period_comes_before_the_present_one(tmp_path: Path) -> None:
    (tmp_path / "divisions.csv").write_bytes((SEEDS / "divisions.csv").read_bytes())
    write(
        tmp_path, "441303,惠阳市,,,2003-05-31,a city then", "441303,,,2003-06-01,,", "441302,惠阳区,惠阳,1990-01-01,1995-12-31,"
    )
    divisions = Divisions.load(tmp_path / "divisions.csv")
    assert divisions.unit_code_for("惠阳市民政局", Period.parse("2002-06")) == "441303"
    assert divisions.unit_code_for("惠阳区民政局", Period.parse("1995-06")) == "441302"
    assert divisions.unit_code_for("惠阳区民政局", Period.parse("2023-06")) == "441303"
    assert divisions.unit_code_for("惠阳区民政局") == "441303"
    assert "惠阳市" in divisions.codes_in_list("divisions.county_name")


@pytest.mark.parametrize(
    ("spells", "retired", "expected"),
    [
        ([], None, [(None, None)]),
        ([], "2023-06", [(None, "2023-05-31")]),
        ([("2022-01-01", None)], None, [("2022-01-01", None)]),
        ([(None, "2022-06-30"), ("2023-01-01", None)], "2023-06", [(None, "2022-06-30"), ("2023-01-01", "2023-05-31")]),
        ([("2024-01-01", None)], "2023-06", []),
    ],
)
def test_a_unit_must_report_while_it_exists_and_the_report_is_sent(
    spells: list[tuple[str | None, str | None]], retired: str | None, expected: list[tuple[str | None, str | None]]
) -> None:
    def date_of(text: str | None) -> dt.date | None:
        return day(text) if text else None

    changes: dict[str, Any] = {} if retired is None else {"retired": {"since": retired, "why": WHY}}
    own = UnitSpells(tuple(UnitSpell("U", "", "", date_of(first), date_of(last)) for first, last in spells))
    found = list(reporting_spells(make_report(**changes), "U", own))
    assert found == [(date_of(first), date_of(last)) for first, last in expected]


DAYS = st.dates(day("2020-01-01"), day("2020-12-31"))


@given(st.lists(st.tuples(DAYS, DAYS).map(sorted), max_size=4), DAYS, DAYS)
def test_existence_is_that_of_single_days(bounds: list[list[dt.date]], one: dt.date, other: dt.date) -> None:
    spells = UnitSpells(tuple(UnitSpell("U", "", "", first, last) for first, last in bounds))
    first, last = sorted((one, other))
    days = {first + dt.timedelta(days=number) for number in range((last - first).days + 1)}
    existing = {day for day in days if not bounds or any(low <= day <= high for low, high in bounds)}
    assert spells.existed("U", first, last) is bool(existing)
