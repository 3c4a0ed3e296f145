"""Rules between reports on a real server: each kind, who is told, what is resolved; order and repetition change nothing."""

from __future__ import annotations

import datetime as dt
import itertools
import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import psycopg
import pytest

from loaders.feedback import compose_issue_message, issue_sections
from loaders.outgoing_messages import Recipient
from loaders.warehouse import CrossRuleError
from tests.support.warehouse.cross_report_driver import MONTHLY, STATION, VISIT, CrossReportDriver, make_report

pytestmark = pytest.mark.integration
EXISTS = {"name": "known_station", "kind": "references", "columns": ["station_code"], "other_report": "station"}
OPEN = EXISTS | {
    "name": "open_station",
    "valid_during": {"from": "opened_date", "until": "closed_date", "day": "visited_date"},
}
NAME = {
    "name": "same_name",
    "kind": "matches",
    "columns": {"station_name": "station_name"},
    "other_report": "station",
    "join_on": {"station_code": "station_code"},
}
SUM = {
    "name": "visits_add_up",
    "kind": "reconciles",
    "column": "visit_persons",
    "other_report": "visit",
    "sum": "persons",
    "join_on": {"station_code": "station_code"},
}
LEDGER = ("ops.issue", "ops.submission", "ops.pull", "ops.known_version")
FALLS = {"name": "total_never_falls", "kind": "non_decreasing", "column": "total_persons", "group_by": ["station_code"]}


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def station(code: str, name: str | None = None, **more: Any) -> dict[str, Any]:
    return {"station_code": code, "station_name": name, **more}


def visit(code: str, at: str | None, **more: Any) -> dict[str, Any]:
    return {"visit_code": code, "station_code": at, **more}


def driver(url: str, *rules: dict[str, Any], monthly: tuple[dict[str, Any], ...] = (), **changes: Any) -> CrossReportDriver:
    return CrossReportDriver(url, make_report(STATION), make_report(VISIT, *rules, **changes), make_report(MONTHLY, *monthly))


def test_a_value_must_stand_in_the_other_report(warehouse_url: str) -> None:
    city = driver(warehouse_url, EXISTS)
    city.send("station", station("S1"))
    submission = city.send("visit", visit("V1", "S1"), visit("V2", "S2"), visit("V3", None))
    assert city.check() == {"visit": 1}
    assert city.found() == [("visit", "A", "2023-01", 3, "station_code", "known_station", "S2", "《station表》中的记录")]
    ((number, sheet, severity, zh, en),) = city.query(
        "select submission_id, sheet, severity, message_zh, message_en from ops.issue"
    )
    assert (number, sheet, severity) == (submission, "表1", "warning")
    assert zh == "应当相符；“站点编号”填的是“S2”，《station表》中没有相符的记录。本行已接收，请核对；如有误请更正。"
    assert en == (
        'expected: they agree; found: "站点编号" is "S2", which station does not hold; the row was taken, please check it'
    )


def test_the_other_row_must_be_alive_on_the_day(warehouse_url: str) -> None:
    city = driver(warehouse_url, OPEN)
    city.send(
        "station",
        station("S1", opened_date=day("2023-01-10"), closed_date=day("2023-01-20")),
        station("S2", opened_date=day("2023-01-10")),
        station("S3"),
    )
    days = ["2023-01-09", "2023-01-10", "2023-01-20", "2023-01-21", None]
    places = [(code, number, text) for code in ("S1", "S2", "S3") for number, text in enumerate(days)]
    rows = [visit(f"{code}-{number}", code, visited_date=text and day(text)) for code, number, text in places]
    city.send("visit", *rows)
    city.check()
    assert [(row[3], row[6]) for row in city.found()] == [(2, "S1"), (5, "S1"), (7, "S2")]


def test_without_a_day_the_other_row_is_alive_at_some_time_in_the_period(warehouse_url: str) -> None:
    rule = EXISTS | {"valid_during": {"from": "opened_date", "until": "closed_date"}}
    city = driver(warehouse_url, monthly=(rule,))
    city.send("station", station("S1", opened_date=day("2023-01-31"), closed_date=day("2023-02-01")), period="2023-03")
    for period in ("2022-12", "2023-01", "2023-02", "2023-03"):
        city.send("station_month", {"period_month": period, "station_code": "S1"}, period=period)
    city.check()
    assert [row[2] for row in city.found()] == ["2022-12", "2023-03"]


