"""From raw rows of the five reports to figures, by `dbt build` as the pipeline runs it, with every unit test of the models."""

from __future__ import annotations

import csv
import datetime as dt
import json
import re
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from loaders import pipeline
from loaders.dbt.runner import ROWS_CHANGED, ModelError, build_models
from loaders.operations.queries import changes_of_last_build
from loaders.settings import PROJECT_ROOT
from loaders.warehouse.queries.evidence_queries import figure_evidence
from loaders.warehouse.queries.indicator_queries import IndicatorQueries
from tests.dbt import raw_rows
from tests.dbt.conftest import MakePlace, Place, run_dbt
from tests.support.pages.visitors import Visitors

pytestmark = pytest.mark.integration
PROJECT = PROJECT_ROOT / "dbt_project"
TOWN, ZONE_TOWN, OTHER_COUNTY_TOWN, NO_STATUTORY_TOWN = "441302112", "441302007", "441322001", "441302401"


@pytest.fixture(scope="module")
def place(make_place: MakePlace) -> Place:
    made = make_place("five_reports", PROJECT)
    with psycopg.connect(made.admin_url) as connection:
        _fill(connection)
    pipeline.build(made.settings)
    return made


def _fill(connection: psycopg.Connection[object]) -> None:
    day = dt.date
    stations = [
        raw_rows.station("S1", TOWN, day(2019, 5, 1)),
        raw_rows.station("S2", TOWN, day(2023, 2, 28)),
        raw_rows.station("S3", ZONE_TOWN, day(2020, 1, 1), closed_date=day(2023, 3, 31)),
    ]
    raw_rows.load(connection, "station", "441302", "2023-03", stations)
    visits = [raw_rows.visit("V1", TOWN, day(2023, 1, 31), 2), raw_rows.visit("V2", TOWN, day(2023, 1, 2), 9, "电话")]
    raw_rows.load(connection, "home_visit", "441302", "2023-01", visits)
    replaced = raw_rows.load(connection, "home_visit", "441302", "2023-02", [raw_rows.visit("V3", TOWN, day(2023, 2, 1), 500)])
    raw_rows.supersede(connection, "home_visit", replaced)
    raw_rows.load(connection, "home_visit", "441302", "2023-02", [raw_rows.visit("V3", ZONE_TOWN, day(2023, 2, 1), 5)])
    raw_rows.load(connection, "home_visit", "441322", "2023-02", [raw_rows.visit("V4", OTHER_COUNTY_TOWN, day(2023, 2, 28), 1)])
    for month, raised in (("2023-01", 120_000), ("2023-02", 34_500)):
        founded = raw_rows.fund("F1", TOWN, month, raised, day(2021, 6, 1))
        ended = raw_rows.fund("F2", OTHER_COUNTY_TOWN, month, 10_000, day(2023, 1, 31), ended_date=day(2023, 2, 28))
        raw_rows.load(connection, "community_fund", "4413", month, [founded, ended], sheet="")
    covered = [(TOWN, True, True), (ZONE_TOWN, True, False), (OTHER_COUNTY_TOWN, False, False), (NO_STATUTORY_TOWN, True, True)]
    rows = [raw_rows.coverage("2023Q1", *town) for town in covered]
    raw_rows.load(connection, "town_coverage", "4413", "2023Q1", rows)


def value(place: Place, code: str, area: str, period: str, column: str = "value") -> float | None:
    rows = place.query_as_reader(
        f"select {column} from bi.indicator_value"
        f" where (indicator_code, area_code, period_code) = ('{code}', '{area}', '{period}')"
    )
    assert len(rows) == 1, f"{code} {area} {period}: {len(rows)} rows"
    return None if rows[0][0] is None else float(rows[0][0])


