"""The programme's own tables, from raw rows of its reports, against values that were counted by hand."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest

from loaders import pipeline
from loaders.settings import PROJECT_ROOT
from tests.dbt import programme_rows
from tests.dbt.conftest import MakePlace, Place
from tests.dbt.programme_rows import OTHER_TOWN, TOWN, VILLAGE

pytestmark = [pytest.mark.integration, pytest.mark.slow]
PROJECT = PROJECT_ROOT / "dbt_project"


@pytest.fixture(scope="module")
def place(make_place: MakePlace) -> Place:
    made = make_place("programme_tables", PROJECT)
    with psycopg.connect(made.admin_url) as connection:
        programme_rows.fill(connection)
    pipeline.build(made.settings)
    return made


def row(place: Place, table: str, columns: str, where: str) -> tuple[Any, ...]:
    rows = place.query_as_reader(f"select {columns} from bi.{table} where {where}")
    assert len(rows) == 1, f"{table} where {where}: {len(rows)} rows"
    return tuple(float(value) if isinstance(value, Decimal) else value for value in rows[0])


def test_a_demand_knows_its_state_age_and_best_organization(place: Place) -> None:
    columns = "area_code, town_code, funnel_position, age_days, fund_missing_yuan, best_candidate_name, best_candidate_score"
    assert row(place, "demand_matching", columns, "demand_code = 'N1'") == (
        VILLAGE, TOWN, 1, 79, 170_000, "惠州市民营企业家联合会", 80.5,
    )  # fmt: skip
    columns = "town_code, is_open, is_matched, age_days, days_until_match, matched_organization_name, best_candidate_code"
    assert row(place, "demand_matching", columns, "demand_code = 'N2'") == (TOWN, False, True, None, 30, "惠州市书法家协会", None)
    assert row(place, "demand_matching", "town_code, funnel_position", "demand_code = 'N3'") == (OTHER_TOWN, None)


def test_organizations_are_proposed_with_reasons(place: Place) -> None:
    """The trade body is in the field, in the same village, did five things, 4A and half the money; the other is gone."""
    columns = (
        "organization_code, field_score, place_score, record_score, grade_score, resources_score, score, reasons_zh, reasons_en"
    )
    assert row(place, "demand_matching_candidate", columns, "demand_code = 'N1'") == (
        "B", 35, 20, 7.5, 8, 10, 80.5,
        "所属行业“行业协会商会”对口；已在同村开展工作；已办成“百千万工程”事项5件；评估等级4A；资金实力可覆盖需求的50%",
        "its industry, 行业协会商会, fits; at work in the same village; 5 things done for the programme; graded 4A; "
        "its means cover 50% of what is needed",
    )  # fmt: skip


def test_demands_stand_in_the_funnel_of_their_town_and_kind(place: Place) -> None:
    columns = "demands_count, waiting_count, signed_count, given_up_count, matched_pct, median_age_days, median_days_until_match"
    assert row(place, "demand_funnel", columns, f"town_code = '{TOWN}' and demand_type = '产业'") == (1, 1, 0, 0, 0, 79, None)
    assert row(place, "demand_funnel", columns, f"town_code = '{TOWN}' and demand_type = '文化'") == (1, 0, 1, 0, 100, None, 30)
    assert row(place, "demand_funnel", columns, f"town_code = '{OTHER_TOWN}'") == (1, 0, 0, 1, 0, None, None)


def test_organizations_are_ordered_by_what_they_did(place: Place) -> None:
    columns = (
        "villages_paired_count, pairing_funds_yuan, pairing_goods_yuan, projects_count, enterprises_count, "
        "demands_matched_count, cultural_sessions_count, trainings_count, donated_yuan, callouts_count, programme_share_pct, "
        "award_score, award_priority"
    )
    found = {
        code: row(place, "organization_participation", columns, f"(organization_code, period_code) = ('{code}', '2023')")
        for code in "ABDR"
    }
    assert found == {
        "A": (0, 0, 0, 0, 0, 1, 2, 1, 0, 0, None, 12.5, 2),
        "B": (1, 60_000, 5_000, 1, 1, 0, 0, 0, 0, 0, 5, 47, 1),
        "D": (0, 0, 0, 0, 0, 0, 0, 0, 30_000, 0, None, 3, 3),
        "R": (0, 0, 0, 0, 0, 0, 0, 0, 0, 1, None, 0, 4),
    }


def test_brands_show_no_people_of_lists(place: Place) -> None:
    """Six persons and one: no audit covers them by brand, so that neither number is shown."""
    columns = "raised_yuan, spent_yuan, paid_yuan, helped_persons, cost_per_person_yuan, active_months_count, persons_source"
    assert row(place, "charity_brands", columns, "brand_name = '助学圆梦'") == (30_000, 20_000, 18_000, None, None, 2, "list")
    assert row(place, "charity_brands", columns, "brand_name = '大爱救心'") == (0, 20_000, 4_000, None, None, 1, "list")


def test_work_of_a_station_is_shared_among_its_workers(place: Place) -> None:
    columns = "working_persons, home_visits_count, home_visit_persons, cases_opened_count, cases_open_count, cases_closed_count"
    shares = "home_visits_per_worker, service_persons_per_worker"
    assert row(place, "station_workload", f"{columns}, {shares}", "period_code = '2023-03'") == (2, 5, 10, 0, 0, 1, 2.5, 25)
    assert row(place, "station_workload", f"{columns}, {shares}", "period_code = '2023-02'") == (2, 0, 0, 1, 1, 0, 0, None)


def test_six_societies_of_a_town_make_an_index(place: Place) -> None:
    columns = "stations_count, service_persons, working_persons, organizations_count, volunteer_persons, funds_count"
    index = "activities_count, full_activities_count, present_count, linkage_index, linkage_pct"
    found = row(place, "six_society_linkage", f"{columns}, {index}", f"town_code = '{TOWN}' and period_code = '2023Q1'")
    assert found == (1, 50, 2, 1, 3, 0, 1, 1, 5, 5, 83.3)
    assert place.query_as_reader(
        "select count(*), sum(linkage_index) from bi.six_society_linkage where period_code = '2023Q1'"
    ) == [(84, 5)]


def test_task_force_stands_by_quarter(place: Place) -> None:
    columns = "departments_count, visits_count, principal_visits_to_date_count, problems_found_count, enterprises_count"
    money = "invested_yuan, invested_to_date_yuan, reclaimed_mu, projects_completed_to_date_count, couplet_pairs"
    people = "trained_persons, disabled_trained_persons"
    found = row(place, "luzhou_task_force", f"{columns}, {money}, {people}", "period_code = '2023Q1'")
    assert found == (2, 1, 1, 4, 1, 800_000, 800_000, 120, 1, 210, None, None), "4 disabled trainees of 6 are too few"


def test_targets_fall_to_towns_and_show_progress_against_time(place: Place) -> None:
    columns = "ytd, target, progress_pct, is_reached, is_on_track, elapsed_pct > 20 and elapsed_pct < 30"
    where = "indicator_code = 'SW-HV-01' and period_code = '2023-03'"
    assert row(place, "programme_scoreboard", columns, f"{where} and area_code = '4413'") == (
        10,
        100_000,
        0.01,
        False,
        False,
        True,
    )
    town = row(place, "programme_scoreboard", "target, sibling_rank", f"{where} and area_code = '{TOWN}'")
    assert town == (round(100_000 / 71, 6), 1)


def test_targets_are_set_for_a_dozen_indicators_and_more(place: Place) -> None:
    [(indicators,)] = place.query("select count(distinct indicator_code) from core.targets")
    assert indicators >= 12
    unfit = place.query("""
        select targets.indicator_code, targets.counted_on, targets.area_rule
        from core.targets inner join indicators.measure on indicator_code = measure_code
        where (is_ratio and (counted_on <> 'level' or area_rule = 'towns')) or (stock_or_flow = 'stock' and counted_on = 'year')
    """)
    assert unfit == []


def test_core_facts_lead_back_to_their_rows(place: Place) -> None:
    """Each fact names a submission that is in the ledger, and its row there."""
    facts = [name for (name,) in place.query("select viewname from pg_views where schemaname = 'core' and viewname like 'fct_%'")]
    assert len(facts) >= 17
    for name in facts:
        stray = place.query(f"""
            select count(*) from core.{name} as facts left join ops.submission using (submission_id)
            where ops.submission.submission_id is null or facts.row_number is null
        """)
        assert stray == [(0,)], name


def test_tables_are_read_at_once(place: Place) -> None:
    names = [path.stem for path in Path(PROJECT / "models" / "bi").glob("*.sql")]
    assert {"demand_matching", "organization_participation", "charity_brands", "station_workload"} <= set(names)
    started = dt.datetime.now(tz=dt.UTC)
    for name in names:
        place.query_as_reader(f"select count(*) from bi.{name}")
    assert (dt.datetime.now(tz=dt.UTC) - started).total_seconds() < 2 * len(names)
