"""Who owes what: by the calendar, whether anything arrives or not. The clock of each warehouse is set to a day of 2023."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml
from psycopg import sql

from loaders import pipeline
from loaders.arrival import Declaration
from loaders.contract import load_contracts
from loaders.landing import read_records
from loaders.operations.ledger_rebuild import rebuild_ledger
from loaders.period import Period
from loaders.schedule import ReportingCalendar
from loaders.settings import Settings
from loaders.stages.landing_repair import verify_landing
from loaders.warehouse import Warehouse, migrate
from tests.support.warehouse.file_drop import VISIT_HEADER, huimin, load, put, query, visits

pytestmark = pytest.mark.integration
UNITS = ("441302", "441303", "441322", "441323", "441324", "HZ-DYW", "HZ-ZK")
SPELLS_HEAD = "unit_code,name,short_name,valid_from_date,valid_until_date,note\n"


@pytest.fixture
def contracts(settings: Settings, tmp_path: Path) -> Path:
    """A folder with the contract of home visits alone: monthly, due on the fifth day after the month, owed since 2023-05."""
    folder = tmp_path / "expectations" / "social_work"
    folder.mkdir(parents=True)
    content = yaml.safe_load((settings.expectations / "social_work" / "home_visit.yml").read_text(encoding="utf-8"))
    content |= {"cross_rules": [], "first_period": "2023-05"}
    (folder / "home_visit.yml").write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return folder.parent


@pytest.fixture
def city(settings: Settings, contracts: Path, tmp_path: Path) -> Settings:
    """Settings with that folder, and seeds of their own."""
    seeds = tmp_path / "dbt_project" / "seeds"
    seeds.mkdir(parents=True)
    (seeds / "divisions.csv").write_bytes(settings.divisions.read_bytes())
    return replace(settings, expectations=contracts, dbt_project=tmp_path / "dbt_project")


def change(city: Settings, **changes: object) -> None:
    path = city.expectations / "social_work" / "home_visit.yml"
    content = yaml.safe_load(path.read_text(encoding="utf-8")) | changes
    content = {name: value for name, value in content.items() if value is not None}
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")


def set_today(city: Settings, day: str) -> None:
    """Sets the clock of this warehouse, and lets the daily run pass."""
    with psycopg.connect(city.warehouse_url, autocommit=True) as connection:
        name = sql.Identifier(connection.info.dbname)
        connection.execute(sql.SQL("alter database {} set huimin.today = {}").format(name, sql.Literal(day)))
    refresh(city)


def refresh(city: Settings) -> None:
    """What each load and each build does for every report."""
    report = load_contracts(city.expectations).reports["home_visit"]
    Warehouse(city.warehouse_url).prepare(report, ReportingCalendar.load(city))


def write_spells(city: Settings, *lines: str) -> None:
    city.unit_spells.write_text(SPELLS_HEAD + "".join(f"{line}\n" for line in lines), encoding="utf-8")


def send(city: Settings, unit: str, month: str, count: int = 3, name: str = "记录", **options: Any) -> None:
    first = UNITS.index(unit) * 1000 + int(month[-2:]) * 50
    content = visits(range(first, first + count), day=f"{month}-04", **options)
    put(city, f"home_visit/{month}/{unit}_{name}.csv", content)
    load("home_visit", city)


def missing(city: Settings) -> list[tuple[Any, ...]]:
    return query(city, "select unit_code, period from ops.missing_submission order by period, unit_code")


def owed(city: Settings, unit: str) -> list[str]:
    rows = query(city, "select period from ops.obligation where unit_code = %s and lifted_at is null order by 1", unit)
    return [period for (period,) in rows]


def status(city: Settings, unit: str, period: str, *columns: str) -> Any:
    """The status of an obligation, or some of its columns."""
    names = ", ".join(columns or ("status",))
    ((*values,),) = query(city, f"select {names} from ops.reporting_status where (unit_code, period) = (%s, %s)", unit, period)
    return values if columns else values[0]


def test_when_no_unit_sends_anything_all_is_missing_and_nothing_before_its_due_day(city: Settings) -> None:
    set_today(city, "2023-06-05")
    assert missing(city) == []
    assert query(city, "select distinct status, is_on_time, days_late from ops.reporting_status") == [("not_yet_due", None, None)]
    set_today(city, "2023-06-06")
    assert missing(city) == [(unit, "2023-05") for unit in UNITS]
    rate = "select expected_units_count, received_units_count, missing_units_count, reporting_rate_pct from ops.reporting_rate"
    assert query(city, f"{rate} where period = '2023-05'") == [(7, 0, 7, 0)]
    assert query(city, f"{rate} where period = '2023-06'") == [(7, 0, 0, 0)]
    assert query(city, "select count(*) from ops.submission") == [(0,)]


def test_a_document_dated_2099_makes_nothing_missing(city: Settings) -> None:
    set_today(city, "2023-06-05")
    before = query(city, "select * from ops.obligation order by 1, 2, 3")
    send(city, "441302", "2099-01")
    assert query(city, "select period from ops.submission") == [("2099-01",)]
    assert query(city, "select * from ops.obligation order by 1, 2, 3") == before
    assert missing(city) == []
    assert status(city, "441302", "2099-01", "is_expected", "is_received") == [False, True]


def test_without_a_first_period_the_first_document_of_the_years_with_figures_begins_it(city: Settings) -> None:
    change(city, first_period=None)
    set_today(city, "2023-08-01")
    assert owed(city, "441303")[0] == "2021-01", "the first year of the deployment: nobody ever reported"
    for month in ("2019-03", "2099-01"):
        send(city, "441302", month)
    assert owed(city, "441303")[0] == "2021-01"
    send(city, "441302", "2023-06")
    assert owed(city, "441303") == ["2023-06", "2023-07", "2023-08"]
    send(city, "441322", "2023-05")
    assert owed(city, "441303") == ["2023-05", "2023-06", "2023-07", "2023-08"]


def test_a_unit_closed_in_june_owes_nothing_in_july_and_stands_in_mays_rate(city: Settings) -> None:
    write_spells(city, "441302,,,,2023-06-15,closed")
    set_today(city, "2023-08-10")
    assert owed(city, "441302") == ["2023-05"], "it did not exist on the last day of June"
    rates = query(city, "select period, expected_units_count from ops.reporting_rate order by 1")
    assert rates == [("2023-05", 7), ("2023-06", 6), ("2023-07", 6), ("2023-08", 6)]


def test_a_closing_that_is_entered_late_lifts_what_was_owed_since_and_says_so(city: Settings) -> None:
    set_today(city, "2023-08-10")
    assert owed(city, "441302") == ["2023-05", "2023-06", "2023-07", "2023-08"]
    write_spells(city, "441302,,,,2023-05-31,closed")
    refresh(city)
    assert owed(city, "441302") == ["2023-05"]
    lifted = query(city, "select period, lifted_reason from ops.obligation where lifted_at is not null order by 1")
    assert lifted == [(month, "unit_closed") for month in ("2023-06", "2023-07", "2023-08")]


def test_two_spells(city: Settings) -> None:
    write_spells(city, "441302,,,2023-01-01,2023-05-31,closed", "441302,,,2023-07-10,,opened again")
    set_today(city, "2023-08-10")
    assert owed(city, "441302") == ["2023-05", "2023-07", "2023-08"]
    assert [period for unit, period in missing(city) if unit == "441302"] == ["2023-05", "2023-07"]


def test_a_changed_contract_moves_only_what_is_not_due_yet(city: Settings) -> None:
    set_today(city, "2023-07-03")
    change(city, due_day=20, units=list(UNITS[1:]))
    refresh(city)
    dues = "select period, unit_code = '441302', lifted_reason, min(due_date)::text from ops.obligation"
    assert query(city, f"{dues} group by 1, 2, 3 order by 1, 2") == [
        ("2023-05", False, None, "2023-06-05"),
        ("2023-05", True, None, "2023-06-05"),
        ("2023-06", False, None, "2023-07-20"),
        ("2023-06", True, "contract_changed", "2023-07-05"),
        ("2023-07", False, None, "2023-08-20"),
        ("2023-07", True, "contract_changed", "2023-08-05"),
    ]


def test_a_retired_report_is_owed_no_more(city: Settings) -> None:
    set_today(city, "2023-08-10")
    change(city, retired={"since": "2023-07", "why": {"zh": "并入新表", "en": "merged"}})
    refresh(city)
    assert owed(city, "441302") == ["2023-05", "2023-06"]
    assert {period for _, period in missing(city)} == {"2023-05", "2023-06"}
    set_today(city, "2023-12-10")
    assert owed(city, "441302") == ["2023-05", "2023-06"]


def test_working_days_are_those_of_the_chinese_calendar(city: Settings) -> None:
    """The Dragon Boat holiday of 2023 is 22–24 June, and 25 June, a Sunday, is worked; 2029 is not announced."""
    change(city, due_rule="working_day", due_day=16)
    set_today(city, "2023-06-01")
    assert query(city, "select distinct due_date::text, is_calendar_announced from ops.obligation where period = '2023-05'") == [
        ("2023-06-25", True)
    ]
    change(city, due_rule="working_day", due_day=5, first_period="2028-12")
    set_today(city, "2028-12-01")
    found = query(city, "select distinct due_date::text, is_calendar_announced from ops.obligation where period = '2028-12'")
    assert found == [("2029-01-05", False)], "Monday to Friday, New Year's Day among them"


def test_a_late_document_says_by_how_many_days(city: Settings) -> None:
    set_today(city, "2023-06-20")
    assert status(city, "441302", "2023-05", "status", "is_on_time", "days_late") == ["missing", None, 15]
    send(city, "441302", "2023-05")
    days = "(least(source_modified_at, arrived_at) at time zone 'Asia/Shanghai')::date - '2023-06-05'"
    ((late,),) = query(city, f"select {days} from ops.submission")
    assert status(city, "441302", "2023-05", "status", "is_on_time", "days_late") == ["accepted", False, late]
    assert query(city, "select is_on_time, due_date::text from ops.submission") == [(False, "2023-06-05")]


def test_a_corrected_document_counts_its_corrections_and_a_validation_more_is_none(city: Settings) -> None:
    set_today(city, "2023-06-03")
    send(city, "441302", "2023-05", persons=2)
    send(city, "441302", "2023-05", persons=99, name="记录_更正1")
    assert status(city, "441302", "2023-05", "status", "submission_state", "corrections_count") == ["accepted", "rejected", 0]
    send(city, "441302", "2023-05", persons=3, name="记录_更正2")
    columns = ("status", "documents_count", "corrections_count", "is_accepted")
    assert status(city, "441302", "2023-05", *columns) == ["accepted", 3, 2, True]
    for batch in pipeline.extract("home_visit", city, again=True):
        pipeline.load_batch("home_visit", batch, city)
    assert status(city, "441302", "2023-05", *columns) == ["accepted", 3, 2, True]


def test_a_document_with_no_row_is_a_zero_declaration(city: Settings) -> None:
    change(city, empty_batch="accept")
    set_today(city, "2023-06-10")
    put(city, "home_visit/2023-05/441302_记录.csv", f"{VISIT_HEADER}\r\n".encode("gb18030"))
    load("home_visit", city)
    columns = ("status", "is_received", "is_accepted", "is_zero_declared", "is_nothing_declared")
    assert status(city, "441302", "2023-05", *columns) == ["zero_declared", True, True, True, False]


def declare(city: Settings, *more: str, unit: str = "441302", period: str = "2023-05", report: str = "home_visit") -> Any:
    return run(city, "declare", report, "--unit", unit, "--period", period, "--why", "停业整顿", "--by", "李科长", *more)


def run(city: Settings, *words: str) -> Any:
    """Runs a command with the folders of this city."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("loaders.commands.documents.obligations.reading_settings", lambda: city)
        return huimin(city, *words)


