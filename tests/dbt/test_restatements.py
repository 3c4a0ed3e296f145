"""Values that differ from their release, and why: each cause on a real warehouse, and what was known at a time."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner

from loaders import pipeline
from loaders.cli import app
from loaders.operations import queries, releases
from loaders.period import Period
from loaders.release import ValueKey
from loaders.settings import PROJECT_ROOT
from loaders.warehouse.releases import CannotBeReleased, ReleaseLog
from tests.dbt import raw_rows
from tests.dbt.conftest import MakePlace, Place

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.timeout(600)]
LENIENT = "minimum_reporting_rate_pct: 0\nrequire_current_contracts: false\nmaximum_outside_published: 99\n"
MONTH = "2023-01"
INDICATOR = "SW-HV-01"
# One county for each way in which a published value changes.
TOWNS = {"441302": "441302112", "441303": "441303001", "441322": "441322001", "441323": "441323001", "441324": "441324001"}
CORRECTED, LATE, WITHDRAWN, VALIDATED_AGAIN, VANISHED = TOWNS
DAYS = (dt.date(2023, 2, 10), dt.date(2023, 3, 10))


def visits(unit: str, count: int, month: str = MONTH) -> list[raw_rows.Row]:
    day = dt.date.fromisoformat(f"{month}-02")
    return [raw_rows.visit(f"V{unit}{month}{number}", TOWNS[unit], day, 1) for number in range(count)]


def load(connection: psycopg.Connection[tuple[object, ...]], unit: str, count: int, month: str = MONTH) -> int:
    return raw_rows.load(connection, "home_visit", unit, month, visits(unit, count, month))


def build(place: Place) -> None:
    pipeline.cross_check(place.settings)
    pipeline.build(place.settings)


def publish(place: Place, period: str = MONTH) -> int:
    draft = releases.prepare(place.settings, Period.parse(period))
    return releases.publish(place.settings, draft, by="王科长", reason="同意").release_number


def restatement(place: Place, area: str, columns: str, period: str = MONTH) -> tuple[object, ...] | None:
    rows = place.query_as_reader(
        f"select {columns} from bi.restatement"
        f" where (indicator_code, area_code, period_code) = ('{INDICATOR}', '{area}', '{period}')"
    )
    return rows[0] if rows else None


@pytest.fixture(scope="module")
def changed(make_place: MakePlace, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Release 1 of January, and after it a correction, a late document, a withdrawal, changed rules, and rows that vanished."""
    folder = tmp_path_factory.mktemp("restatements")
    project = folder / "dbt_project"
    shutil.copytree(PROJECT_ROOT / "dbt_project", project, ignore=shutil.ignore_patterns("target", "logs"))
    (folder / "release_rules.yml").write_text(LENIENT, encoding="utf-8")
    made = make_place("restatements", project)
    made = replace(made, settings=replace(made.settings, release_rules=folder / "release_rules.yml"))
    with psycopg.connect(made.admin_url) as connection:
        numbers = {unit: load(connection, unit, 4) for unit in TOWNS if unit != LATE}
        connection.execute("update ops.submission set contract_sha256 = 'old'")
    build(made)
    publish(made)
    with psycopg.connect(made.admin_url) as connection:
        for unit in (CORRECTED, VALIDATED_AGAIN):
            raw_rows.supersede(connection, "home_visit", numbers[unit])
        load(connection, CORRECTED, 5)
        load(connection, LATE, 3)
        raw_rows.supersede(connection, "home_visit", numbers[WITHDRAWN])
        connection.execute("update ops.submission set state = 'withdrawn' where submission_id = %s", (numbers[WITHDRAWN],))
        again = load(connection, VALIDATED_AGAIN, 2)
        connection.execute(
            "update ops.submission set contract_sha256 = 'new',"
            " sha256 = (select sha256 from ops.submission where submission_id = %s) where submission_id = %s",
            (numbers[VALIDATED_AGAIN], again),
        )
        connection.execute(
            "update raw.home_visit set _superseded_at = now() where _submission_id = %s and _row = 2", (numbers[VANISHED],)
        )
        connection.execute(
            "insert into ops.issue (submission_id, report, unit_code, severity, rule, message_en, message_zh, issue_key)"
            " values (%s, 'home_visit', %s, 'warning', 'gone_from_source', 'gone', '已不存在', 'gone')",
            (numbers[VANISHED], VANISHED),
        )
        load(connection, CORRECTED, 7, "2023-02")
    build(made)
    for build_id, day in enumerate(DAYS, start=1):
        made.execute("update ops.build set ended_at = %s where build_id = %s", f"{day} 15:00:00+08", build_id)
    return made