def test_only_some_rows_are_validated_where_the_rule_says_so(warehouse_url: str) -> None:
    city = driver(warehouse_url, EXISTS | {"where": {"mode": ["入户"]}})
    city.send("station", station("S1"))
    city.send("visit", visit("V1", "S9", mode="入户"), visit("V2", "S9", mode="电话"), visit("V3", "S9"))
    assert city.check() == {"visit": 1}


def test_rows_are_chosen_by_truth_values_and_by_texts_with_quotes(warehouse_url: str) -> None:
    quoted = EXISTS | {"name": "quoted", "where": {"station_name": ["o'站", "{x,y}"]}}
    city = driver(warehouse_url, EXISTS | {"where": {"is_first": ["是"]}}, quoted)
    city.send("station", station("S1"))
    city.send(
        "visit", visit("V1", "S9", is_first=True), visit("V2", "S9", is_first=False, station_name="o'站"), visit("V3", "S9")
    )
    city.check()
    assert [(row[3], row[5]) for row in city.found()] == [(2, "known_station"), (3, "quoted")]


def test_a_moment_is_kept_without_a_zone_and_its_day_counts(warehouse_url: str) -> None:
    rule = EXISTS | {"valid_during": {"from": "opened_date", "until": "closed_date", "day": "arrived_at"}}
    city = driver(warehouse_url, rule)
    city.send("station", station("S1", opened_date=day("2023-01-10"), closed_date=day("2023-01-10")))
    moments = [dt.datetime.fromisoformat(text) for text in ("2023-01-10T23:59:59", "2023-01-11T00:00:00")]
    city.send("visit", *(visit(f"V{number}", "S1", arrived_at=moment) for number, moment in enumerate(moments)))
    assert [row[0] for row in city.query("select arrived_at from raw.visit order by visit_code")] == moments
    assert city.check() == {"visit": 1}
    assert city.found()[0][3] == 3


def test_a_report_or_a_unit_that_never_came_is_no_evidence(warehouse_url: str, caplog: pytest.LogCaptureFixture) -> None:
    city = driver(warehouse_url, EXISTS)
    city.send("visit", visit("V1", "S9"))
    with caplog.at_level("INFO"):
        assert city.check() == {}
    assert "rule visit.known_station is skipped: report station has no rows" in caplog.text
    city.send("station", station("S1"), unit="B")
    assert city.check() == {}
    city.send("station", station("S2"))
    assert city.check() == {"visit": 1}


def test_what_comes_before_the_register_of_its_month_is_not_held_against_it(warehouse_url: str) -> None:
    city = driver(warehouse_url, EXISTS, NAME)
    city.send("station", station("S1", "甲"))
    city.send("visit", visit("V1", "S2"), visit("V2", "S1", station_name="乙"), period="2023-02")
    assert city.check() == {}
    city.send("station", station("S1", "乙"), station("S3"), period="2023-02")
    assert city.check() == {"visit": 1}


def test_rules_wait_while_documents_wait_to_be_loaded(warehouse_url: str, caplog: pytest.LogCaptureFixture) -> None:
    city = driver(warehouse_url, EXISTS)
    city.send("station", station("S1"))
    city.send("visit", visit("V1", "S2"))
    city.check()
    assert city.warehouse.is_cross_checked(city.reports)
    city.send("visit", visit("V1", "S2"), visit("V2", "S3"), minute=5)
    assert not city.warehouse.is_cross_checked(city.reports)
    (waiting,) = city.warehouse.reload(city.reports["station"], periods=(), units=(), uris=())
    with caplog.at_level("INFO"):
        assert city.check() == {"visit": 1}
    assert "rule visit.known_station is put off: documents of station wait to be loaded" in caplog.text
    city.query("delete from ops.submission where submission_id = %s returning 1", waiting.submission_id)
    assert city.check() == {"visit": 2}
    assert city.warehouse.is_cross_checked(city.reports)
    city.reports["visit"] = make_report(VISIT, EXISTS | {"where": {"mode": ["入户"]}})
    assert not city.warehouse.is_cross_checked(city.reports)
    assert city.check() == {}


def test_what_the_register_lacks_is_reported_to_its_owner_once(warehouse_url: str) -> None:
    city = driver(warehouse_url, EXISTS | {"responsible": "other"})
    city.send("station", station("S1"), unit="A")
    latest = city.send("station", station("S3"), unit="B")
    city.send("visit", visit("V1", "S2"), visit("V2", "S2"), unit="B")
    assert city.check() == {"station": 1}
    assert city.found() == [("station", "B", "2023-01", None, "station_code", "known_station", "S2", "《station表》中的记录")]
    assert city.query("select submission_id from ops.issue") == [(latest,)]
    assert [problem.rule for problem in city.warehouse.unnotified_issues(city.reports["station"])] == ["known_station"]
    assert city.warehouse.unnotified_issues(city.reports["visit"]) == []