def test_a_declaration_and_its_reverse(city: Settings) -> None:
    set_today(city, "2023-06-10")
    done = declare(city)
    assert done.exit_code == 0, done.output + done.stderr
    columns = ("status", "is_received", "is_missing", "is_accepted", "is_nothing_declared")
    assert status(city, "441302", "2023-05", *columns) == ["nothing_declared", True, False, False, True]
    assert ("441302", "2023-05") not in missing(city)
    rate = "select received_units_count, accepted_units_count, nothing_declared_units_count from ops.reporting_rate"
    assert query(city, f"{rate} where period = '2023-05'") == [(1, 0, 1)]
    assert "declared already" in declare(city).stderr
    assert declare(city, "--revoke").exit_code == 0
    assert status(city, "441302", "2023-05") == "missing"
    assert "nothing to take back" in declare(city, "--revoke").stderr
    with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
        query(city, "update ops.declaration set reason = 'x'")


def test_a_later_document_outranks_a_declaration(city: Settings) -> None:
    set_today(city, "2023-06-10")
    assert declare(city).exit_code == 0
    send(city, "441302", "2023-05")
    assert status(city, "441302", "2023-05", "status", "is_nothing_declared") == ["accepted", False]
    refused = declare(city)
    assert refused.exit_code == 2 and "was accepted as submission 1" in refused.stderr