@pytest.mark.parametrize(
    ("unit", "published", "now", "causes", "rows"),
    [
        (CORRECTED, 4, 5, ["correction"], 1),
        (LATE, 0, 3, ["late_document"], 3),
        (WITHDRAWN, 4, 0, ["withdrawal"], 4),
        (VALIDATED_AGAIN, 4, 2, ["rule_change"], 2),
        (VANISHED, 4, 3, ["withdrawal"], 1),
        ("4413", 16, 13, ["withdrawal", "late_document", "rule_change", "correction"], 11),
    ],
)
def test_each_change_has_its_cause(changed: Place, unit: str, published: int, now: int, causes: list[str], rows: int) -> None:
    columns = "published_value, current_value, value_delta, cause, causes, changed_rows_count, release_number"
    for area in (unit, TOWNS.get(unit, unit)):
        assert restatement(changed, area, columns) == (published, now, now - published, causes[0], causes, rows, 1)


def test_the_submissions_behind_a_restatement_are_named(changed: Place) -> None:
    found = restatement(changed, CORRECTED, "submission_ids, source_uris")
    assert found is not None
    uri = f"sftp://office/home_visit/{MONTH}/{CORRECTED}.xlsx"
    current = changed.query(
        "select max(submission_id) from ops.submission where unit_code = %s and period = %s", CORRECTED, MONTH
    )[0][0]
    assert found == ([current], [uri]), "rows that came again with the same content caused nothing"
    assert restatement(changed, CORRECTED, "cause", "2023-02") is None, "what was never released is not restated"


def test_a_day_has_what_was_known_at_its_end_and_agrees_with_its_release(changed: Place) -> None:
    settings = changed.settings
    before, after = (queries.figures_as_of(settings, day, indicator=INDICATOR, period=MONTH) for day in DAYS)
    assert before == queries.figures_of_release(settings, 1, indicator=INDICATOR, period=MONTH)
    assert {row["area_code"]: row["value"] for row in before}["4413"] == 16
    now = {row["area_code"]: row["value"] for row in queries.figures(settings, indicator=INDICATOR, period=MONTH)}
    assert {row["area_code"]: row["value"] for row in after} == now and now["4413"] == 13
    assert queries.figures_as_of(settings, DAYS[1] - dt.timedelta(days=1), area=CORRECTED, period=MONTH) == [
        row for row in queries.figures_as_of(settings, DAYS[0], area=CORRECTED) if row["period"] == MONTH
    ]


def test_what_no_build_knew_is_refused(changed: Place) -> None:
    with pytest.raises(queries.NotKnown, match=r"2023-02-09.*the first one: 2023-02-10 15:00"):
        queries.figures_as_of(changed.settings, DAYS[0] - dt.timedelta(days=1), area="4413")
    for number in (0, 2):
        with pytest.raises(queries.NotKnown, match=f"no release {number}; the newest is 1"):
            queries.figures_of_release(changed.settings, number, area="4413")


def test_the_function_of_bi_answers_a_reader_and_shows_what_was_disclosed(changed: Place) -> None:
    known = (
        "select value from bi.indicator_value_as_of('{} {}+08')"
        " where (indicator_code, area_code, period_code) = ('{}', '{}', '{}')"
    )
    for time, value in (("14:59:59", []), ("15:00", [(16,)])):
        assert changed.query_as_reader(known.format(DAYS[0], time, INDICATOR, "4413", MONTH)) == value
    sensitive = changed.query("select indicator_code from core.indicators where sensitivity is not null order by 1 limit 1")[0][0]
    for build_id, value in ((1, 3), (2, 12)):
        changed.execute(
            "insert into indicators.superseded_value (indicator_code, area_code, period_code, value, since_build, until_build)"
            " values (%s, '4413', '2000-01', %s, %s, %s)",
            *(sensitive, value, build_id, build_id + 1),
        )
    changed.execute("insert into ops.build (data_fingerprint, ended_at) values ('', now())")
    changed.execute(
        "insert into ops.disclosed_value (measure_code, series_code, period_code, basis, value, opened_build, closed_build)"
        " values (%s, '4413', '2000-01', 'value', 12, 2, 3)",
        sensitive,
    )
    found = [changed.query_as_reader(known.format(day, "15:00", sensitive, "4413", "2000-01")) for day in DAYS]
    changed.execute("delete from ops.build where build_id = 3")
    changed.execute("delete from indicators.superseded_value where period_code = '2000-01'")
    changed.execute("set session_replication_role = replica; delete from ops.disclosed_value where period_code = '2000-01'")
    assert found == [[(None,)], [(12,)]]


