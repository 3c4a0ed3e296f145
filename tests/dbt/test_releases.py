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
from loaders.period import Period
from loaders.release import release_hash
from loaders.settings import PROJECT_ROOT, Settings
from loaders.warehouse import Warehouse
from loaders.warehouse.releases import CannotBeReleased, ReleaseLog
from tests.dbt import raw_rows
from tests.dbt.conftest import MakePlace, Place

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]
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


def test_every_hash_agrees_and_the_exported_head_is_known(released: Place) -> None:
    errors, head = releases.verify_releases(released.settings)
    log = ReleaseLog(released.settings.warehouse_url)
    assert errors == [] and head == release_hash(log.releases()[-1]) == log.stored_hashes()[2]
    assert releases.verify_releases(released.settings, release_hash(log.releases()[0]))[0] == []
    assert "no release has the hash" in releases.verify_releases(released.settings, "0" * 64)[0][0]


@pytest.mark.parametrize("table", ["draft", "returned_draft", "release", "value", "submission"])
@pytest.mark.parametrize("statement", ["update release.{} set {} = {}", "delete from release.{}", "truncate release.{} cascade"])
def test_no_role_can_change_what_is_frozen(released: Place, table: str, statement: str) -> None:
    column = {"returned_draft": "reason", "draft": "period_code"}.get(table, "release_number")
    text = statement.format(table, column, column)
    for url in (released.settings.warehouse_url, released.settings.transformer_url, released.reader_url):
        with psycopg.connect(url) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(text)
    with psycopg.connect(released.admin_url) as connection, pytest.raises(psycopg.Error, match="is frozen"):
        connection.execute(text)


@pytest.fixture
def superuser(released: Place) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """One who switches the triggers off; what is done is rolled back by copying back."""
    with psycopg.connect(released.admin_url, autocommit=True) as connection:
        connection.execute("set session_replication_role = replica")
        yield connection


@pytest.mark.parametrize(
    ("change", "back", "named"),
    [
        (
            "update release.value set value = value + 1 where release_number = 1",
            "update release.value set value = value - 1 where release_number = 1",
            "release 1: its values",
        ),
        (
            "update release.submission set sha256 = reverse(sha256) where release_number = 2",
            "update release.submission set sha256 = reverse(sha256) where release_number = 2",
            "release 2: its list of submissions",
        ),
        (
            "update release.release set approved_by = '李' where release_number = 1",
            "update release.release set approved_by = '王科长' where release_number = 1",
            "release 1: its header",
        ),
    ],
)
def test_tampering_is_named(
    released: Place, superuser: psycopg.Connection[tuple[object, ...]], change: str, back: str, named: str
) -> None:
    superuser.execute(change)
    try:
        errors, _ = releases.verify_releases(released.settings)
    finally:
        superuser.execute(back)
    assert any(error.startswith(named) for error in errors), errors
    assert releases.verify_releases(released.settings)[0] == []


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
