"""Landed files are read again before they are used; what is lost is fetched anew, or costs its own document alone."""

import dataclasses
import json
import os
import time
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from loaders import pipeline
from loaders.contract import load_reports
from loaders.landing import landed_path
from loaders.settings import Settings
from loaders.warehouse import Warehouse
from sample_city.servers.mail_server import start_mail
from tests.support.servers.background import Background
from tests.support.warehouse.file_drop import check_account, huimin, load, put, query, visits

pytestmark = pytest.mark.integration
UNITS = ("441302", "441303", "441322")


def drop_three(settings: Settings) -> list[Path]:
    return [
        put(settings, f"home_visit/2023-05/{unit}_记录.csv", visits(range(number * 100, number * 100 + 5)))
        for number, unit in enumerate(UNITS)
    ]


def landed(settings: Settings, unit: str) -> Path:
    ((sha256,),) = set(query(settings, "select sha256 from ops.submission where unit_code = %s", unit))
    return landed_path(settings.landing, sha256)


def alter(path: Path) -> None:
    path.chmod(0o640)
    content = path.read_bytes()
    path.write_bytes(content[:-3] + b"9\r\n")
    path.chmod(0o440)


def outcomes(settings: Settings) -> dict[str, tuple[str, int, str | None]]:
    rows = query(
        settings,
        "select distinct on (s.unit_code) s.unit_code, s.state, s.rows_loaded, i.rule from ops.submission as s "
        "left join ops.issue as i on i.submission_id = s.submission_id and i.severity = 'document' "
        "order by s.unit_code, s.submission_id desc",
    )
    check_account(settings)
    return {unit: tuple(rest) for unit, *rest in rows}  # type: ignore[misc]


@pytest.fixture
def with_mail(settings: Settings, tmp_path: Path) -> Iterator[Settings]:
    with Background() as background:
        server, port = background.run(start_mail(tmp_path / "mail"))
        yield dataclasses.replace(settings, smtp_url=f"smtp://127.0.0.1:{port}", operators_mail="ops@huizhou.example")

        async def stop() -> None:
            server.close()

        background.run(stop())


def test_what_the_source_still_has_is_fetched_anew_before_it_is_read(settings: Settings) -> None:
    drop_three(settings)
    (batch,) = pipeline.extract("home_visit", settings)
    alter(landed(settings, "441302"))
    landed(settings, "441303").unlink()
    assert pipeline.load_batch("home_visit", batch, settings) == {"accepted": 3}
    assert outcomes(settings) == dict.fromkeys(UNITS, ("accepted", 5, None))
    assert huimin(settings, "verify", "landing").exit_code == 0


def test_what_is_lost_for_good_costs_its_own_document_alone_and_the_engineers_are_reported(with_mail: Settings) -> None:
    settings = with_mail
    files = drop_three(settings)
    (batch,) = pipeline.extract("home_visit", settings)
    alter(landed(settings, "441302"))
    landed(settings, "441303").unlink()
    for file in files[:2]:
        file.unlink()
    assert pipeline.load_batch("home_visit", batch, settings) == {"accepted": 1, "rejected": 2}
    lost = ("rejected", 0, "landed_file_lost")
    assert outcomes(settings) == {"441302": lost, "441303": lost, "441322": ("accepted", 5, None)}
    assert Warehouse(settings.warehouse_url).unnotified_issues(load_reports(settings.expectations)["home_visit"]) == []
    pipeline.notify_owners("home_visit", settings)
    letters = [message_from_bytes(path.read_bytes(), policy=default) for path in (settings.home.parent / "mail").glob("*.eml")]
    assert {letter["To"] for letter in letters} == {"ops@huizhou.example"}
    (text,) = [part.get_content() for letter in letters if (part := letter.get_body(("plain",))) is not None]
    assert "huimin verify landing" in text and "441303_记录.csv" in text and "does not have it any more" in text


def test_a_source_that_holds_other_bytes_by_now_is_not_taken_for_the_lost_ones(settings: Settings) -> None:
    drop_three(settings)
    (batch,) = pipeline.extract("home_visit", settings)
    landed(settings, "441303").unlink()
    put(settings, "home_visit/2023-05/441303_记录.csv", visits(range(700, 707)), hours_ago=40)
    before = sorted(settings.landing.rglob("*"))
    assert pipeline.load_batch("home_visit", batch, settings) == {"accepted": 2, "rejected": 1}
    assert sorted(settings.landing.rglob("*")) == before, "the other bytes are landed by the next pull, not by the repair"
    load("home_visit", settings)
    assert outcomes(settings)["441303"] == ("accepted", 7, None)