@pytest.mark.parametrize(
    ("choice", "words"),
    [
        ({"report": "home_visits"}, "found home_visits"),
        ({"unit": "999999"}, "found 999999"),
        ({"period": "May"}, "expected a period like 2023-06"),
        ({"period": "2023Q2"}, "is owed for a month, found 2023Q2"),
        ({"period": "2023-09"}, "nobody owes home_visit of 441302 for 2023-09"),
        ({"period": "2022-01"}, "nobody owes home_visit of 441302 for 2022-01"),
    ],
)
def test_what_cannot_be_declared_is_one_line_and_exit_2(city: Settings, choice: dict[str, str], words: str) -> None:
    set_today(city, "2023-06-10")
    refused = declare(city, **choice)
    assert refused.exit_code == 2 and words in refused.stderr
    assert len(refused.stderr.strip().splitlines()) == 1
    assert query(city, "select count(*) from ops.declaration") == [(0,)]


def test_a_rebuilt_ledger_has_the_declarations(city: Settings) -> None:
    set_today(city, "2023-06-10")
    send(city, "441303", "2023-05")
    assert declare(city).exit_code == 0
    assert declare(city, unit="441322").exit_code == 0
    assert declare(city, "--revoke", unit="441322").exit_code == 0
    (kept, *_) = [record for _, record in read_records(city.landing) if isinstance(record, Declaration)]
    assert (kept.unit, kept.period, kept.decision, kept.why, kept.by) == (
        "441302",
        Period.parse("2023-05"),
        "nothing_to_report",
        "停业整顿",
        "李科长",
    )
    assert verify_landing(city) == []
    before = query(city, "select * from ops.declaration order by 1")
    with psycopg.connect(city.warehouse_url, autocommit=True) as connection:
        connection.execute("drop schema raw, ops, quarantine cascade")
    migrate(city.warehouse_url)
    rebuilt = rebuild_ledger(city)
    assert (rebuilt.decisions, rebuilt.skipped) == (3, [])
    assert query(city, "select * from ops.declaration order by 1") == before
    assert [status(city, unit, "2023-05") for unit in UNITS[:3]] == ["nothing_declared", "accepted", "missing"]
    assert verify_landing(city) == []


