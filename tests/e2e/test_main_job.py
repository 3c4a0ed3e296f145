import contextlib
import csv
import dataclasses
import datetime as dt
import io
import json
import os
import time
from collections import Counter
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psutil
import psycopg
import pytest
import yaml

from demo.airflow_api import AirflowApi
from loaders import pipeline
from loaders.contract import load_reports
from loaders.landing.records import ARRIVALS, DECISIONS
from loaders.reading.formats.encryption import decrypt
from loaders.reading.model.refusals import Refusal
from loaders.settings import PROJECT_ROOT, settings_from_environment
from loaders.warehouse.schema.roles import county_role
from sample_city.documents.encryption import workbook_password
from tests.e2e.conftest import MainJob
from tests.support.airflow.live_deployment import until
from tests.support.city.corrected_visits import COUNTY, REPORT, correct_visits
from tests.support.city.expected_values import ALL_VALUES, differences, expected_values
from tests.support.city.personal_scan import PersonalScan, part_texts
from tests.support.city.row_counts import count_rows
from tests.support.servers.bots import bot_server
from tests.support.servers.smtp import smtp_server
from tests.support.warehouse.county_rows import differing_tables

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]

EXACT = {
    "CA-CS-01": "6316",
    "CA-CS-02": "99",
    "CA-CS-03": "71",
    "CA-CS-04": "100",
    "CA-PR-01": "50",
    "CA-TF-01": "7",
    "CA-TR-01": "48",
    "CH-CF-01": "54",
    "CH-CF-02": "1817",
    "CH-CF-03": "651",
    "CH-LT-02": "16",
    "SW-CM-01": "1547",
    "SW-RS-01": "121",
    "SW-RS-03": "59",
    "SW-ST-01": "437",
}
CONTRACTS = load_reports(PROJECT_ROOT / "expectations")