@pytest.mark.parametrize(
    ("code", "area", "period", "expected"),
    [
        ("SW-ST-01", TOWN, "2023-01", 1),
        ("SW-ST-01", TOWN, "2023-02", 2),
        ("SW-ST-01", "4413", "2023-02", 3),
        ("SW-ST-01", "4413", "2023Q1", 2),
        ("SW-ST-01", "4413", "2021-01", 2),
        ("SW-HV-01", "4413", "2023-01", 2),
        ("SW-HV-01", "441302", "2023-02", 5),
        ("SW-HV-01", "441322", "2023-02", 1),
        ("SW-HV-01", "HZ-ZK", "2023-02", 5),
        ("SW-HV-01", "HZ-ZK", "2023-01", 0),
        ("SW-HV-01", "4413", "2023Q1", 8),
        ("CH-CF-01", "4413", "2023-01", 2),
        ("CH-CF-01", "4413", "2023-02", 1),
        ("CH-CF-02", "4413", "2023Q1", 17.45),
        ("CH-CF-02", TOWN, "2023-02", 3.45),
        ("CA-CS-03", "4413", "2023Q1", 2),
        ("CA-CS-05", "4413", "2023Q1", 1),
        ("CA-CS-04", "4413", "2023Q1", round(100 * 2 / 71, 6)),
        ("CA-CS-04", TOWN, "2023Q1", 100),
        ("CA-CS-04", NO_STATUTORY_TOWN, "2023Q1", None),
        ("CA-CS-03", NO_STATUTORY_TOWN, "2023Q1", 0),
    ],
)
def test_figures_of_town_county_zone_and_city(place: Place, code: str, area: str, period: str, expected: float | None) -> None:
    assert value(place, code, area, period) == expected


def test_a_figure_leads_to_the_rows_that_make_it(place: Place) -> None:
    url = place.settings.transformer_url
    rows = figure_evidence(url, "SW-HV-01", area="HZ-ZK").rows
    assert [(int(row["quantity"]), row["file"], row["sheet"], row["row"]) for row in rows] == [(5, "441302.xlsx", "表1", 2)]
    every = figure_evidence(url, "CH-CF-02")
    assert sum(row["quantity"] for row in every.rows) == every.quantity == 174_500
    first = figure_evidence(url, "CH-CF-02", most=2)
    assert (first.rows_count, first.documents_count, first.quantity) == (4, 2, 174_500)
    assert [row["row"] for row in first.rows] == [2, 3]
    assert {row["period"] for row in first.rows} == {"2023-01"}, "the document that came first"


def test_a_ratio_leads_to_both_of_its_sides(place: Place) -> None:
    rows = place.query_as_reader(
        "select side, count(*) from bi.figure_evidence where indicator_code = 'CA-CS-04' and area_code = '4413' group by side"
    )
    assert dict(rows) == {"numerator": 2, "denominator": 71}


def test_a_reader_counts_each_value_again_from_its_evidence(place: Place) -> None:
    """By the unit, the scale, the factor and the subjects that `bi` has, and nothing else."""
    areas, periods = ("4413", "441302", TOWN, "HZ-ZK"), ("2023-01", "2023-03", "2023Q1")
    factors = dict(place.query_as_reader("select indicator_code, coalesce(factor, 1) from bi.indicator"))
    amounts = place.query_as_reader(f"""
        select e.indicator_code, e.area_code, p.period_code, e.side,
            case min(e.aggregation)
                when 'sum' then sum(e.quantity) when 'count' then count(*) else count(distinct e.subject_code)
            end / max(e.scale)
        from bi.figure_evidence as e
        inner join bi.period as p
            on p.period_code in {periods}
            and case when e.is_stock then e.event_date <= p.end_date and (e.end_date is null or e.end_date > p.end_date)
                else e.event_date between p.start_date and p.end_date end
        where e.area_code in {areas}
        group by e.indicator_code, e.area_code, p.period_code, e.side
    """)
    counted = {tuple(row[:4]): row[4] for row in amounts}
    values = place.query_as_reader(
        "select indicator_code, area_code, period_code, value, missing_reason from bi.indicator_value"
        f" where area_code in {areas} and period_code in {periods} and suppression is null"
    )
    assert {code for code, *_ in values} >= {"SW-ST-01", "CH-CF-02", "CA-CS-04", "SW-PC-01", "SW-PC-06", "CH-PC-01"}
    for code, area, period, found, reason in values:
        place_of = (code, area, period)
        above = counted.get((*place_of, "numerator"), counted.get((*place_of, "value"), 0))
        below = counted.get((*place_of, "denominator"), 0 if "-PC-" in code or reason else 1)
        again = factors[code] * above / below if below else None
        assert (found is None) == (again is None), place_of
        assert found is None or abs(float(found) - float(again)) < 1e-5, (place_of, found, again)


def test_a_value_per_head_is_divided_by_the_latest_stated_figure(place: Place) -> None:
    with (PROJECT / "seeds" / "area_figures.csv").open(encoding="utf-8") as lines:
        listed = {
            (row["measure_code"], row["area_code"], row["as_of_date"]): float(row["quantity"]) for row in csv.DictReader(lines)
        }
    for area, period, day in (
        ("4413", "2021-11", "2020-11-01"),
        ("4413", "2021-12", "2021-12-31"),
        (TOWN, "2023-01", "2022-12-31"),
        (NO_STATUTORY_TOWN, "2023-01", "2022-12-31"),
    ):
        residents = listed["resident_persons", area, day]
        assert value(place, "SW-PC-01", area, period, "denominator") == residents
        visits = value(place, "SW-HV-01", area, period)
        assert value(place, "SW-PC-01", area, period) == pytest.approx(1000 * (visits or 0) / residents, abs=1e-6)
    towns = [
        count
        for (measure, area, day), count in listed.items()
        if measure == "area_km2" and area.startswith("441302") and area != "441302"
    ]
    assert value(place, "SW-PC-06", "441302", "2023-01", "denominator") == pytest.approx(sum(towns))
    rows = place.query_as_reader("select area_code, basis, is_stated from bi.area_population where year_number = 2021")
    known = {area: (basis, is_stated) for area, basis, is_stated in rows}
    assert known["4413"] == ("sample", True) and known["441302"] == ("sample", False)
    census = "select basis from bi.stated_figure where area_code = '4413' and as_of_date = '2020-11-01' group by basis"
    assert place.query_as_reader(census) == [("published",)]


def test_published_figures_of_reports_that_are_there_are_compared(place: Place) -> None:
    rows = IndicatorQueries(place.settings.transformer_url).published_comparison(["CA16", "CH07", "SW01", "SW04"])
    assert {row["code"] for row in rows} == {
        "CA-CS-03", "CA-CS-04", "CA-CS-05", "CA-CS-06", "CH-CF-01", "CH-CF-02", "SW-ST-01", "SW-HV-01",
    }  # fmt: skip
    assert {row["verdict"] for row in rows} == {"no_value"}, "there is no December in these reports"


def test_reader_selects_all_of_bi_and_nothing_else(place: Place) -> None:
    names = [row[0] for row in place.query("select viewname from pg_views where schemaname = 'bi'")]
    assert len(names) >= 12
    for name in names:
        place.query_as_reader(f"select * from bi.{name} limit 1")
    for relation in ("indicators.measure_value", "core.dim_area", "raw.station", "ops.submission"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            place.query_as_reader(f"select * from {relation} limit 1")


def test_every_relation_and_column_of_bi_is_commented_in_chinese_then_english(place: Place) -> None:
    comments = place.query("""
        select c.relname, a.attname,
            case when a.attnum is null then obj_description(c.oid) else col_description(c.oid, a.attnum) end
        from pg_class as c
        left join (select attrelid, attname, attnum from pg_attribute where attnum > 0
                   union all select oid, null, null from pg_class)
            as a on a.attrelid = c.oid
        where c.relnamespace = 'bi'::regnamespace and c.relkind in ('v', 'r')
    """)
    assert len(comments) > 100
    assert [name for *name, text in comments if not re.search(r"[\u4e00-\u9fff].*。[A-Z]", text or "")] == []
    relations = [(name, text) for name, column, text in comments if column is None]
    assert [name for name, text in relations if not text.startswith("一行")] == [], "a description begins with the grain"


def test_no_personal_data_stands_in_bi(place: Place) -> None:
    columns = place.query("select table_name, column_name from information_schema.columns where table_schema = 'bi'")
    assert [column for column in columns if column[1].endswith(("_key", "_masked")) or "legal" in column[1]] == []


def test_a_build_without_news_touches_nothing(place: Place) -> None:
    tables = [row[0] for row in place.query("""
        select schemaname || '.' || tablename from pg_tables
        where schemaname in ('core', 'evidence', 'indicators') and tablename not in
            ('divisions', 'indicators', 'measures', 'published_figures')
    """)]  # fmt: skip
    assert len(tables) >= 6
    count = " union all ".join(f"select '{name}', xmin::text, count(*) from {name} group by xmin" for name in tables)
    before = sorted(place.query(count))
    build_models(place.settings, ROWS_CHANGED)
    assert sorted(place.query(count)) == before


@pytest.mark.slow
def test_a_build_makes_no_view_again_when_only_rows_changed(place: Place) -> None:
    assert pipeline.build(place.settings) == {}
    views = "select oid, xmin::text from pg_class where relkind = 'v' and relnamespace = 'bi'::regnamespace order by oid"
    before = place.query(views)
    with psycopg.connect(place.admin_url) as connection:
        new = raw_rows.load(connection, "home_visit", "441303", "2023-03", [raw_rows.visit("V8", TOWN, dt.date(2023, 3, 5), 70)])
    assert pipeline.build(place.settings)["success"] < 25
    assert place.query(views) == before
    assert value(place, "SW-HV-01", "4413", "2023Q1") == 78
    with psycopg.connect(place.admin_url) as connection:
        raw_rows.supersede(connection, "home_visit", new)
        by_telephone = raw_rows.visit("V8", TOWN, dt.date(2023, 3, 5), 70, "电话")
        raw_rows.load(connection, "home_visit", "441303", "2023-03", [by_telephone])
    place.execute("alter table evidence.evidence add column by_hand int")
    assert pipeline.build(place.settings)["success"] < 25
    columns = "select column_name from information_schema.columns where (table_schema, table_name) = ('evidence', 'evidence')"
    assert ("by_hand",) not in place.query(columns), "a column that the model does not have is dropped, and no view goes with it"
    assert place.query(views) == before
    assert value(place, "SW-HV-01", "4413", "2023Q1") == 8


def test_a_build_after_a_load_writes_no_row_that_the_load_does_not_reach(place: Place) -> None:
    """Nodes that one report reaches, and of their tables the rows that are of it."""
    tables = ("core.dim_period", "core.named_area", "indicators.target_month", "indicators.indicator_side")
    values = "indicators.indicator_area_period where indicator_code not in ('SW-ST-01', 'SW-PC-03', 'SW-PC-06')"
    others = " union all ".join(
        [
            "select 'evidence', indicator_code, xmin::text from evidence.evidence where indicator_code <> 'SW-ST-01'",
            f"select 'value', indicator_code, xmin::text from {values}",
            *(f"select '{table}', null, xmin::text from {table}" for table in tables),
        ]
    )
    before, stations = sorted(map(str, place.query(others))), value(place, "SW-ST-01", "4413", "2023Q1")
    with psycopg.connect(place.admin_url) as connection:
        opened = [raw_rows.station("S9", OTHER_COUNTY_TOWN, dt.date(2023, 1, 5))]
        raw_rows.load(connection, "station", "441322", "2023-03", opened)
    counts = pipeline.build(place.settings)
    assert counts["success"] + counts["pass"] < 60, "the tables and tests that stations reach, of 17 and about 100"
    assert value(place, "SW-ST-01", "4413", "2023Q1") == (stations or 0) + 1
    assert sorted(map(str, place.query(others))) == before


@pytest.mark.slow
def test_a_new_month_reaches_every_table_of_periods(place: Place) -> None:
    with psycopg.connect(place.admin_url) as connection:
        month = [raw_rows.fund("F3", TOWN, "2023-04", 5_000, dt.date(2023, 4, 1))]
        new = raw_rows.load(connection, "community_fund", "4413", "2023-04", month, sheet="")
    pipeline.build(place.settings)
    assert value(place, "SW-HV-01", "4413", "2023-04") == 0, "a report of another kind"
    targets = "select count(*) from indicators.target_month where period_code = '2023-04'"
    assert place.query(targets) > [(0,)]
    with psycopg.connect(place.admin_url) as connection:
        raw_rows.supersede(connection, "community_fund", new)
        connection.execute("update ops.submission set state = 'withdrawn' where submission_id = %s", [new])
    pipeline.build(place.settings)
    assert place.query(targets) == [(0,)], "a month of which no document is left"


# Columns but that which says which build wrote the row.
_STORED = (
    "select 'evidence', xmin::text, (to_jsonb(e) - 'since_build')::text from evidence.evidence as e"
    " union all select 'value', xmin::text, (to_jsonb(v) - 'since_build')::text from indicators.indicator_area_period as v"
)


@pytest.mark.slow
def test_a_whole_build_writes_nothing_after_those_of_what_was_touched(place: Place) -> None:
    before, former = sorted(place.query(_STORED)), place.query("select count(*) from indicators.superseded_value")
    assert former > [(0,)], "78 visits were counted once"
    pipeline.build(place.settings, is_whole=True)
    assert sorted(place.query(_STORED)) == before
    assert place.query("select count(*) from indicators.superseded_value") == former
    changes = changes_of_last_build(place.settings)
    assert (changes["evidence_rows_added"], changes["values_written"], changes["values_superseded"]) == (0, 0, 0)


def test_postgresql_shows_which_evidence_follows_from_single_rows(place: Place) -> None:
    """What the macro touched_rows relies on: the condition reaches a raw table only where no other row matters."""

    def scans(model: str, report: str) -> set[bool]:
        condition = "submission_id = any('{-1,-7}'::bigint[])"
        plan = place.query(f"explain (format json, verbose) select * from evidence.{model} where {condition}")[0][0]
        return set(_reached(plan[0]["Plan"], report))

    assert scans("evidence_home_visit", "home_visit") == {True}
    assert False in scans("evidence_demand_project", "demand_project"), "the newest version of a demand counts"
    assert False in scans("evidence_town_coverage", "town_coverage"), "a row lasts until the next"
    assert False in scans("evidence_goods_delivery", "station"), "the town of a delivery is its station's"
    for report in ("medical_aid", "student_grant", "goods_delivery", "cultural_activity", "party_activity"):
        assert scans(f"evidence_{report}", report) == {True}, "a CTE that is read twice is not materialized"


def _reached(node: dict[str, Any], report: str) -> Iterator[bool]:
    if (node.get("Schema"), node.get("Relation Name")) == ("raw", report):
        conditions = " ".join(str(node.get(name, "")) for name in ("Index Cond", "Recheck Cond", "Filter"))
        yield "_submission_id" in conditions and "{-1,-7}" in conditions
    for child in node.get("Plans", []):
        yield from _reached(child, report)


@pytest.fixture(scope="module")
def visitors(place: Place) -> Visitors:
    return Visitors(place.settings)


def test_a_figure_is_shown_with_its_towns_and_leads_to_its_evidence(place: Place, visitors: Visitors) -> None:
    shown = value(place, "SW-HV-01", "4413", "2023-02")
    text = visitors.client("city").get("/figures?indicator=SW-HV-01&period=2023-02&lang=zh").text
    assert f"<b>{shown:g}</b> 人次" in text
    assert "惠环街道" in text and "芦洲" in text
    assert "/evidence?indicator=SW-HV-01&amp;area=441302007&amp;period=2023-02&amp;basis=value" in text
    evidence = visitors.client("city").get("/evidence?indicator=SW-HV-01&area=4413&period=2023-02&basis=value").text
    assert "2 份文件中的 2 行，数量合计 6" in evidence


def test_evidence_is_of_the_number_that_is_shown(visitors: Visitors) -> None:
    client = visitors.client("city")
    of_year = client.get("/evidence?indicator=SW-HV-01&area=4413&period=2023-02&basis=ytd").text
    assert "3 份文件中的 3 行，数量合计 8" in of_year
    assert "数量合计 8" in client.get("/evidence?indicator=SW-HV-01&area=4413&period=2023-02&basis=to_date").text
    assert "数量合计 2" in client.get("/evidence?indicator=SW-HV-01&area=4413&period=2023-01").text


def test_a_county_is_shown_its_own_figures_alone(visitors: Visitors) -> None:
    county = visitors.client("county")
    text = county.get("/figures?indicator=SW-HV-01&period=2023-02").text.partition("<main")[2]
    assert "惠城区" in text and "博罗" not in text and "惠州市 ·" not in text
    for area in ("4413", "441322", OTHER_COUNTY_TOWN):
        for address in ("/figures", "/evidence"):
            assert county.get(f"{address}?indicator=SW-HV-01&area={area}&period=2023-02").status_code == 404
    # The zone lies in the county by its towns, and the visit there was sent by the county.
    assert county.get(f"/evidence?indicator=SW-HV-01&area={TOWN}&period=2023-01").status_code == 200


def test_what_is_not_in_the_dictionary_or_has_no_values_is_not_there(visitors: Visitors) -> None:
    client = visitors.client("city")
    assert client.get("/figures?indicator=XX-XX-99").status_code == 404
    assert client.get("/figures?indicator=SW-HV-01&area=999999").status_code == 404
    assert client.get("/figures?indicator=SW-HV-01&period=nonsense").status_code == 200
    missing = "/evidence/document?indicator=SW-HV-01&area=4413&period=2023-02&submission=999999"
    assert client.get(missing).status_code == 404


@pytest.mark.slow
def test_dropped_relations_are_remade_and_granted_again(place: Place) -> None:
    before = place.query("select count(*) from pg_views where schemaname = 'bi'")
    place.execute("drop table indicators.measure_value cascade")
    place.execute("drop view bi.area cascade")
    assert place.query("select count(*) from pg_views where schemaname = 'bi'") < before
    assert not pipeline.is_built(place.settings)
    pipeline.build(place.settings)
    assert place.query("select count(*) from pg_views where schemaname = 'bi'") == before
    assert value(place, "SW-HV-01", "4413", "2023Q1") == 8
    assert len(place.query_as_reader("select * from bi.area where area_level = 'city'")) == 1


@pytest.mark.slow
def test_evidence_for_an_unknown_place_stops_the_build_before_any_figure(place: Place) -> None:
    with psycopg.connect(place.admin_url) as connection:
        wrong = raw_rows.load(
            connection, "home_visit", "441303", "2023-02", [raw_rows.visit("V9", "999999", dt.date(2023, 2, 3), 7)]
        )
    with pytest.raises(
        ModelError, match=r"evidence_has_known_areas: indicator_code SW-HV-01, area_code 999999, event_date 2023-02-03"
    ):
        pipeline.build(place.settings)
    assert value(place, "SW-HV-01", "4413", "2023Q1") == 8
    with psycopg.connect(place.admin_url) as connection:
        raw_rows.supersede(connection, "home_visit", wrong)


def test_every_unit_test_of_the_models_passes(place: Place) -> None:
    """By `dbt test`: `dbt build` runs a unit test only together with its model."""
    target = run_dbt(place, "test", "--selector", "rules")
    results = json.loads((target / "run_results.json").read_text(encoding="utf-8"))["results"]
    assert len(results) > 60
    assert {result["status"] for result in results} == {"pass"}


@pytest.mark.slow
def test_documentation_is_one_page_that_needs_no_network(place: Place) -> None:
    page = (run_dbt(place, "docs", "generate", "--static") / "static_index.html").read_text(encoding="utf-8")
    assert json.dumps("一行一个指标、一个区域、一个期间").strip('"') in page