def command(place: Place, monkeypatch: pytest.MonkeyPatch, *words: str) -> tuple[int, str]:
    for module in ("loaders.commands.queries.reading_settings", "loaders.commands.arguments.reading_settings"):
        monkeypatch.setattr(module, lambda: place.settings)
    monkeypatch.setattr("loaders.commands.release.stack_settings", lambda: place.settings)
    done = CliRunner().invoke(app, list(words))
    return done.exit_code, done.output


def test_the_command_prints_former_figures(changed: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    choice = ("--indicator", INDICATOR, "--period", MONTH, "--json")
    for words, value in ((("--as-of", str(DAYS[0])), 16), (("--release", "1"), 16), (("--as-of", str(DAYS[1])), 13)):
        code, shown = command(changed, monkeypatch, "figures", *words, *choice)
        assert code == 0, shown
        assert [Decimal(row["value"]) for row in json.loads(shown) if row["area_code"] == "4413"] == [value]


@pytest.mark.parametrize(
    "words",
    [
        ("--as-of", "2023-02-30", "--area", "4413"),
        ("--as-of", "2000-01-01", "--area", "4413"),
        ("--release", "9", "--area", "4413"),
        ("--release", "1"),
        ("--release", "1", "--as-of", "2023-07-01", "--area", "4413"),
    ],
)
def test_wrong_questions_about_the_past_end_in_one_message(
    changed: Place, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    code, shown = command(changed, monkeypatch, "figures", *words)
    assert code == 2 and "Traceback" not in shown


def test_words_of_a_person_stand_beside_a_restatement_and_in_drafts(changed: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    where = ("--indicator", INDICATOR, "--area", CORRECTED, "--period", MONTH)
    for words in ("先前的说明", "补报一户，电话 13802341234"):
        code, shown = command(changed, monkeypatch, "release", "note", *where, "--why", words, "--by", "李四")
        assert code == 0, shown
    found = restatement(changed, CORRECTED, "note, noted_by")
    assert found is not None and str(found[0]).startswith("补报一户") and "13802341234" not in str(found[0])
    assert found[1] == "李四"
    draft = releases.prepare(changed.settings, Period.parse("2023-02"))
    page = releases.draft_page(changed.settings, draft)
    (row,) = (line for line in page.splitlines() if f"| {INDICATOR} | {CORRECTED} | {MONTH} | value |" in line)
    assert f"| 4 | 5 | 更正 | sftp://office/home\\_visit/{MONTH}/{CORRECTED}.xlsx | 补报一户" in row
    code, shown = command(changed, monkeypatch, "release", "show", str(draft), "--json")
    summary = json.loads(shown)["summary"]
    (listed,) = (
        one for one in summary["restatements"] if (one["indicator"], one["area"], one["period"]) == (INDICATOR, LATE, MONTH)
    )
    assert (listed["causes"], listed["rows"], listed["note"]) == (["late_document"], 3, None)
    with pytest.raises(CannotBeReleased, match="never released"):
        releases.note(changed.settings, ValueKey(INDICATOR, CORRECTED, "2023-02"), by="李四", reason="x")
    with psycopg.connect(changed.settings.warehouse_url) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("update release.note set reason = ''")


def test_a_release_keeps_the_number_of_its_build(changed: Place) -> None:
    (release,) = ReleaseLog(changed.settings.warehouse_url).releases()
    assert release.build_id == 1
    assert releases.verify_releases(changed.settings)[0] == []


def test_a_changed_dictionary_is_a_cause_and_a_release_ends_all_restatements(changed: Place) -> None:
    """Runs last: it publishes, and changes the dictionary."""
    publish(changed, "2023-02")
    assert changed.query_as_reader("select from bi.restatement") == []
    dictionary = Path(changed.settings.dbt_project) / "seeds" / "indicators.csv"
    text = dictionary.read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if line.startswith(INDICATOR))
    assert ",flow,1," in line
    dictionary.write_text(text.replace(line, line.replace(",flow,1,", ",flow,2,")), encoding="utf-8")
    build(changed)
    assert restatement(changed, "4413", "published_value, current_value, causes, submission_ids, release_number") == (
        *(13, Decimal("6.5"), ["dictionary_change"], None),
        2,
    )
    assert restatement(changed, "4413", "published_value, current_value", "2023-02") == (7, Decimal("3.5"))
    assert changed.query_as_reader("select distinct indicator_code from bi.restatement") == [(INDICATOR,)]