def test_an_accepted_document_stays_accepted_when_it_is_to_be_validated_again_and_its_file_is_lost(settings: Settings) -> None:
    files = drop_three(settings)
    load("home_visit", settings)
    landed(settings, "441303").unlink()
    files[1].unlink()
    for batch in pipeline.extract("home_visit", settings, again=True):
        assert pipeline.load_batch("home_visit", batch, settings) == {"accepted": 2}
    assert outcomes(settings) == dict.fromkeys(UNITS, ("accepted", 5, None))
    assert query(settings, "select count(*) from raw.home_visit where _superseded_at is null") == [(15,)]


def test_verify_names_what_is_missing_altered_extra_and_left_over(settings: Settings) -> None:
    files = drop_three(settings)
    load("home_visit", settings)
    assert huimin(settings, "verify", "landing").output == "every landed file is whole and known\n"
    alter(landed(settings, "441302"))
    landed(settings, "441303").unlink()
    (settings.landing / "ab").mkdir(exist_ok=True)
    (settings.landing / "ab" / "notes.txt").write_text("somebody's")
    (settings.landing / "incoming" / "tmpleft").write_bytes(b"half")
    (record,) = [path for path in settings.landing.glob("arrivals/*/*") if '"441322"' in path.read_text()]
    record.unlink()
    found = huimin(settings, "verify", "landing", "--json")
    assert found.exit_code == 1
    rows = {(row["kind"], Path(row["file"]).name[:12]): row for row in json.loads(found.output)}
    assert {kind for kind, _ in rows} == {"altered", "missing", "extra", "temporary"} and len(rows) == 5
    assert rows["altered", landed(settings, "441302").name[:12]]["documents"] == [
        "social_work_sftp:/home_visit/2023-05/441302_记录.csv"
    ]
    assert rows["missing", record.name[:12]]["documents"] == ["social_work_sftp:/home_visit/2023-05/441322_记录.csv"]
    assert "441303" in huimin(settings, "verify", "landing").output
    files[1].unlink()
    repaired = huimin(settings, "verify", "landing", "--repair", "--json")
    assert repaired.exit_code == 1, "one is gone from its source, and nothing is ever removed"
    outcome = {row["kind"]: row["is_repaired"] for row in json.loads(repaired.output) if row["file"] != str(record)}
    assert outcome["altered"] and not outcome["extra"] and not outcome["temporary"]
    left = {row["kind"]: row for row in json.loads(huimin(settings, "verify", "landing", "--json").output)}
    assert set(left) == {"missing", "extra", "temporary"}
    assert left["missing"]["documents"] == ["social_work_sftp:/home_visit/2023-05/441303_记录.csv"]


def test_a_refused_document_is_loaded_once_its_file_is_back(settings: Settings) -> None:
    files = drop_three(settings)
    content = files[1].read_bytes()
    (batch,) = pipeline.extract("home_visit", settings)
    landed(settings, "441303").unlink()
    files[1].unlink()
    pipeline.load_batch("home_visit", batch, settings)
    assert outcomes(settings)["441303"][2] == "landed_file_lost"
    files[1].write_bytes(content)
    os.utime(files[1], (time.time() - 172_800,) * 2)
    assert huimin(settings, "verify", "landing", "--repair").exit_code == 0
    load("home_visit", settings)
    assert outcomes(settings)["441303"] == ("accepted", 5, None)


def test_a_record_is_there_before_the_ledger_has_its_document(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that dies in between leaves a record, and the next run brings the document."""
    drop_three(settings)

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("loaders.stages.document_landing.write_records", die)
    with pytest.raises(KeyboardInterrupt):
        pipeline.extract("home_visit", settings)
    assert query(settings, "select count(*) from ops.submission") == [(0,)]
    monkeypatch.undo()
    load("home_visit", settings)
    assert len(list(settings.landing.glob("arrivals/*/*.json"))) == 3
    assert {path.stat().st_mode & 0o777 for path in settings.landing.glob("arrivals/*/*.json")} == {0o640}
    assert huimin(settings, "verify", "landing").exit_code == 0