def test_two_reports_say_the_same_of_the_same_thing(warehouse_url: str) -> None:
    city = driver(warehouse_url, NAME)
    city.send("station", station("S1", "第一（社工）站"), station("S2", "第二站"), station("S3", None))
    city.send(
        "visit",
        visit("V1", "S1", station_name="第一 (社工)站"),
        visit("V2", "S2", station_name="第三站"),
        visit("V3", "S3", station_name="站"),
        visit("V4", "S4", station_name="站"),
        visit("V5", "S2", station_name=None),
    )
    city.check()
    assert city.found() == [("visit", "A", "2023-01", 3, "station_name", "same_name", "第三站", "第二站")]


def test_names_of_look_alikes_agree_and_others_do_not(warehouse_url: str) -> None:
    city = driver(warehouse_url, NAME)
    written = ["阿依•买“阳光”（一）站", "⻓宁–站", "王·伟"]
    city.send("station", *(station(f"S{number}", name) for number, name in enumerate(written)))
    others = ["阿依・买 「阳光」[一]站", "长宁-站", "王伟"]
    city.send("visit", *(visit(f"V{number}", f"S{number}", station_name=name) for number, name in enumerate(others)))
    city.check()
    assert [(row[3], row[6], row[7]) for row in city.found()] == [(4, "王伟", "王·伟")]


def test_the_register_is_reported_when_it_is_what_is_wrong(warehouse_url: str) -> None:
    city = driver(warehouse_url, NAME | {"responsible": "other"})
    city.send("station", station("S1", "旧名"))
    city.send("visit", visit("V1", "S1", station_name="新名"), visit("V2", "S1", station_name="另名"))
    assert city.check() == {"station": 1}
    assert city.found() == [("station", "A", "2023-01", 2, "station_name", "same_name", "旧名", "另名")]


def test_a_total_equals_the_rows_of_its_period(warehouse_url: str) -> None:
    city = driver(warehouse_url, monthly=(SUM,))
    for period in ("2023-01", "2023-02"):
        rows = [visit(f"{period}-{n}", code, persons=n) for code in ("S1", "S2") for n in ((1, 2) if code == "S1" else (3,))]
        city.send("visit", *rows, period=period)
    printed = {"S1": 3, "S2": 4, "S3": 0, "S4": 1, "S5": None}
    rows = [{"period_month": "2023-01", "station_code": code, "visit_persons": count} for code, count in printed.items()]
    city.send("station_month", *rows)
    # No record of March, and none of county B: nothing is known there.
    city.send("station_month", {"period_month": "2023-03", "station_code": "S1", "visit_persons": 9}, period="2023-03")
    city.send("station_month", {"period_month": "2023-01", "station_code": "S7", "visit_persons": 9}, unit="B")
    city.check()
    assert [(row[2], row[3], row[6], row[7]) for row in city.found()] == [("2023-01", 3, "4", "3"), ("2023-01", 5, "1", "0")]


def test_rows_are_counted_within_a_tolerance_and_the_records_may_be_wrong(warehouse_url: str) -> None:
    counted = {name: value for name, value in SUM.items() if name != "sum"}
    city = driver(warehouse_url, monthly=(counted | {"tolerance_pct": 10, "responsible": "other"},))
    number = city.send("visit", *(visit(f"V{n}", "S1") for n in range(9)), *(visit(f"W{n}", "S2") for n in range(8)))
    city.send(
        "station_month",
        *({"period_month": "2023-01", "station_code": code, "visit_persons": 10} for code in ("S1", "S2")),
    )
    assert city.check() == {"visit": 1}
    assert city.found() == [("visit", "A", "2023-01", None, "station_code", "visits_add_up", "8", "10")]
    assert city.query("select submission_id from ops.issue") == [(number,)]


@pytest.mark.parametrize(("within", "falls"), [(None, ["2022-12", "2023-01"]), ("year", ["2022-12"])])
def test_a_cumulative_column_never_falls(warehouse_url: str, within: str | None, falls: list[str]) -> None:
    city = driver(warehouse_url, monthly=(FALLS | {"within": within},))
    totals = {"2022-10": 5, "2022-11": 8, "2022-12": 6, "2023-01": 2, "2023-02": None, "2023-03": 2}
    for period, total in random.Random(4).sample(sorted(totals.items()), len(totals)):
        row = {"period_month": period, "total_persons": total}
        city.send("station_month", row | {"station_code": "S1"}, row | {"station_code": "S2", "total_persons": 7}, period=period)
    city.check()
    assert [row[2] for row in city.found()] == falls
    assert city.found()[0][6:] == ("6", ">= 8")
    assert "前一期（2022-11）为“8”" in city.query("select message_zh from ops.issue where period = '2022-12'")[0][0]


