"""A warehouse with 12.6 million values: 60 indicators, 1,851 areas, six years of months, quarters, half-years and years.

Values and the ledger are written by statements over sets; everything else, and the table of months, is made by dbt.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from demo.embedded_postgres import EmbeddedPostgres
from loaders.contract import load_reports
from loaders.dbt.runner import build_models
from loaders.settings import PROJECT_ROOT, Settings
from loaders.warehouse import Build, BuildSources, Warehouse, ensure_roles, migrate
from loaders.warehouse.schema.roles import LOADER, READER, TRANSFORMER
from tests.dbt import raw_rows

PASSWORD = "only-on-loopback"
COUNTIES, TOWNS_OF_A_COUNTY = 50, 36
INDICATORS, AREAS, PERIODS = 60, 1 + COUNTIES + COUNTIES * TOWNS_OF_A_COUNTY, 114
FIRST_YEAR, LAST_MONTH = 2020, "2025-12"
ROOT, COUNTY, TOWN = "4413", "441301", "441301001"
NO_SOURCES = BuildSources("", "", "", "", "")
_WITHOUT_TESTS = ("--exclude", "resource_type:unit_test", "resource_type:test")
_SIXTIETH = "CA-XX-01,第六十项,The sixtieth,civil_affairs,次,count,flow,1,,,,CA04,社会组织管理科,\n"
_VALUES = """
    insert into indicators.indicator_area_period
    select
        measures.measure_code, areas.area_code, periods.period_code,
        case when ratio then round((100 * part / whole)::numeric, 6) else part end, part * 3, part * 9,
        case when ratio then part end, case when ratio then whole end, 1
    from (select measure_code, is_ratio as ratio from indicators.measure where is_indicator) as measures
    cross join (select area_code from core.dim_area where has_values) as areas
    cross join core.dim_period as periods
    cross join lateral (
        select
            (hashtext(measures.measure_code || areas.area_code || periods.period_code) & 1023)::numeric as part,
            1024::numeric as whole
    ) as sides
    order by 1, 2, 3
"""
_SUBMISSIONS = """
    insert into ops.submission (
        report, unit_code, period, period_start, period_end, revision, source_uri, source_modified_at, sha256, byte_size, state,
        rows_total, rows_loaded, rows_quarantined, rows_furniture, due_date, is_on_time
    )
    select
        report, unit_code, to_char(month, 'YYYY-MM'), month, month + interval '1 month - 1 day', 1,
        concat_ws('/', report, unit_code, month), month + interval '1 month',
        encode(sha256(convert_to(report || unit_code || month, 'UTF8')), 'hex'), 1000, 'accepted', 50, 50, 0, 0,
        month + interval '1 month 9 days', true
    from unnest(%(reports)s::text[]) as reports (report)
    cross join (select area_code as unit_code from core.dim_area where area_level = 'county' order by 1 limit 8) as units
    cross join generate_series(date '2020-01-01', date '2025-12-01', interval '1 month') as months (month)
"""
_OBLIGATIONS = """
    insert into ops.obligation (report, unit_code, period, period_start, period_end, due_date, is_calendar_announced)
    select report, unit_code, period, period_start, period_end, due_date, true from ops.submission
    on conflict do nothing
"""
_ISSUES = """
    insert into ops.issue (
        submission_id, report, unit_code, period, row_number, column_name, rule, severity, message_zh, message_en, issue_key
    )
    select
        submission_id, report, unit_code, period, 7, 'persons', 'range', 'warning', '数值超出范围', 'out of range',
        submission_id::text
    from ops.submission where submission_id %% 10 = 0
"""
_EVENTS = """
    insert into ops.issue_event (issue_key, report, event, occurred_at, submission_id)
    select issue_key, report, 'opened', now(), submission_id from ops.issue
"""
_RELEASE = """
    insert into release.draft (period_code, values_digest, summary) values ('2025-10', 'none', '{}');
    insert into release.release
        (release_number, draft_id, period_code, released_at, approved_by, reason, git_revision, models_digest, contracts_digest,
        values_digest, submissions_digest, previous_hash, release_hash, build_id)
    select 1, max(draft_id), '2025-10', now(), '王科长', '按月发布', '', '', '', '', '', '', 'first', 1 from release.draft;
    insert into release.value
    select 1, indicator_code, area_code, period_code, value, ytd, to_date, numerator, denominator
    from indicators.indicator_area_period where period_code between '2025-08' and '2025-10'
