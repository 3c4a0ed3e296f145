"""A contract that becomes faulty costs its own report only: its rows and issues stay, the others' rules and tables go on."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from loaders import pipeline
from loaders.contract import Report, load_contracts
from loaders.raw_schema import raw_schema
from loaders.settings import PROJECT_ROOT, Settings
from loaders.stages.contract_checks import prepare_reports
from loaders.warehouse import Warehouse
from loaders.warehouse.schema.raw_tables import LINEAGE
from tests.integration.warehouse.test_cross_rules import EXISTS, FALLS, station, visit
from tests.support.servers.smtp import SmtpServer, smtp_server
from tests.support.warehouse.cross_report_driver import MONTHLY, STATION, VISIT, CrossReportDriver, make_report

pytestmark = pytest.mark.integration
OPERATORS = "engineers@example.org"
UNSET = {"civil_affairs_api", "civil_affairs_sftp", "charity_frontend", "charity_sftp", "social_work_api"}


@pytest.fixture
def mail() -> Iterator[SmtpServer]:
    with smtp_server() as server:
        yield server


@pytest.fixture
def city(settings: Settings, mail: SmtpServer, tmp_path: Path) -> Settings:
    """The shipped contracts, to be damaged; of all connections one is set."""
    folder = tmp_path / "expectations"
    shutil.copytree(PROJECT_ROOT / "expectations", folder)
    return replace(settings, expectations=folder, smtp_url=mail.url, operators_mail=OPERATORS)


def damage(settings: Settings, report: str, text: str = "report: [") -> str:
    """Put another text into a contract; what stood there."""
    (path,) = settings.expectations.glob(f"*/{report}.yml")
    before = path.read_text(encoding="utf-8")
    path.write_text(text, encoding="utf-8")
    return before


def open_issues(city: CrossReportDriver) -> list[tuple[str, ...]]:
    return city.query("select cross_rule, found from ops.issue where resolved_at is null order by 1, 2")


@pytest.mark.parametrize("stopped", ["visit", "station", "station_month"])
def test_rules_of_a_stopped_report_and_those_that_look_into_it_stand_by_what_they_found(warehouse_url: str, stopped: str) -> None:
    reports = [make_report(STATION), make_report(VISIT, EXISTS), make_report(MONTHLY, FALLS)]
    city = CrossReportDriver(warehouse_url, *reports)
    city.send("station", station("S1"))
    city.send("visit", visit("V1", "S1"), visit("V2", "S9"))
    month = {"period_month": "2023-01", "station_code": "S1", "visit_persons": 1}
    city.send("station_month", month | {"total_persons": 5})
    city.send("station_month", month | {"period_month": "2023-02", "total_persons": 4}, period="2023-02")
    everything = {report.report: report for report in reports}
    city.warehouse.cross_check(everything)
    found = open_issues(city)
    assert len(found) == 2
    sound = {name: report for name, report in everything.items() if name != stopped}
    for again in (False, True):
        city.warehouse.cross_check(sound, stopped={stopped}, again=again)
        assert open_issues(city) == found
    city.warehouse.cross_check(everything, again=True)
    assert open_issues(city) == found


def test_a_faulty_contract_keeps_its_table_and_one_that_never_had_a_table_gets_a_stand_in(city: Settings) -> None:
    warehouse = Warehouse(city.warehouse_url)
    damage(city, "station")
    was = damage(city, "training")
    with psycopg.connect(city.warehouse_url, autocommit=True) as connection:
        warehouse.prepare(load_contracts(PROJECT_ROOT / "expectations").reports["station"])
        prepared = prepare_reports(warehouse, city)
        assert prepared.stopped == {"station", "training"}
        assert len(prepared.reports) == 35
        columns = "select count(*) from information_schema.columns where table_schema = 'raw' and table_name = 'training'"
        wanted = len(raw_schema(load_contracts(PROJECT_ROOT / "expectations").reports["training"])) + len(LINEAGE)
        assert connection.execute(columns).fetchone() == (wanted,)
        connection.execute("create view training_codes as select training_code, session_count from raw.training")
        (city.expectations / "civil_affairs" / "training.yml").write_text(was, encoding="utf-8")
        assert prepare_reports(warehouse, city).stopped == {"station"}
        key = "select indexname from pg_indexes where schemaname = 'raw' and tablename = 'training' order by 1"
        assert [name for (name,) in connection.execute(key).fetchall()] == ["training_key", "training_row"]
        assert connection.execute("select count(*) from ops.account").fetchone() == (0,)
        assert connection.execute("select to_regclass('training_codes')").fetchone() == (None,)


def test_a_table_that_cannot_follow_stops_its_report_only(city: Settings) -> None:
    warehouse = Warehouse(city.warehouse_url)
    prepare_reports(warehouse, city)
    text = damage(city, "training")
    damage(city, "training", text.replace("type: date", "type: datetime", 1))
    prepared = prepare_reports(warehouse, city)
    assert prepared.stopped == {"training"}
    assert pipeline.cross_check(city) == {}


def test_each_contract_error_is_reported_once_and_again_when_it_comes_back(
    city: Settings, mail: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    connections = dict.fromkeys(UNSET | {report.source.connection for report in contracts(city)}, "file:///nowhere")
    passwords = {getattr(report.format, "password", None) or "none": "generic://:secret@" for report in contracts(city)}
    city = replace(city, connections=connections | passwords)
    was = damage(city, "station")
    rules = damage(city, "training")
    damage(city, "training", rules.replace("rules:\n", RULE, 1))
    mailer = pipeline.Mailer(city)
    assert pipeline.check_contracts(city, mailer) == 2
    with monkeypatch.context() as patch:
        # Contracts that did not change are not tried again: it takes the rule engine seconds.
        patch.setattr("loaders.validation.check_rules", lambda report: pytest.fail(f"{report.report} was tried again"))
        assert pipeline.check_contracts(city, mailer) == 2
    assert len(mail.messages) == 2
    told = "".join(letter.get_content() for letter in mail.messages)
    assert "social_work/station.yml: file:" in told
    assert "civil_affairs/training.yml: rules:" in told and "expect_column_values_to_be_nice" in told
    damage(city, "station", was)
    damage(city, "training", rules)
    assert pipeline.check_contracts(city, mailer) == 0
    damage(city, "station")
    assert pipeline.check_contracts(city, mailer) == 1
    assert len(mail.messages) == 3
    without = {name: url for name, url in city.connections.items() if name != "charity_frontend"}
    assert pipeline.check_contracts(replace(city, connections=without), mailer) > 1
    assert 'connection "charity_frontend" is not set' in mail.messages[-1].get_content()


RULE = """rules:
  - expect: expect_column_values_to_be_nice
    arguments: {column: training_code}
    meaning: {zh: 好, en: nice}
"""


def contracts(settings: Settings) -> list[Report]:
    return list(load_contracts(settings.expectations).reports.values())