def test_people_are_compared_by_their_hash_and_never_shown(warehouse_url: str) -> None:
    rule = {"name": "known_person", "kind": "references", "columns": ["client_id"], "other_report": "station"}
    agrees = NAME | {"name": "same_person", "columns": {"client_id": "client_id"}}
    city = driver(warehouse_url, rule, agrees)
    person = {"client_id_key": "hash-1", "client_id_masked": "441302********0023"}
    city.send("station", station("S1", **person))
    other = {"client_id_key": "hash-2", "client_id_masked": "441302********9999"}
    city.send("visit", visit("V1", "S1", **person), visit("V2", "S1", **other))
    assert city.check() == {"visit": 2}
    assert [(row[3], row[5], row[6]) for row in city.found()] == [(3, "known_person", "***"), (3, "same_person", "***")]
    told = str(city.query("select found, expected, message_zh, message_en from ops.issue"))
    assert "hash" not in told
    assert "4413" not in told


def test_numbers_of_people_in_texts_are_masked(warehouse_url: str) -> None:
    city = driver(warehouse_url, NAME)
    city.send("station", station("S1", "站 13800138000"))
    city.send("visit", visit("V1", "S1", station_name="站 441302199001010023"))
    city.check()
    told = str(city.query("select found, expected, message_zh, message_en from ops.issue"))
    assert "13800138000" not in told
    assert "441302199001010023" not in told


def test_running_again_adds_nothing_and_a_cause_that_is_gone_is_resolved(warehouse_url: str) -> None:
    city = driver(warehouse_url, EXISTS)
    city.send("station", station("S1"))
    city.send("visit", visit("V1", "S2"), visit("V2", "S3"))
    assert city.check() == city.check() == {"visit": 2}
    assert city.query("select count(*) from ops.issue") == [(2,)]
    mark = city.warehouse.ledger_fingerprint()
    city.check()
    assert city.warehouse.ledger_fingerprint() == mark
    city.send("station", station("S1"), station("S2"), period="2023-02")
    assert city.check() == {"visit": 1}
    assert city.warehouse.ledger_fingerprint() != mark
    assert city.query("select found, resolved_at is null from ops.issue order by found") == [("S2", False), ("S3", True)]
    city.send("station", station("S1"), station("S4"), period="2023-03")
    assert city.check() == {"visit": 2}
    assert city.query("select count(*) from ops.issue where cross_rule is not null") == [(2,)]


def test_a_correction_with_the_same_fault_is_not_reported_again(warehouse_url: str) -> None:
    city = driver(warehouse_url, EXISTS)
    city.send("station", station("S1"))
    city.send("visit", visit("V1", "S2"))
    city.check()
    (before,) = city.warehouse.unnotified_issues(city.reports["visit"])
    city.send("visit", visit("V0", "S1"), visit("V1", "S2"), minute=5)
    assert city.check() == {"visit": 1}
    (after,) = city.warehouse.unnotified_issues(city.reports["visit"])
    assert (after.issue_key, after.row) == (before.issue_key, 3)
    assert city.query("select row_number, resolved_at is null from ops.issue order by issue_id") == [(2, False), (3, True)]


def test_owners_are_reported_once_by_the_same_mails(warehouse_url: str) -> None:
    city = driver(warehouse_url, EXISTS, NAME | {"responsible": "other"})
    city.send("station", station("S1", "旧名"))
    city.send("visit", visit("V1", "S2"), visit("V2", "S1", station_name="新名"))
    city.check()
    for name, place in {"visit": "表1 / 第2行 / 站点编号", "station": "表1 / 第2行 / 站点名称"}.items():
        report = city.reports[name]
        owner = report.owner_on(dt.date.max)
        sections = issue_sections(report, city.warehouse.unnotified_issues(report), {})
        recipient = Recipient("mail", owner.email, owner.role.zh, owner.role.en)
        message = compose_issue_message(recipient, sections, fix_by=dt.date.max)
        assert (message.recipient, message.period) == (f"{name}@example.org", "2023-01")
        assert f"1. [提醒，已入库] A / A.csv / {place}" in message.body_text
        keys = tuple(key for part in message.parts for key in part.issue_keys)
        city.warehouse.queue_issue_messages(report.report, [replace(message, issue_keys=keys)])
        city.check()
        assert city.warehouse.unnotified_issues(report) == []


def test_checks_at_the_same_time_find_everything_once(warehouse_url: str) -> None:
    city = driver(warehouse_url, EXISTS)
    city.send("station", station("S1"))
    city.send("visit", *(visit(f"V{number}", "S2") for number in range(200)))
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: city.warehouse.cross_check(city.reports, again=True), range(8)))
    assert found == [{"visit": 200}] * 8
    assert city.query("select count(*) from ops.issue") == [(200,)]


def test_equal_rows_of_a_log_are_problems_of_their_own(warehouse_url: str) -> None:
    keyless = [column | {"key": False} for column in VISIT["columns"]]
    city = driver(warehouse_url, EXISTS, columns=keyless, replaces="nothing")
    city.send("station", station("S1"))
    city.send("visit", visit("V1", "S2"), visit("V1", "S2"), visit("V1", "S2"))
    assert city.check() == city.check() == {"visit": 3}
    assert len(city.warehouse.unnotified_issues(city.reports["visit"])) == 3


def test_a_rule_that_is_gone_leaves_no_open_issue(warehouse_url: str) -> None:
    city = driver(warehouse_url, EXISTS)
    city.send("station", station("S1"))
    city.send("visit", visit("V1", "S2"))
    city.check()
    report = city.reports["visit"]
    city.reports["visit"] = make_report(VISIT)
    assert city.check() == {}
    assert city.found() == []
    city.reports["visit"] = report
    assert city.check() == {"visit": 1}


def test_a_broken_rule_stops_no_other_and_keeps_what_it_found(warehouse_url: str) -> None:
    city = driver(warehouse_url, EXISTS, NAME)
    city.send("station", station("S1", "甲"))
    city.send("visit", visit("V1", "S2"), visit("V2", "S1", station_name="乙"))
    city.check()
    with psycopg.connect(warehouse_url, autocommit=True) as connection:
        connection.execute("alter table raw.station rename column station_name to old_name")
    city.send("visit", visit("V1", "S2"), visit("V2", "S1", station_name="乙"), visit("V3", "S3"), minute=5)
    with pytest.raises(CrossRuleError, match=r"rule visit\.same_name could not be run: column .*station_name does not exist"):
        city.check()
    assert [(row[5], row[6]) for row in city.found()] == [("known_station", "S2"), ("same_name", "乙"), ("known_station", "S3")]


def test_the_order_of_loads_and_checks_changes_nothing(warehouse_url: str) -> None:
    city = driver(warehouse_url, OPEN, NAME | {"responsible": "other"}, monthly=(SUM, FALLS))
    stations = [station("S1", "甲", opened_date=day("2023-01-10")), station("S2", "乙")]
    people = [visit("V1", "S1", station_name="丙", visited_date=day("2023-01-05"), persons=2), visit("V2", "S8", persons=1)]
    totals = [{"station_code": code, "visit_persons": 2} for code in ("S1", "S2")]
    steps: list[tuple[str, list[dict[str, Any]], str, int]] = [
        ("station", stations, "2023-02", 0),
        ("visit", people, "2023-01", 0),
        ("visit", [people[0] | {"visit_code": "V3"}], "2023-02", 0),
        ("station_month", [row | {"period_month": "2023-01", "total_persons": 9} for row in totals], "2023-01", 0),
        ("station_month", [row | {"period_month": "2023-02", "total_persons": 7} for row in totals], "2023-02", 0),
    ]
    outcomes = set()
    for number, order in enumerate(itertools.islice(itertools.permutations(steps), 0, None, 17)):
        for table in (*(f"raw.{name}" for name in city.reports), *LEDGER):
            city.query(f"with gone as (delete from {table} returning 1) select count(*) from gone")
        for name, rows, period, minute in order:
            city.send(name, *rows, period=period, minute=minute)
            if number % 2:
                city.check()
        city.check()
        outcomes.add(tuple(city.found()))
    assert len(outcomes) == 1
    (outcome,) = outcomes
    assert [(row[0], row[5]) for row in outcome] == [
        ("station", "same_name"),
        ("station_month", "visits_add_up"),
        ("station_month", "total_never_falls"),
        ("station_month", "total_never_falls"),
        ("station_month", "visits_add_up"),
        ("visit", "open_station"),
        ("visit", "open_station"),
        ("visit", "open_station"),
    ]