def _rows_of_seed(name: str) -> int:
    with (PROJECT_ROOT / "dbt_project" / "seeds" / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return sum(1 for _ in csv.DictReader(lines))


PUBLISHED, INDICATORS, REPORTS = _rows_of_seed("published_figures"), _rows_of_seed("indicators"), len(CONTRACTS)
# Seconds for one query on a machine on which the main job takes as long as the second number says.
LIMIT_SECONDS, MAIN_JOB_SECONDS = 2.0, 150.0
CORRECTION_SECONDS = 60.0
COUNTY_TARGETS = "area_level = 'county' and period_code = '2023-11' and target is not null"
QUERIES = (
    "select indicator_code, name_zh, area_code, target, progress_pct, sibling_rank from bi.programme_scoreboard where "
    + COUNTY_TARGETS,
    "select count(*) from bi.programme_scoreboard where " + COUNTY_TARGETS,
    "select count(*) from bi.programme_scoreboard where target is not null",
    "select * from bi.programme_scoreboard where area_code = '441302' and period_code between '2023-01' and '2023-12'",
    "select area_name, count(*) from bi.programme_scoreboard where is_on_track group by area_name",
    "select * from bi.indicator_value where area_level = 'town' and period_code = '2023'",
    "select indicator_code, sum(value) from bi.indicator_value where period_kind = 'month' group by indicator_code",
    "select i.name_zh, v.value from bi.indicator as i inner join bi.indicator_value as v using (indicator_code) "
    "where v.period_code = '2023Q4'",
    "select * from bi.published_comparison",
    "select indicator_code, count(*), sum(quantity) from bi.figure_evidence where area_code = '4413' group by 1",
    "select * from bi.figure_evidence where indicator_code = 'CH-CF-02' and area_code = '441302'",
    "select count(*) from bi.figure_evidence where source_uri is not null and period_code = '2023-06'",
    "select * from bi.demand_matching",
    "select * from bi.demand_matching_candidate",
    "select * from bi.demand_funnel",
    "select count(*) from bi.organization_participation",
    "select * from bi.organization_history",
    "select * from bi.release",
    "select release_number, indicator_code, value from bi.release_value where area_code = '4413'",
    "select indicator_code, period_code, value_delta, cause from bi.restatement where area_code = '4413'",
    "select indicator_code, value from bi.indicator_value_version where area_code = '4413' and period_code = '2023-12'",
    "select * from bi.charity_brands",
    "select * from bi.community_funds",
    "select * from bi.station_workload",
    "select * from bi.six_society_linkage",
    "select * from bi.two_coverages",
    "select * from bi.luzhou_task_force",
    "select * from bi.reporting_rate",
    "select * from bi.reporting_status",
    "select * from bi.document_account",
    "select severity, count(*) from bi.quality_issue group by 1",
    "select * from bi.quality_summary",
    "select * from bi.anomaly",
    "select * from bi.area_history",
    "select * from bi.area_population",
    "select * from bi.stated_figure where area_code = '4413'",
    "select value from bi.indicator_value_then where area_code = '4413' and period_code = '2023'",
    "select value from bi.indicator_value_then_version where area_code = '4413' and period_code = '2023-12'",
    "select a.area_name, p.period_code from bi.area as a cross join bi.period as p where a.area_level = 'county'",
)
REGISTERS = ("civil_affairs_api", "social_work_api", "charity_frontend")


def faults(job: MainJob) -> list[dict[str, Any]]:
    return json.loads((job.truth / "faults.json").read_text(encoding="utf-8"))


def test_the_main_job_ends_well_and_says_what_it_did(main_job: MainJob) -> None:
    assert main_job.returncode == 0, main_job.output
    for part in ("unaccounted for: 0", "Where to look next", "inside", "Held back"):
        assert part in main_job.output


def test_every_published_figure_is_ours_under_its_qualifier(main_job: MainJob) -> None:
    rows = {row["code"]: row for row in main_job.as_json("figures")}
    assert len(rows) == PUBLISHED
    assert {row["verdict"] for row in rows.values()} == {"inside"}
    assert {code: Decimal(str(rows[code]["value"])) for code in EXACT} == {code: Decimal(value) for code, value in EXACT.items()}
    assert round(Decimal(str(rows["SW-HV-01"]["value"])) / 10_000, 1) == Decimal("28.7")
    wanted = {"code", "name_zh", "area_code", "period", "value", "unit", "published", "qualifier", "low", "high", "verdict"}
    # No build is as old as the print: what was known on its day cannot be told.
    wanted |= {"value_at_print", "verdict_at_print"}
    assert {row["verdict_at_print"] for row in rows.values()} == {"before_history"}
    assert all(set(row) == wanted for row in rows.values())


def test_every_indicator_has_a_value_for_the_city(main_job: MainJob) -> None:
    valued = main_job.query(
        "select distinct indicator_code from bi.indicator_value "
        "where area_code = '4413' and period_code = '2023' and to_date is not null"
    )
    assert len(valued) == INDICATORS
    loaded = main_job.query("select distinct report from ops.submission where state in ('accepted', 'accepted_with_rejects')")
    assert len(loaded) == REPORTS


def test_few_values_of_a_sound_city_are_unlike_those_before(main_job: MainJob) -> None:
    judged = main_job.query(
        "select count(*) from bi.indicator_value where period_kind = 'month' and period_code >= '2022' "
        "and area_level in ('city', 'county', 'zone')"
    )[0][0]
    anomalies = main_job.query("select kind, count(*) from ops.anomaly where gone_at is null group by kind")
    assert main_job.query("select count(*) from ops.anomaly_look")[0][0] > 0
    assert sum(count for _, count in anomalies) <= 0.01 * judged, anomalies


def test_every_row_of_every_file_is_accounted_for(main_job: MainJob) -> None:
    files = main_job.as_json("account")
    assert len(files) > 500
    assert all(file["difference"] == 0 for file in files)
    by_hand = count_rows([
        (main_job.landed(file["sha256"]), file["file"], workbook_password(CONTRACTS[file["report"]])) for file in files
    ])  # fmt: skip
    counted: Counter[str] = Counter()
    for file, rows in zip(files, by_hand, strict=True):
        if rows is not None and file["state"] != "rejected":
            total = file["rows_loaded"] + file["rows_quarantined"] + file["rows_furniture"]
            assert total == rows, file
            counted[Path(file["file"]).suffix] += 1
    assert counted[".csv"] > 200 and counted[".xlsx"] > 200, counted


def test_every_planted_fault_of_a_cell_is_found_and_none_is_invented(main_job: MainJob) -> None:
    found = Counter(
        (
            name.rsplit("/", 1)[-1] if not name.startswith(REGISTERS) else report,
            period,
            row,
            column,
            rule,
        )
        for report, name, period, row, column, rule in main_job.query(
            "select i.report, s.source_uri, i.period, i.row_number, i.column_name, "
            "case when i.cross_rule is null then i.rule else 'cross_report' end from ops.issue as i "
            "inner join ops.submission as s using (submission_id) where i.row_number is not null and i.severity <> 'document'"
        )
    )
    planted = Counter(
        (
            fault["uri"].rsplit("/", 1)[-1] if fault["uri"] else fault["report"],
            fault["period"],
            fault["row"],
            fault["column"],
            fault["expected_rule"],
        )
        for fault in faults(main_job)
        if fault["row"]
    )
    assert {fault["report"] for fault in faults(main_job)} == set(CONTRACTS), "every report carries a fault"
    assert set(found) - set(planted) == set(), "invented"
    assert set(planted) - set(found) == set(), "missed"


def test_every_planted_fault_of_a_document_is_found_and_none_is_invented(main_job: MainJob) -> None:
    ledger = main_job.query("select report, unit_code, period, source_uri, state, is_on_time, duplicate_of from ops.submission")
    refused = main_job.query(
        "select s.source_uri, i.rule from ops.issue as i inner join ops.submission as s using (submission_id) "
        "where i.severity = 'document'"
    )
    listed = [fault for fault in faults(main_job) if fault["row"] is None]
    by_kind: dict[str, set[Any]] = {}
    for fault in listed:
        by_kind.setdefault(fault["kind"], set()).add((fault["report"], fault["unit"], fault["period"]))
    planted_refusals = {
        (fault["uri"].rsplit("/", 1)[-1], fault["expected_rule"]) for fault in listed if fault["expected_state"] == "rejected"
    }
    assert {(uri.rsplit("/", 1)[-1], rule) for uri, rule in refused} == planted_refusals
    assert {uri.rsplit("/", 1)[-1] for _, _, _, uri, state, *_ in ledger if state == "rejected"} == {
        name for name, _ in planted_refusals
    }
    duplicates = {uri.rsplit("/", 1)[-1] for _, _, _, uri, state, *_ in ledger if state == "duplicate"}
    assert duplicates == {d["uri"].rsplit("/", 1)[-1] for d in listed if d["expected_state"] == "duplicate"}
    late = {(report, unit, period) for report, unit, period, _, _, on_time, _ in ledger if on_time is False}
    assert late == by_kind["late_file"]
    missing = set(main_job.query("select report, unit_code, period from ops.missing_submission"))
    assert missing == by_kind["missing_submission"]
    corrected = {(report, unit, period) for report, unit, period, uri, state, *_ in ledger if state == "superseded"}
    assert by_kind["corrected_file"] <= corrected


def test_every_value_agrees_with_the_citys_own_truth(main_job: MainJob) -> None:
    """Each indicator and measure in each area and period, computed from the truth by another program."""
    expected = expected_values(main_job.truth / "truth", dt.date(2023, 12, 1))
    assert len({code for code, *_ in expected}) >= INDICATORS
    assert differences(expected, main_job.query(ALL_VALUES)) == []


def test_a_figure_leads_back_to_file_sheet_and_row(main_job: MainJob) -> None:
    rows = main_job.as_json("evidence", "CH-CF-02", "--area", "4413")
    assert sum(Decimal(str(row["quantity"])) for row in rows) == Decimal("18170000")
    first = rows[0]
    assert Path(first["landed"]) == main_job.landed(first["sha256"])
    record = json.loads(main_job.landed(first["sha256"]).read_text(encoding="utf-8").splitlines()[first["row"] - 1])
    assert Decimal(record["raised"]) == Decimal(str(first["quantity"]))
    assert (first["field"], str(record["raised"])) == ("raised", first["text"])
    assert first["run"].startswith("load_community_fund/")
    stations = main_job.as_json("evidence", "SW-ST-01", "--period", "2023-12")
    assert len(stations) == 437


@pytest.fixture(scope="module")
def scan(main_job: MainJob) -> PersonalScan:
    numbers = (main_job.truth / "personal_numbers.txt").read_text(encoding="utf-8").split()
    assert len(numbers) > 10_000
    return PersonalScan(numbers)


def test_no_personal_number_is_anywhere_outside_the_landed_files(main_job: MainJob, scan: PersonalScan) -> None:
    with main_job.connected() as connection:
        assert scan.tables_with_numbers(connection) == []
    # Airflow's own: what tasks hand over, its log, its callbacks, the DAGs as they are kept.
    with psycopg.connect(main_job.stack()["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"].replace("+psycopg2", "")) as connection:
        assert scan.tables_with_numbers(connection) == []
    folders = [main_job.home / name for name in ("airflow", "logs", "dbt")] + [main_job.home / "city" / "mail"]
    assert any(path.suffix == ".eml" for path in folders[-1].iterdir())
    assert (
        scan.files_with_numbers(
            [*folders, *(main_job.home / "landing" / kind for kind in (ARRIVALS, DECISIONS)), PROJECT_ROOT / "docs"]
        )
        == []
    )


def test_owners_got_one_mail_a_report_and_period_and_no_problem_twice(main_job: MainJob) -> None:
    """What documents say themselves is told in one mail, what other reports say against them in another; warnings in digests."""
    sent = main_job.query("""
        select n.notification_id, n.report, n.period, n.recipient, n.sent_at is not null, bool_or(i.cross_rule is not null)
        from ops.notification as n
        inner join ops.notified_issue as p using (notification_id)
        inner join ops.issue as i using (issue_key)
        group by n.notification_id
    """)
    mails = Counter((report, period, is_cross) for _, report, period, *_, is_cross in sent if report is not None)
    assert len(mails) > REPORTS
    assert set(mails.values()) == {1}
    digests = Counter(recipient for _, report, _, recipient, *_ in sent if report is None)
    assert digests and set(digests.values()) == {1}
    assert all(is_sent for *_, is_sent, _ in sent)
    # Those that close a conversation, or notify of no issue, are letters too.
    letters = main_job.query("select count(*) from ops.outbox_message where state = 'sent'")
    assert letters == [(len(list((main_job.home / "city" / "mail").glob("*.eml"))),)]


def test_bi_reader_reads_bi_and_nothing_else(main_job: MainJob) -> None:
    url = main_job.stack()["HUIMIN_READER_URL"]
    tables = main_job.query(
        "select table_schema, table_name from information_schema.tables where table_schema !~ '^(pg_|information)'"
    )
    with psycopg.connect(url, autocommit=True) as reader:
        assert reader.execute("select count(*) from bi.indicator_value").fetchone() != (0,)
        for schema, table in tables:
            if schema in {"bi", "bi_zh"}:
                reader.execute(f'select * from "{schema}"."{table}" limit 1')
                continue
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                reader.execute(f'select * from "{schema}"."{table}" limit 1')
        for statement in (
            "create table bi.t (a int)",
            "create temp table t (a int)",
            "create schema s",
            "delete from bi.indicator_value",
        ):
            with pytest.raises(psycopg.Error):
                reader.execute(statement)


def test_a_county_reads_its_own_rows_of_every_table(main_job: MainJob) -> None:
    role = county_role("441302")
    reader_url = main_job.stack()["HUIMIN_READER_URL"].replace("//bi_reader:", f"//{role}:")
    wrong, divided = differing_tables(main_job.stack()["HUIMIN_TRANSFORMER_URL"], reader_url, "441302")
    assert wrong == {}
    assert len(divided) > 17


def test_every_query_ends_soon_after_the_first_build(main_job: MainJob) -> None:
    limit = LIMIT_SECONDS * max(1.0, main_job.seconds / MAIN_JOB_SECONDS)
    too_long: dict[str, float] = {}
    with psycopg.connect(main_job.stack()["HUIMIN_READER_URL"], autocommit=True) as reader:
        reader.execute(f"set statement_timeout = {int(limit * 3000)}")
        tables = {
            name for (name,) in reader.execute("select table_name from information_schema.tables where table_schema = 'bi'")
        }
        for query in QUERIES:
            began = time.monotonic()
            with contextlib.suppress(psycopg.errors.QueryCanceled):
                reader.execute(query).fetchall()
            seconds = time.monotonic() - began
            if seconds > limit:
                too_long[query] = seconds
    assert {table for table in tables if not any(f"bi.{table}" in query for query in QUERIES)} == set()
    assert too_long == {}


def test_the_planner_knows_what_a_build_wrote_and_read(main_job: MainJob) -> None:
    unknown = main_job.query("""
        select schemaname || '.' || relname from pg_stat_user_tables
        where coalesce(last_analyze, last_autoanalyze) is null
          and schemaname in ('raw', 'ops', 'quarantine', 'core', 'indicators', 'evidence', 'bi')
          and relname not in ('build', 'notification', 'notified_issue', 'conversation', 'conversation_issue', 'digest')
          and relname not like 'outbox%'
    """)
    assert unknown == []


def test_a_comparison_is_listed_beside_its_value(main_job: MainJob) -> None:
    rows = main_job.as_json("figures", "--area", "4413", "--period", "2023-12")
    judged = [row for row in rows if row["verdict"]]
    assert len(judged) > 30
    for row in judged:
        low, high, value = (float(row[name]) for name in ("low", "high", "value"))
        assert (low <= value <= high) is (row["verdict"] == "inside"), row
    visits = {row["basis"]: (row["value"], row["verdict"]) for row in rows if row["code"] == "SW-SV-01"}
    assert visits["to_date"] == ("1817064", "inside")
    assert float(visits["value"][0]) < 100_000
    assert visits["value"][1] is None
    assert len({(row["code"], row["basis"]) for row in rows}) == len(rows)


def test_a_reader_is_confined(main_job: MainJob) -> None:
    url = main_job.stack()["HUIMIN_READER_URL"]
    with psycopg.connect(url, autocommit=True) as reader:
        limits = ("statement_timeout", "idle_in_transaction_session_timeout", "idle_session_timeout", "temp_file_limit")
        shown = {name: reader.execute(f"show {name}").fetchone() for name in limits}
        assert {value for value in shown.values() if value in {("0",), ("-1",)}} == set(), shown
        for attempt in ("select lo_create(0)", "select lo_creat(-1)", r"select lo_from_bytea(0, '\x00')"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                reader.execute(attempt)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            reader.execute("set temp_file_limit = -1")
    for (database,) in main_job.query("select datname from pg_database where datname <> 'warehouse' and datallowconn"):
        with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
            psycopg.connect(urlunsplit(urlsplit(url)._replace(path=f"/{database}")))


def test_the_loader_cannot_write_what_dbt_makes(main_job: MainJob) -> None:
    with psycopg.connect(main_job.stack()["HUIMIN_WAREHOUSE_URL"], autocommit=True) as loader:
        for schema in ("staging", "core", "evidence", "indicators", "bi"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                loader.execute(f"create table {schema}.t (a int)")


def test_a_second_run_changes_nothing_and_what_is_loaded_again_neither(main_job: MainJob) -> None:
    before = main_job.huimin("fingerprint").stdout
    assert "unaccounted for: 0" in main_job.huimin("run").stdout
    assert main_job.huimin("fingerprint").stdout == before
    # One report of each way in and of each kind of `replaces`; make test-faults loads everything again.
    again = ("social_organization", "town_coverage", "community_fund", "fundraising", "client", "casework", "station")
    main_job.huimin("load", *again, "--again")
    assert main_job.huimin("fingerprint").stdout == before
    assert all(file["difference"] == 0 for file in main_job.as_json("account"))


@pytest.mark.slow
@pytest.mark.timeout(2400)
def test_messages_about_everything_hold_no_personal_number_but_a_units_own_copy(
    main_job: MainJob, scan: PersonalScan, tmp_path: Path
) -> None:
    """All issues of the city are told anew, to units with addresses of their own and to bots of every make."""
    units = sorted({unit for report in CONTRACTS.values() for unit in report.units})
    role = {"zh": "填报单位", "en": "unit"}
    people: list[dict[str, Any]] = [
        {"level": "unit", "role": role, "units": [unit], "addresses": {"mail": f"{unit.lower()}@unit.gov.cn"}} for unit in units
    ]
    people.append({"level": "city", "role": role, "addresses": {make: f"{make}_bot" for make in ("wecom", "dingtalk", "feishu")}})
    (tmp_path / "people.yml").write_text(yaml.safe_dump({"people": people}, allow_unicode=True), encoding="utf-8")
    with main_job.connected() as connection:
        connection.execute("delete from ops.notified_issue")
    with smtp_server() as mail, bot_server() as bots:
        settings = settings_from_environment(defaults=main_job.stack())
        connections = {**settings.connections, **{f"{make}_bot": bots.url(make, 10**6) for make in bots.texts}}
        settings = dataclasses.replace(
            settings, home=main_job.home, smtp_url=mail.url, people=tmp_path / "people.yml", connections=connections
        )
        for name in CONTRACTS:
            pipeline.notify_owners(name, settings)
        pipeline.send_digests(settings)
        assert all(len(texts) > 20 for texts in bots.texts.values())
        assert not scan.found_in("\n".join(text for texts in bots.texts.values() for text in texts).encode())
        copies, sent = 0, cache(lambda unit: sent_by(main_job, scan, unit))
        for letter in mail.messages:
            unit = str(letter["To"]).partition("@")[0].upper() if "@unit.gov.cn" in str(letter["To"]) else None
            for part in letter.walk():
                found = {number for text in part_texts(part) for number in scan.found_in(text)}
                if found:
                    assert unit is not None and str(part.get_filename()).endswith((".xlsx", ".xlsm")), part.get_filename()
                    assert found <= sent(unit)
                    copies += 1
        assert copies > 0, "a copy holds what its unit sent"
    with main_job.connected() as connection:
        assert scan.tables_with_numbers(connection) == []


def sent_by(job: MainJob, scan: PersonalScan, unit: str) -> set[str]:
    """The personal numbers in the documents that a unit sent, as whoever has their passwords reads them."""
    found: set[str] = set()
    for report, sha256 in job.query("select distinct report, sha256 from ops.submission where upper(unit_code) = %s", [unit]):
        content, password = job.landed(sha256).read_bytes(), workbook_password(CONTRACTS[report])
        # A document that was cut off cannot be decrypted, and no copy of it was sent.
        with contextlib.suppress(Refusal):
            content = decrypt(io.BytesIO(content), password).read() if password else content
        found |= scan.found_in(content)
    return found


@pytest.mark.slow
def test_a_corrected_document_is_restated_by_the_scheduler_within_a_minute(main_job: MainJob) -> None:
    """From the run of its load to the figure that BI reads; nobody starts the build."""
    month = "2023-06"
    value = "select value from bi.indicator_value where (indicator_code, area_code, period_code) = ('SW-HV-01', %s, %s)"
    api = AirflowApi(main_job.stack()["AIRFLOW__API__BASE_URL"], main_job.secret("airflow_password"))
    until("no build is at work", lambda: (run := api.latest_run("build_indicators")) is None or run.is_over)
    for _ in range(3):
        ((before,),) = main_job.query(value, [COUNTY, month])
        correct_visits(main_job.home / "city", month)
        started = time.monotonic()
        api.trigger(f"load_{REPORT}")
        until("the figure is restated", lambda before=before: main_job.query(value, [COUNTY, month]) == [(before + 1,)])
        seconds = time.monotonic() - started
        print(f"\na corrected document, by the scheduler: {seconds:.1f} s, {seconds / main_job.seconds:.3f} of the main job")
        assert seconds <= CORRECTION_SECONDS * max(1.0, main_job.seconds / MAIN_JOB_SECONDS)
        until("the build has ended", lambda: (run := api.latest_run("build_indicators")) is not None and run.is_over)


def test_down_leaves_nothing_running(main_job: MainJob) -> None:
    main_job.huimin("down")
    marked = [p for p in psutil.process_iter() if _home_of(p) == str(main_job.home)]
    assert marked == []
    assert not [p for p in psutil.process_iter(["cmdline"]) if str(main_job.home) in " ".join(p.info["cmdline"] or ())]
    assert main_job.huimin("down").returncode == 0, "a second time is harmless"


def _home_of(process: psutil.Process) -> str | None:
    try:
        return process.environ().get("HUIMIN_HOME") if process.pid != os.getpid() else None
    except (psutil.Error, OSError):
        return None