"""


@contextmanager
def large_warehouse(folder: Path) -> Iterator[tuple[str, str]]:
    """Makes the warehouse on a server of its own. Yields the URLs of its superuser and of the BI reader."""
    server = EmbeddedPostgres(folder / "server")
    server.start()
    try:
        _make(server, folder)
        yield server.url("large"), server.url("large", READER, PASSWORD)
    finally:
        server.remove()


def _make(server: EmbeddedPostgres, folder: Path) -> None:
    server.create_database("large")
    admin, loader = server.url("large"), server.url("large", LOADER, PASSWORD)
    ensure_roles(admin, dict.fromkeys((LOADER, TRANSFORMER, READER), PASSWORD))
    assert migrate(admin) == ()
    reports = load_reports(PROJECT_ROOT / "expectations")
    for report in reports.values():
        Warehouse(loader).prepare(report)
    settings = Settings(
        home=folder,
        warehouse_url=loader,
        pii_key=b"k" * 32,
        transformer_url=server.url("large", TRANSFORMER, PASSWORD),
        dbt_project=_project(folder / "dbt_project"),
    )
    with psycopg.connect(admin) as connection:
        raw_rows.load(connection, "home_visit", COUNTY, LAST_MONTH, [])
    # The table of months is created once there are values: to insert so many rows into its indexes takes longer.
    _build(settings, *_WITHOUT_TESTS, "indicator_month+")
    monthly = sorted(name for name, report in reports.items() if report.cadence == "monthly")
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(_SUBMISSIONS, {"reports": monthly})
        connection.execute(_OBLIGATIONS)
        connection.execute(_ISSUES, {})
        connection.execute(_EVENTS)
        connection.execute("truncate indicators.indicator_area_period")
        connection.execute(_VALUES)
        connection.execute("vacuum analyze")
    _build(settings, "--select", "indicator_month+", *_WITHOUT_TESTS)
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(_RELEASE.encode())
        connection.execute("vacuum analyze")


def _build(settings: Settings, *arguments: str) -> None:
    warehouse = Warehouse(settings.warehouse_url)
    build_id = warehouse.begin_build(Build("", None), NO_SOURCES, is_whole=False)
    build_models(settings, arguments)
    warehouse.end_build(build_id, None)


def _project(folder: Path) -> Path:
    """Copies the project, with the large city's divisions and one more indicator."""
    shutil.copytree(PROJECT_ROOT / "dbt_project", folder, ignore=shutil.ignore_patterns("target", "logs"))
    deployment = (PROJECT_ROOT / "deployment.yml").read_text(encoding="utf-8")
    (folder.parent / "deployment.yml").write_text(
        re.sub(r"^first_year: .*$", f"first_year: {FIRST_YEAR}", deployment, flags=re.M), encoding="utf-8"
    )
    seeds = folder / "seeds"
    # The figures of divisions are of Huizhou's; without them nothing is counted per head.
    (seeds / "area_figures.csv").unlink()
    (seeds / "area_figures.yml").unlink()
    indicators = (seeds / "indicators.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in indicators if "-PC-" not in line]
    (seeds / "indicators.csv").write_text("".join([*kept, _SIXTIETH]), encoding="utf-8")
    header = (seeds / "divisions.csv").read_text(encoding="utf-8").splitlines()[0]
    lines = [header, "44,广东省,province,,,省,1,440000000000,,,", f"{ROOT},大市,city,44,广东省,地级市,1,,,,"]
    for county in range(1, COUNTIES + 1):
        code = f"{ROOT}{county:02}"
        lines.append(f"{code},{county}县,county,{ROOT},大市,县,1,,,,")
        lines += [
            f"{code}{town:03},{county}县{town}镇,town,{code},{county}县,镇,1,,,," for town in range(1, 1 + TOWNS_OF_A_COUNTY)
        ]
    (seeds / "divisions.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder
