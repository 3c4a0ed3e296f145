"""Rows that are replayed or confirmed by a person: the figures, their restatements and the tables of quality follow."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from loaders import pipeline
from loaders.operations import issue_actions, releases
from loaders.operations.replaying import replay
from loaders.period import Period
from loaders.settings import PROJECT_ROOT
from loaders.warehouse import Words
from tests.dbt.conftest import MakePlace, Place
from tests.support.warehouse.file_drop import load, put, visits

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.timeout(900)]
LENIENT = "minimum_reporting_rate_pct: 0\nrequire_current_contracts: false\nmaximum_outside_published: 99\n"
MONTH = "2023-05"
FIGURE = f"""
    select trim_scale(value)::int from bi.indicator_value
    where (indicator_code, area_code, period_code) = ('SW-HV-01', '441302', '{MONTH}')
"""


def make_project(folder: Path, without: str | None = None) -> Path:
    """Copies the dbt project; `without` is the code of a town that its list of divisions lacks."""
    project = folder / "dbt_project"
    shutil.copytree(PROJECT_ROOT / "dbt_project", project, ignore=shutil.ignore_patterns("target", "logs"))
    divisions = project / "seeds" / "divisions.csv"
    if without is not None:
        lines = divisions.read_text(encoding="utf-8").splitlines(keepends=True)
        divisions.write_text("".join(line for line in lines if without not in line), encoding="utf-8")
    return project


def build(place: Place) -> None:
    pipeline.cross_check(place.settings)
    pipeline.build(place.settings)


@pytest.fixture(scope="module")
def place(make_place: MakePlace, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A month with rows of an unknown town, of too many people, of a wrong number, published; then the list is corrected."""
    folder = tmp_path_factory.mktemp("replayed")
    (folder / "release_rules.yml").write_text(LENIENT, encoding="utf-8")
    made = make_place("replayed", make_project(folder))
    (folder / "drop").mkdir()
    connections = {"social_work_sftp": f"file://{folder / 'drop'}"}
    made = replace(made, settings=replace(made.settings, release_rules=folder / "release_rules.yml", connections=connections))
    lines = visits(range(20)).split(b"\r\n")
    lines[2] = lines[2].replace("桥东街道,441302001".encode("gb18030"), "桥西街道,441302002".encode("gb18030"))
    lines[3] = lines[3].replace(b",2,", b",30,")
    lines[5] = lines[5].replace(b"D4,,2,", b"D4,12345,2,")
    put(made.settings, f"home_visit/{MONTH}/441302_记录.csv", b"\r\n".join(lines))
    short = make_project(tmp_path_factory.mktemp("short_list"), "441302002")
    load("home_visit", replace(made.settings, dbt_project=short))
    build(made)
    assert made.query(FIGURE) == [(34,)]
    draft = releases.prepare(made.settings, Period.parse(MONTH))
    releases.publish(made.settings, draft, by="王科长", reason="同意")
    assert replay(made.settings, "home_visit").rows_loaded == 1
    (key,) = (issue["issue_key"] for issue in issue_actions.issues(made.settings, report="home_visit") if issue["row"] == 4)
    done = issue_actions.override(made.settings, key, Words("王科长", "集体探访", reason="confirmed_true"))
    assert done.is_loaded
    build(made)
    return made


def test_the_figures_follow(place: Place) -> None:
    assert place.query(FIGURE) == [(66,)]


def test_a_restatement_names_both_causes(place: Place) -> None:
    query = "select causes, changed_rows_count from bi.restatement where (indicator_code, area_code, period_code)"
    found = place.query_as_reader(f"{query} = ('SW-HV-01', '441302', '{MONTH}')")
    assert [(sorted(causes), rows) for causes, rows in found] == [(["override", "rule_change"], 2)]


def test_the_evidence_shows_which_row_a_person_confirmed(place: Place) -> None:
    query = "select row_number, quantity::int from bi.figure_evidence where is_overridden and area_code = '441302'"
    assert place.query_as_reader(f"{query} and indicator_code = 'SW-HV-01'") == [(4, 30)]


def test_the_tables_of_quality_tell_state_and_rates(place: Place) -> None:
    states = place.query_as_reader("select row_number, state, is_open from bi.quality_issue order by 1, 2")
    assert set(states) == {(3, "replayed", False), (4, "overridden", False), (6, "open", True)}
    rates = place.query_as_reader(
        "select distinct validated_count, failed_count, pass_rate_pct from bi.quality_summary order by 2"
    )
    assert [(int(validated), int(failed), float(rate)) for validated, failed, rate in rates] == [
        (20, 0, 100.0),
        (20, 1, 95.0),
    ]


def test_a_reader_sees_no_sentence_about_a_personal_value(place: Place) -> None:
    rows = place.query_as_reader("select row_number, message_zh is null from bi.quality_issue where column_name = 'client_id'")
    assert rows == [(6, True)]
    shown = place.query_as_reader("select count(*) from bi.quality_issue where column_name <> 'client_id' and message_zh is null")
    assert shown == [(0,)]