def test_the_command_missing_lists_what_is_overdue(city: Settings) -> None:
    set_today(city, "2023-06-10")
    send(city, "441303", "2023-05")
    rows = json.loads(run(city, "missing", "--json").stdout)
    assert {(row["report"], row["period"], row["due_date"], row["days_overdue"]) for row in rows} == {
        ("home_visit", "2023-05", "2023-06-05", 5)
    }
    assert [row["unit"] for row in rows] == [unit for unit in UNITS if unit != "441303"]
    of_unit = json.loads(run(city, "missing", "--unit", "441303", "--not-yet-due", "--json").stdout)
    assert [(row["period"], row["status"]) for row in of_unit] == [("2023-06", "not_yet_due")]
    assert json.loads(run(city, "missing", "--period", "2023-06", "--json").stdout) == []
    for words in (("--report", "visits"), ("--unit", "1"), ("--period", "June")):
        refused = run(city, "missing", *words)
        assert refused.exit_code == 2 and words[1] in refused.stderr and len(refused.stderr.strip().splitlines()) == 1
    (row,) = json.loads(huimin(city, "status", "--json").stdout)
    assert (row["report"], row["accepted"], row["missing_submissions"], row["not_yet_due"]) == ("home_visit", 1, 6, 7)


def test_the_clock_is_that_of_china_unless_it_is_set(city: Settings) -> None:
    found = query(city, "select ops.today() = (now() at time zone 'Asia/Shanghai')::date")
    assert found == [(True,)]
    with psycopg.connect(city.warehouse_url, options="-c huimin.today=2023-06-06") as connection:
        assert connection.execute("select ops.today()::text").fetchall() == [("2023-06-06",)]
