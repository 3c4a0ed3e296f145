"""What a search finds of facts that people found in the contracts of the sample city and in planted ones, and what it adds."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from loaders.cli import app
from loaders.contract import Report, load_contracts
from loaders.messages import phrase
from loaders.overlap import ColumnPlace, Overlap, Relation, find_overlaps, repeated_columns
from loaders.settings import expectations_from_environment
from tests.support.documents.contracts import make_report
from tests.support.labeled_overlaps import LabeledFacts, Measured, pair_of

FOLDER = Path(__file__).parent
CITY_FACTS = FOLDER / "sample_city_facts.yml"
PLANTED = ("planted_first", "planted_second", "planted_third", "planted_fourth", "planted_held_out")
LEAST = 0.9
REPORTS = load_contracts(expectations_from_environment()).reports


@pytest.fixture(scope="module")
def city() -> Mapping[frozenset[str], Overlap]:
    return {pair_of(overlap): overlap for overlap in find_overlaps(REPORTS)}


def assert_good(measured: Measured) -> None:
    wrong, missed = sorted(map(sorted, measured.wrong)), sorted(map(sorted, measured.missed))
    assert measured.precision >= LEAST, wrong
    assert measured.recall >= LEAST, missed


def test_facts_of_the_sample_city_are_found(city: Mapping[frozenset[str], Overlap]) -> None:
    measured = LabeledFacts(CITY_FACTS).measure(city.values())
    assert len(measured.right) > 100
    assert_good(measured)


@pytest.mark.parametrize("name", PLANTED)
def test_facts_of_planted_contracts_are_found_and_look_alikes_are_not(name: str) -> None:
    planted = LabeledFacts(FOLDER / f"{name}.yml")
    found = find_overlaps({**REPORTS, **planted.reports})
    measured = LabeledFacts(CITY_FACTS, FOLDER / f"{name}.yml").measure(found, planted.reports)
    assert len(measured.right) > 40
    assert_good(measured)


def test_a_measure_counts_what_is_wrong_and_what_is_missed(city: Mapping[frozenset[str], Overlap]) -> None:
    facts = LabeledFacts(CITY_FACTS)
    whole = facts.measure(city.values())
    right = [overlap for pair, overlap in city.items() if pair in whole.right]
    wrong = Overlap(Relation.SAME, ColumnPlace("donation", "amount_yuan"), ColumnPlace("station", "town_name"), (), 1.0, (), ())
    measured = facts.measure([*right[: len(right) // 2], wrong])
    assert measured.wrong == {frozenset({"donation.amount_yuan", "station.town_name"})}
    assert measured.recall < 0.6 < measured.precision < 1


def test_a_register_fills_in_and_is_not_filled_in(city: Mapping[frozenset[str], Overlap]) -> None:
    overlap = city[frozenset({"station_service.station_name", "station.station_name"})]
    assert (overlap.asked, overlap.known) == (
        ColumnPlace("station_service", "station_name"),
        ColumnPlace("station", "station_name"),
    )
    assert overlap.link == (("station_code", "station_code"),)
    assert overlap.units == REPORTS["station"].units


def test_a_sum_and_a_count_say_so(city: Mapping[frozenset[str], Overlap]) -> None:
    visits = city[frozenset({"station_service.visit_persons", "home_visit.visit_persons"})]
    assert (visits.relation, visits.known.report) == (Relation.SUM, "home_visit")
    clients = city[frozenset({"station_service.client_persons", "client."})]
    assert clients.relation is Relation.COUNT
    # The city sends the clients' files, counties the monthly statistics.
    assert clients.units == () and visits.units


def test_every_reason_has_a_sentence_and_a_weight(city: Mapping[frozenset[str], Overlap]) -> None:
    for overlap in city.values():
        assert overlap.evidence
        assert 0.5 <= overlap.score <= 1
        for reason in overlap.evidence:
            text = phrase(f"overlap.{reason.code}", **dict(reason.parameters))
            assert text.zh and text.en and 0 < reason.weight <= 1


def test_equal_words_about_other_things_are_no_fact(city: Mapping[frozenset[str], Overlap]) -> None:
    assert frozenset({"medical_aid.paid_date", "student_grant.paid_date"}) not in city
    assert frozenset({"contest_project.project_name", "village_project.project_name"}) not in city
    assert frozenset({"charity_brand.status", "social_organization.status"}) not in city
    assert frozenset({"enterprise.enterprise_uscc", "social_organization.uscc"}) not in city


def test_a_retired_report_asks_for_nothing() -> None:
    retired = REPORTS["station_service"].model_copy(update={"retired": object()})
    found = find_overlaps({**REPORTS, "station_service": retired})
    assert not any("station_service" in {overlap.asked.report, overlap.known.report} for overlap in found)


def test_what_is_asked_again_each_period() -> None:
    cases = repeated_columns(REPORTS["casework"])
    assert cases is not None
    assert cases.key == ("case_code",)
    assert cases.staying == ("station_code", "worker_code", "client_code", "case_type", "opened_date")
    assert cases.closing == ("closed_date",)
    assert repeated_columns(REPORTS["home_visit"]) is None, "a visit occurs once"
    workers = repeated_columns(REPORTS["social_worker"])
    assert workers is not None and workers.closing == ("left_date",)


def test_the_command_lists_the_best_report_of_each_column_and_all_pairs_as_json() -> None:
    nothing = {name: None for name in os.environ if name.startswith(("HUIMIN", "AIRFLOW"))}
    done = CliRunner().invoke(app, ["overlap", "casework", "--json", "--lang", "en"], env=nothing)
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(done.stdout)
    assert {row["column"] for row in found["overlaps"]} >= {"case_opened_count", "case_active_count"}
    assert all("casework" in {row["report"], row["known_report"]} for row in found["overlaps"])
    assert found["repeated"] == [
        {
            "report": "casework",
            "cadence": "monthly",
            "key": ["个案编号"],
            "staying": ["站点编号", "社工编号", "档案编号", "个案类型", "开案日期"],
            "closing": ["结案日期"],
        }
    ]
    assert CliRunner().invoke(app, ["overlap", "no_such_report"], env=nothing).exit_code != 0


def visit_form(**fields: Any) -> Report:
    return make_report(
        [
            {"name": "station_no", "header": "社工站编号", "key": True},
            {"name": "station_title", "header": "社工站名称"},
            {"name": "visit_persons", "header": "探访人次", "type": "integer", "unit": "人次"},
        ],
        name="form",
        code="SW91",
        grain={"zh": "一个社工站一个月一行", "en": "one row per station and month"},
        **fields,
    )


def test_the_units_that_send_both_are_named() -> None:
    own = visit_form(units=["441302"])
    found = {pair_of(one): one for one in find_overlaps({**REPORTS, "form": own})}
    overlap = found[frozenset({"form.station_title", "station.station_name"})]
    assert overlap.units == ("441302",)
    assert overlap.asked.report == "form"
