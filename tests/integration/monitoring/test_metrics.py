"""What the metrics say is what the ledger holds; who may read them is decided by the access file; nothing names a unit."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient
from typer.testing import CliRunner

from loaders.cli import app
from loaders.messages import phrase
from loaders.monitoring.metric_definitions import NAMES
from loaders.monitoring.metrics import metrics_text, sources_of
from loaders.pages.access.access_file import access_file
from loaders.pages.access.viewer import ANYONE
from loaders.pages.app import create_app
from loaders.release.program_revision import git_revision
from loaders.settings import Settings
from loaders.warehouse import Warehouse

pytestmark = pytest.mark.integration

LABELS = {"report", "state", "outcome", "severity", "channel", "kind", "source", "le", "revision"}
Samples = Mapping[tuple[str, frozenset[tuple[str, str]]], float]


def samples_of(text: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def scraped(settings: Settings) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    return samples_of(metrics_text(sources_of(settings))[0].decode())


def one(samples: Samples, name: str, **labels: str) -> float:
    return samples[name, frozenset(labels.items())]


def query(settings: Settings, text: str) -> list[tuple[object, ...]]:
    with psycopg.connect(settings.warehouse_url) as connection:
        return connection.execute(text).fetchall()


def test_documents_and_rows_are_those_of_the_ledger(loaded: Settings) -> None:
    samples = scraped(loaded)
    (status,) = (row for row in Warehouse(loaded.warehouse_url).status() if row["report"] == "home_visit")
    for state in ("accepted", "accepted_with_rejects", "rejected"):
        wanted = frozenset({"report": "home_visit", "state": state}.items())
        assert samples.get(("huimin_documents", wanted), 0) == status[state]
    outcomes = dict.fromkeys(("loaded", "quarantined", "furniture"), 0)
    for row in Warehouse(loaded.warehouse_url).account():
        for outcome in outcomes:
            outcomes[outcome] += row[f"rows_{outcome}"]
    assert {o: one(samples, "huimin_rows", report="home_visit", outcome=o) for o in outcomes} == outcomes
    assert outcomes["loaded"] and outcomes["quarantined"] and outcomes["furniture"]


def test_issues_and_obligations_are_counted_as_the_views_count_them(loaded: Settings) -> None:
    samples = scraped(loaded)
    issues = query(loaded, "select severity, count(*), min(opened_at) from ops.issue_state where is_open group by 1")
    assert issues
    assert {s for s in samples if s[0] == "huimin_open_issues"} == {
        ("huimin_open_issues", frozenset({("severity", str(severity))})) for severity, *_ in issues
    }
    for severity, count, oldest in issues:
        assert one(samples, "huimin_open_issues", severity=str(severity)) == count
        assert one(samples, "huimin_oldest_open_issue_timestamp_seconds", severity=str(severity)) == oldest.timestamp()  # type: ignore[attr-defined]
    overdue = query(loaded, "select report, count(*) from ops.missing_submission group by 1")
    assert overdue
    for report, count in overdue:
        assert one(samples, "huimin_overdue_obligations", report=str(report)) == count


def test_an_issue_that_is_corrected_and_a_unit_that_declares_are_counted_no_more(settings: Settings) -> None:
    from tests.support.warehouse.file_drop import load, put, visits

    put(settings, "home_visit/2023-05/441302_记录.csv", visits(range(9)).replace(b"TF1,2023-05-04", b"TF1,2023-15-04"))
    load("home_visit", settings)
    before = scraped(settings)
    assert one(before, "huimin_open_issues", severity="error") > 0
    put(settings, "home_visit/2023-05/441302_记录.csv", visits(range(9)))
    load("home_visit", settings)
    with psycopg.connect(settings.warehouse_url) as connection:
        connection.execute(
            "insert into ops.declaration (report, unit_code, period, decision, reason, decided_by)"
            " select report, unit_code, period, 'nothing_to_report', 'r', 'b' from ops.missing_submission limit 1"
        )
    after = scraped(settings)
    assert ("huimin_open_issues", frozenset({("severity", "error")})) not in after
    assert one(before, "huimin_overdue_obligations", report="home_visit") - 1 == one(
        after, "huimin_overdue_obligations", report="home_visit"
    )
    assert query(settings, "select count(*) from ops.missing_submission") == [
        (one(after, "huimin_overdue_obligations", report="home_visit"),)
    ]


def test_every_metric_is_printed_with_its_help_and_no_label_names_a_unit(loaded: Settings) -> None:
    text = metrics_text(sources_of(loaded))[0].decode()
    families = {family.name: family for family in text_string_to_metric_families(text)}
    assert set(families) == set(NAMES)
    assert all(family.documentation == phrase(f"metric.{name}").en for name, family in families.items())
    values = {pair for family in families.values() for sample in family.samples for pair in sample.labels.items()}
    assert {name for name, _ in values} <= LABELS
    assert not [value for _, value in values - {("revision", git_revision()[:12])} if re.search(r"\d{6}|[一-鿿]|@|://", value)]


def test_load_seconds_are_a_histogram(loaded: Settings) -> None:
    samples = scraped(loaded)
    assert one(samples, "huimin_load_seconds_bucket", le="+Inf") == one(samples, "huimin_load_seconds_count") > 0
    buckets = [one(samples, "huimin_load_seconds_bucket", le=le) for le in ("1.0", "10.0", "600.0", "+Inf")]
    assert buckets == sorted(buckets)
    assert one(samples, "huimin_load_seconds_sum") > 0
    assert one(samples, "huimin_last_load_seconds") > 0


def test_a_pull_is_compared_with_the_schedule_of_its_contract(loaded: Settings) -> None:
    samples = scraped(loaded)
    labels = {"report": "home_visit", "source": "social_work_sftp"}
    pulled, due = (one(samples, f"huimin_{name}_timestamp_seconds", **labels) for name in ("last_pull", "pull_due"))
    assert pulled > due, "it was pulled just now, and due some time before"


def test_a_warehouse_that_does_not_answer_is_a_number(loaded: Settings) -> None:
    gone = replace(loaded, warehouse_url="postgresql://nobody@127.0.0.1:9/none")
    samples = scraped(gone)
    assert one(samples, "huimin_warehouse_up") == 0
    assert one(samples, "huimin_disk_free_bytes") > 0
    assert not [name for name, _ in samples if name == "huimin_documents"]


def client(settings: Settings, folder: Path, address: str, **access: object) -> TestClient:
    path = folder / "access.yml"
    path.write_text(yaml.safe_dump(access), encoding="utf-8")
    pages = create_app(settings, lambda _: ANYONE, access=access_file(path))
    return TestClient(pages, client=(address, 50_000))


@pytest.mark.parametrize(
    ("address", "metrics", "headers", "status"),
    [
        ("127.0.0.1", {}, {}, 200),
        ("::1", {}, {}, 200),
        ("::ffff:127.0.0.1", {}, {}, 200),
        ("10.0.0.7", {}, {}, 403),
        ("127.0.0.1", {}, {"x-forwarded-for": "203.0.113.9"}, 403),
        ("10.0.0.7", {"networks": ["10.0.0.0/24"]}, {}, 200),
        ("10.0.1.7", {"networks": ["10.0.0.0/24"]}, {}, 403),
        ("10.0.0.7", {"sha256": [hashlib.sha256(b"right").hexdigest()]}, {"authorization": "Bearer right"}, 200),
        ("127.0.0.1", {"sha256": [hashlib.sha256(b"right").hexdigest()]}, {"authorization": "Bearer wrong"}, 401),
        ("127.0.0.1", {"sha256": [hashlib.sha256(b"right").hexdigest()]}, {}, 401),
    ],
)
def test_who_may_read_them(
    loaded: Settings, tmp_path: Path, address: str, metrics: dict[str, object], headers: dict[str, str], status: int
) -> None:
    answer = client(loaded, tmp_path, address, metrics=metrics).get("/metrics", headers=headers)
    assert answer.status_code == status
    assert ("huimin_documents" in answer.text) is (status == 200)


def test_a_network_that_is_none_is_named(loaded: Settings, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"metrics: networks: expected a network such as 10\.0\.0\.0/24"):
        client(loaded, tmp_path, "127.0.0.1", metrics={"networks": ["all"]}).get("/metrics")


def test_prometheus_gets_openmetrics_when_it_asks(loaded: Settings, tmp_path: Path) -> None:
    asked = {"accept": "application/openmetrics-text;version=1.0.0,text/plain;q=0.5"}
    answer = client(loaded, tmp_path, "127.0.0.1").get("/metrics", headers=asked)
    assert answer.headers["content-type"].startswith("application/openmetrics-text")
    assert answer.text.endswith("# EOF\n")


def test_the_command_writes_the_same_into_a_file(loaded: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUIMIN_WAREHOUSE_URL", loaded.warehouse_url)
    monkeypatch.setenv("HUIMIN_HOME", str(loaded.home))
    target = tmp_path / "huimin.prom"
    assert CliRunner().invoke(app, ["metrics", "--output", str(target)]).exit_code == 0
    written, printed = samples_of(target.read_text()), CliRunner().invoke(app, ["metrics"])
    assert printed.exit_code == 0
    assert written.keys() == samples_of(printed.stdout).keys()
    assert [path.name for path in tmp_path.iterdir()] == ["huimin.prom"]
