"""A release from draft to frozen values, on a real warehouse with dbt's own tables, by each role."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import psycopg
import pyarrow.parquet as pa_parquet
import pytest
from typer.testing import CliRunner

from loaders import pipeline
from loaders.arrival import ReleaseDecision
from loaders.cli import app
from loaders.landing import read_records
from loaders.operations import releases
from loaders.operations.ledger_rebuild import RebuildRefused, rebuild_ledger
from loaders.operations.releases.drafting import summary_of
from loaders.operations.releases.scope import Scope
from loaders.period import Period
from loaders.release import release_hash
from loaders.settings import PROJECT_ROOT, Settings
from loaders.warehouse import Warehouse
from loaders.warehouse.releases import CannotBeReleased, ReleaseLog
from tests.dbt import raw_rows
from tests.dbt.conftest import MakePlace, Place

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.timeout(600)]
TOWN = "441302112"
LENIENT = "minimum_reporting_rate_pct: 0\nrequire_current_contracts: false\nmaximum_outside_published: 99\n"


@pytest.fixture(scope="module")
def place(make_place: MakePlace, tmp_path_factory: pytest.TempPathFactory) -> Place:
    made = make_place("releases", PROJECT_ROOT / "dbt_project")
    rules = tmp_path_factory.mktemp("rules") / "release_rules.yml"
    rules.write_text(LENIENT, encoding="utf-8")
    return replace(made, settings=replace(made.settings, release_rules=rules))


@pytest.fixture(scope="module")
def released(place: Place) -> Place:
    """Two releases: January, then February, by which January was corrected from 2 visits to 3."""
    load_visits(place, "2023-01", 2)
    publish(place, "2023-01", "第一次")
    with psycopg.connect(place.admin_url) as connection:
        raw_rows.supersede(connection, "home_visit", 1)
    load_visits(place, "2023-01", 3)
    load_visits(place, "2023-02", 5)
    publish(place, "2023-02", "第二次")
    return place


def load_visits(place: Place, month: str, count: int, first: int = 0) -> None:
    visits = [
        raw_rows.visit(f"V{month}{number}", TOWN, dt.date.fromisoformat(f"{month}-02"), 1)
        for number in range(first, first + count)
    ]
    with psycopg.connect(place.admin_url) as connection:
        raw_rows.load(connection, "home_visit", "441302", month, visits)
    pipeline.cross_check(place.settings)
    pipeline.build(place.settings)


def publish(place: Place, period: str, reason: str) -> None:
    draft = releases.prepare(place.settings, Period.parse(period))
    releases.publish(place.settings, draft, by="王科长", reason=reason)


def released_value(place: Place, number: int, period: str, column: str = "value") -> Decimal | None:
    rows = place.query_as_reader(
        f"select {column} from bi.release_value where (release_number, indicator_code, area_code, period_code)"
        f" = ({number}, 'SW-HV-01', '4413', '{period}')"
    )
    assert len(rows) <= 1
    found: Decimal | None = rows[0][0] if rows else None
    return found


def test_each_release_serves_what_was_published_then(released: Place) -> None:
    assert released_value(released, 1, "2023-01") == 2
    assert released_value(released, 1, "2023-02") is None
    assert released_value(released, 2, "2023-01") == 3
    assert released_value(released, 2, "2023-02") == 5
    assert released_value(released, 2, "2023-02", "ytd") == 8
    assert released.query_as_reader("select release_number, period_code, approved_by, reason from bi.release order by 1") == [
        (1, "2023-01", "王科长", "第一次"),
        (2, "2023-02", "王科长", "第二次"),
    ]


def test_a_release_holds_only_what_it_adds_or_changes(released: Place) -> None:
    log = ReleaseLog(released.settings.warehouse_url)
    assert {value.period_code for value in log.values_of(1)} == {"2023-01"}
    restated = {value.key for value in log.values_of(2) if value.period_code == "2023-01"}
    assert ("SW-HV-01", "4413", "2023-01") in restated and ("SW-HV-01", "441322", "2023-01") not in restated
    assert [one.period_code for one in log.submissions_of(1)] == ["2023-01"]
    assert sorted(one.period_code or "" for one in log.submissions_of(2)) == ["2023-01", "2023-02"]


def test_who_reported_was_accepted_and_approved_are_three_facts(released: Place) -> None:
    """As BI reads it, through views on the ledger: by the calendar, with the release that approved what counts now."""
    found = released.query_as_reader(
        "select unit_code, period_code, status, is_received, is_accepted, approved_release_number from bi.reporting_status "
        "where report = 'home_visit' and unit_code in ('441302', '441303') and period_code between '2023-01' and '2023-03' "
        "order by 1, 2"
    )
    assert found == [
        ("441302", "2023-01", "accepted", True, True, 2),
        ("441302", "2023-02", "accepted", True, True, 2),
        ("441302", "2023-03", "missing", False, False, None),
        ("441303", "2023-01", "missing", False, False, None),
        ("441303", "2023-02", "missing", False, False, None),
        ("441303", "2023-03", "missing", False, False, None),
    ]
    rates = released.query_as_reader(
        "select area_code, expected_units_count, received_units_count, approved_units_count, reporting_rate_pct "
        "from bi.reporting_rate where report = 'home_visit' and period_code = '2023-01' "
        "and area_code in ('4413', '441302', '441303', 'HZ-ZK') order by 1"
    )
    assert rates == [
        ("4413", 7, 1, 1, Decimal("14.3")),
        ("441302", 1, 1, 1, Decimal("100.0")),
        ("441303", 1, 0, 0, Decimal("0.0")),
        ("HZ-ZK", 1, 0, 0, Decimal("0.0")),
    ]


def test_a_draft_lists_all_that_did_not_come(released: Place) -> None:
    summary = summary_of(released.settings, Period.parse("2023-02"), Scope([], []))
    (rate,) = [row for row in summary["rates"] if row["report"] == "home_visit"]
    assert (rate["period"], rate["expected"], rate["received"]) == ("2023-02", 7, 1)
    (missing,) = [row for row in summary["missing"] if row["report"] == "home_visit"]
    assert missing["units"] == ["441303", "441322", "441323", "441324", "HZ-DYW", "HZ-ZK"]


def test_every_hash_agrees_and_the_exported_head_is_known(released: Place) -> None:
    errors, head = releases.verify_releases(released.settings)
    log = ReleaseLog(released.settings.warehouse_url)
    assert errors == [] and head == release_hash(log.releases()[-1]) == log.stored_hashes()[2]
    assert releases.verify_releases(released.settings, release_hash(log.releases()[0]))[0] == []
    assert "no release has the hash" in str(releases.verify_releases(released.settings, "0" * 64)[0][0])


@pytest.mark.parametrize("table", ["draft", "returned_draft", "release", "value", "submission", "note"])
@pytest.mark.parametrize("statement", ["update release.{} set {} = {}", "delete from release.{}", "truncate release.{} cascade"])
def test_no_role_can_change_what_is_frozen(released: Place, table: str, statement: str) -> None:
    column = {"returned_draft": "reason", "draft": "period_code"}.get(table, "release_number")
    text = statement.format(table, column, column)
    for url in (released.settings.warehouse_url, released.settings.transformer_url, released.reader_url):
        with psycopg.connect(url) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(text)
    with psycopg.connect(released.admin_url) as connection, pytest.raises(psycopg.Error, match="is frozen"):
        connection.execute(text)


_FROZEN = ("release", "value", "submission")


@pytest.fixture
def superuser(released: Place) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """One who switches the triggers off; what is done is undone by copying back."""
    with psycopg.connect(released.admin_url, autocommit=True) as connection:
        connection.execute("set session_replication_role = replica")
        for table in _FROZEN:
            connection.execute(f"create temp table kept_{table} as table release.{table}")
        yield connection
        for table in _FROZEN:
            connection.execute(f"delete from release.{table}")
            connection.execute(f"insert into release.{table} table kept_{table}")
    assert releases.verify_releases(released.settings)[0] == []


REHASH = "update release.release set release_hash = %s, previous_hash = %s where release_number = %s"


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("update release.value set value = value + 1 where release_number = 1", "release 1: its values"),
        ("delete from release.value where release_number = 2 and period_code = '2023-01'", "release 2: its values"),
        ("update release.submission set sha256 = reverse(sha256) where release_number = 2", "release 2: its list of submissions"),
        ("update release.release set approved_by = '李' where release_number = 1", "release 1: its header"),
        ("update release.release set approved_by = '李' where release_number = 1", "release 2: it does not follow"),
        (
            "update release.release set decided_at = decided_at - interval '1 day' where release_number = 1",
            "release 1: its header",
        ),
        ("update release.release set decided_in = 'elsewhere' where release_number = 2", "release 2: its header"),
        ("update release.release set build_id = build_id + 1 where release_number = 1", "release 1: its header"),
        ("update release.release set previous_hash = release_hash where release_number = 2", "release 2: it does not follow"),
        ("update release.release set release_hash = 'forged' where release_number = 2", "release 2: its header"),
        ("delete from release.release where release_number = 1", "release 1: it is missing"),
    ],
)
def test_tampering_is_named(released: Place, superuser: psycopg.Connection[tuple[object, ...]], change: str, named: str) -> None:
    assert superuser.execute(change).rowcount >= 1
    errors, _ = releases.verify_releases(released.settings)
    assert any(str(error).startswith(named) for error in errors), errors


def test_a_last_release_that_is_cut_off_is_named_against_its_exported_hash(
    released: Place, superuser: psycopg.Connection[tuple[object, ...]]
) -> None:
    head = ReleaseLog(released.settings.warehouse_url).stored_hashes()[2]
    for table in _FROZEN:
        superuser.execute(f"delete from release.{table} where release_number = 2")
    assert releases.verify_releases(released.settings)[0] == [], "what is left is a chain by itself"
    (error,) = releases.verify_releases(released.settings, head)[0]
    assert head in error.what and error.expected == head


def test_a_chain_that_is_rewritten_to_its_end_is_named_against_an_exported_hash(
    released: Place, superuser: psycopg.Connection[tuple[object, ...]]
) -> None:
    log = ReleaseLog(released.settings.warehouse_url)
    first, second = log.releases()
    head = release_hash(second)
    forged = replace(first, approved_by="李")
    after = replace(second, previous_hash=release_hash(forged))
    superuser.execute("update release.release set approved_by = '李' where release_number = 1")
    for release in (forged, after):
        superuser.execute(REHASH, (release_hash(release), release.previous_hash, release.release_number))
    assert releases.verify_releases(released.settings)[0] == []
    assert [error.expected for error in releases.verify_releases(released.settings, head)[0]] == [head]


@pytest.mark.parametrize(
    "statement",
    [
        "alter table release.value disable trigger frozen",
        "drop trigger frozen on release.value",
        "drop table release.value",
        "alter table release.release rename to other",
        "set session_replication_role = replica",
    ],
)
def test_no_role_can_take_the_protection_away(released: Place, statement: str) -> None:
    for url in (released.settings.warehouse_url, released.settings.transformer_url, released.reader_url):
        with psycopg.connect(url) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement)


def test_a_release_is_exported_whole_and_the_same_each_time(
    released: Place, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    code, shown = command(released, monkeypatch, "export", "1", "--to", str(tmp_path / "first"))
    assert code == 0, shown
    assert command(released, monkeypatch, "export", "1", "--to", str(tmp_path / "second"))[0] == 0
    assert command(released, monkeypatch, "export", "1", "--to", str(tmp_path / "first"))[0] == 2
    assert command(released, monkeypatch, "export", "9", "--to", str(tmp_path / "ninth"))[0] == 2
    folder = tmp_path / "first"
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {
        path.name: path.read_bytes() for path in (tmp_path / "second").iterdir()
    }
    for line in (folder / "SHA256SUMS").read_text(encoding="utf-8").splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
    (row,) = (
        row
        for row in csv.DictReader((folder / "values.csv").open(encoding="utf-8", newline=""))
        if (row["indicator_code"], row["area_code"], row["period_code"]) == ("SW-HV-01", "4413", "2023-01")
    )
    assert Decimal(row["value"]) == 2
    assert pa_parquet.read_table(folder / "values.parquet").num_rows == len(
        released.query_as_reader("select from bi.release_value where release_number = 1")
    )
    assert "dataflow,HUIMIN:INDICATORS(1.0),I,SW-HV-01,4413,2023-01,value,2\n" in (folder / "sdmx.csv").read_text(
        encoding="utf-8"
    )
    header = json.loads((folder / "release.json").read_text(encoding="utf-8"))
    assert releases.verify_releases(released.settings, header["release_hash"])[0] == []


def test_nothing_new_is_no_release(released: Place) -> None:
    draft = releases.prepare(released.settings, Period.parse("2023-02"))
    with pytest.raises(CannotBeReleased, match="nothing to publish"):
        releases.publish(released.settings, draft, by="王", reason="x")


def test_values_that_changed_after_the_draft_are_not_published(released: Place) -> None:
    load_visits(released, "2023-03", 1)
    draft = releases.prepare(released.settings, Period.parse("2023-03"))
    load_visits(released, "2023-03", 1, first=1)
    with pytest.raises(CannotBeReleased, match="values changed since draft"):
        releases.publish(released.settings, draft, by="王", reason="x")
    assert len(ReleaseLog(released.settings.warehouse_url).releases()) == 2


def test_a_decision_is_made_once(released: Place) -> None:
    draft = releases.prepare(released.settings, Period.parse("2023-03"))
    releases.return_draft(released.settings, draft, by="王", reason="缺一份")
    with pytest.raises(CannotBeReleased, match="was returned"):
        releases.publish(released.settings, draft, by="王", reason="x")
    with pytest.raises(CannotBeReleased, match="published already, as release 1"):
        releases.return_draft(released.settings, 1, by="王", reason="x")
    with pytest.raises(CannotBeReleased, match="no draft 999"):
        releases.return_draft(released.settings, 999, by="王", reason="x")


def test_decisions_are_in_the_ledger_and_the_landing_and_a_rebuilt_ledger_has_them(
    released: Place, make_place: MakePlace
) -> None:
    kept = [record for _, record in read_records(released.settings.landing) if isinstance(record, ReleaseDecision)]
    published = [("publish", "第一次", "王科长"), ("publish", "第二次", "王科长")]
    assert [(one.decision, one.why, one.by) for one in kept[:2]] == published
    assert ("return", "缺一份", "王") in [(one.decision, one.why, one.by) for one in kept]
    hashes = ReleaseLog(released.settings.warehouse_url).stored_hashes()
    assert [(one.release_number, one.release_hash) for one in kept[:2]] == sorted(hashes.items())
    known = [record for record in Warehouse(released.settings.warehouse_url).records() if isinstance(record, ReleaseDecision)]
    assert known == kept
    with psycopg.connect(released.admin_url) as connection, pytest.raises(psycopg.Error, match="append-only"):
        connection.execute("update ops.release_decision set reason = 'x'")
    other = make_place("rebuilt_releases", PROJECT_ROOT / "dbt_project").settings
    # The documents of this module were put straight into the ledger: the landing has decisions alone.
    with pytest.raises(RebuildRefused, match="no record of an arrival"):
        rebuild_ledger(replace(released.settings, warehouse_url=other.warehouse_url))
    rebuilt = [record for record in Warehouse(other.warehouse_url).records() if isinstance(record, ReleaseDecision)]
    assert rebuilt == kept


def test_a_decision_that_could_not_be_kept_is_none(released: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    draft = releases.prepare(released.settings, Period.parse("2023-03"))
    monkeypatch.setattr("loaders.operations.releases.publishing.write_record", full)
    for decide in (releases.publish, releases.return_draft):
        with pytest.raises(OSError, match="No space"):
            decide(released.settings, draft, by="王", reason="x")
    log = ReleaseLog(released.settings.warehouse_url)
    assert log.draft(draft).state == "open" and len(log.releases()) == 2


def command(place: Place, monkeypatch: pytest.MonkeyPatch, *words: str) -> tuple[int, str]:
    settings: Settings = place.settings
    monkeypatch.setattr("loaders.commands.release.stack_settings", lambda: settings)
    done = CliRunner().invoke(app, ["release", *words])
    return done.exit_code, done.output


def test_the_commands_show_why_a_draft_must_not_be_published(
    released: Place, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    strict = replace(released, settings=replace(released.settings, release_rules=tmp_path / "none.yml"))
    code, shown = command(strict, monkeypatch, "prepare", "--period", "2023-03", "--json")
    draft = json.loads(shown)
    assert code == 0 and draft["state"] == "open"
    assert any("home_visit 2023-03: 1 of" in reason for reason in draft["objections"])
    assert any("home_visit" in reason and "before its contract changed" in reason for reason in draft["objections"])
    code, shown = command(strict, monkeypatch, "publish", str(draft["draft_id"]), "--why", "同意", "--by", "王")
    assert code == 2 and "must not be published" in shown
    code, shown = command(released, monkeypatch, "publish", str(draft["draft_id"]), "--why", "同意", "--by", "王")
    assert code == 0 and "release 3 of 2023-03 is published and frozen" in shown
    assert json.loads(command(released, monkeypatch, "list", "--json")[1])["releases"][2]["approved_by"] == "王"


@pytest.mark.parametrize(
    "words",
    [("show", "999"), ("prepare", "--period", "2023-13"), ("publish", "1", "--why", " "), ("publish", "999", "--why", "x")],
)
def test_wrong_words_are_one_line(released: Place, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]) -> None:
    code, shown = command(released, monkeypatch, *words)
    assert code == 2 and "Traceback" not in shown


OPEN = "minimum_reporting_rate_pct: 0\nrequire_current_contracts: {}\nmaximum_outside_published: {}\n"


@pytest.mark.parametrize(
    ("rules", "refused"),
    [
        ("minimum_reporting_rate_pct: 95\nrequire_current_contracts: false\nmaximum_outside_published: 99\n", "units reported"),
        (OPEN.format("true", 99), "validated before its contract changed"),
        (OPEN.format("false", 0), "published figures with which ours do not agree"),
    ],
)
def test_each_precondition_refuses_alone(released: Place, tmp_path: Path, rules: str, refused: str) -> None:
    path = tmp_path / "rules.yml"
    path.write_text(rules, encoding="utf-8")
    settings = replace(released.settings, release_rules=path)
    if not has_month(released, "2023-12"):
        load_visits(released, "2023-12", 1)
    draft = releases.prepare(settings, Period.parse("2023-12"))
    before = ReleaseLog(settings.warehouse_url).releases()
    with pytest.raises(CannotBeReleased) as error:
        releases.publish(settings, draft, by="王", reason="同意")
    lines = [line for line in str(error.value).splitlines() if line.startswith("- ")]
    assert lines and all(refused in line for line in lines), error.value
    assert "不具备发布条件" in str(error.value), "in both languages"
    log = ReleaseLog(settings.warehouse_url)
    assert log.releases() == before and log.draft(draft).state == "open"


def has_month(place: Place, month: str) -> bool:
    return bool(place.query("select from ops.submission where period = %s", month))


def test_the_page_of_a_draft_tells_what_changed_and_by_which_documents(released: Place) -> None:
    with psycopg.connect(released.admin_url) as connection:
        (first,) = connection.execute(
            "select max(submission_id) from ops.submission where period = '2023-01' and state = 'accepted'"
        ).fetchall()[0]
        raw_rows.supersede(connection, "home_visit", first)
    load_visits(released, "2023-01", 4)
    draft = releases.prepare_draft(released.settings, "2023-03")
    page = releases.draft_page(released.settings, draft)
    row = "| SW-HV-01 | 4413 | 2023-01 | value | 3 | 4 | 更正 | sftp://office/home\\_visit/2023-01/441302.xlsx | — |"
    assert row in page
    assert "| home\\_visit | 441302 | 2023-01 | sftp://office/home\\_visit/2023-01/441302.xlsx | 新到 |" in page
    assert "| 撤下 |" in page and "### 未报单位" in page and "### 目标完成情况" in page
    assert releases.draft_subject(released.settings, draft) == f"2023-03 指标发布稿 {draft}：是否批准发布？"


def test_an_answer_is_recorded_once_and_holds_no_personal_number(released: Place) -> None:
    draft = ReleaseLog(released.settings.warehouse_url).draft(None).draft_id
    at = dt.datetime(2024, 1, 9, 8, 30, tzinfo=dt.UTC)
    answer = releases.Answer("王科长", "同意，有事请拨 13802341234", at, "Airflow: manual__1, user 2")
    for _ in range(2):
        releases.record_approval(released.settings, draft, answer)
    release = ReleaseLog(released.settings.warehouse_url).releases()[-1]
    assert (release.approved_by, release.decided_at, release.decided_in) == ("王科长", at, answer.place)
    (shown,) = released.query_as_reader("select reason from bi.release order by release_number desc limit 1")[0]
    assert shown.startswith("同意") and "13802341234" not in shown
    with pytest.raises(CannotBeReleased, match="published already"):
        releases.record_return(released.settings, draft, replace(answer, place="Airflow: manual__2, user 2"))
