"""No model of bi reads numbers of measures or rows of evidence that the ledger of disclosures does not let through."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
PROJECT = ROOT / "dbt_project"
FOLDERS = (PROJECT / "engine" / "models", PROJECT / "models")
# `ref('shown_value')`
REFERENCE = re.compile(r"ref\('(\w+)'\)")
AUDITED = {"shown_value", "shown_version"}
NUMBERS = {
    *("indicator_area_period", "superseded_value", "value_version", "measure_value", "flow_value", "stock_value", "ratio_value"),
    *("flow_increment", "stock_increment", "subject_increment", "evidence", "superseded_evidence", "evidence_version"),
}
# Who reads them all the same, and why no number gets out.
HARMLESS = {
    ("restated_value", "indicator_area_period"): "only which values changed",
    ("restated_value", "superseded_value"): "only which values changed",
    ("indicator_evidence_row", "evidence"): "figure_evidence leaves out what is_hidden marks: reports with sensitive measures",
    (
        "area_population",
        "measure_value",
    ): "stated figures alone, which are of no sensitive measure (area_figures_are_of_areas_that_existed)",
    ("evidence_change", "evidence"): "causes and documents; restatement hides the number of rows",
    ("evidence_change", "superseded_evidence"): "causes and documents; restatement hides the number of rows",
}
# Columns of bi that count persons without an indicator, and why each may be shown.
PERSONS = {
    ("area_population", "resident_persons"): "the population, as a statistic states it",
    ("charity_brands", "helped_persons"): "as the brand itself reports them; null where they were counted from lists",
    ("charity_brands", "cost_per_person_yuan"): "null with helped_persons",
    ("luzhou_task_force", "trained_persons"): "shown beside shown trainees with disabilities only",
    ("luzhou_task_force", "disabled_trained_persons"): "the indicator CA-SK-01 as shown",
    ("six_society_linkage", "service_persons"): "person-times of no sensitive measure",
    ("six_society_linkage", "volunteer_persons"): "volunteers",
    ("six_society_linkage", "working_persons"): "staff and volunteers",
    ("station_workload", "working_persons"): "staff",
    ("station_workload", "client_persons"): "a total of the station's own monthly form, of no sensitive measure",
    ("station_workload", "home_visit_persons"): "person-times of no sensitive measure",
    ("station_workload", "service_persons"): "person-times of no sensitive measure",
    ("station_workload", "service_persons_per_worker"): "person-times of no sensitive measure",
}


def references() -> dict[str, set[str]]:
    files = [path for folder in FOLDERS for path in folder.rglob("*.sql")]
    return {path.stem: set(REFERENCE.findall(path.read_text(encoding="utf-8"))) for path in files}


def bi_models() -> list[str]:
    return [path.stem for folder in FOLDERS for path in (folder / "bi").glob("*.sql")]


def reads_of(model: str, known: dict[str, set[str]], seen: set[str]) -> Iterator[tuple[str, str]]:
    """All reads on the way from a model to its sources, up to what is audited."""
    for other in known.get(model, set()):
        yield model, other
        if other not in AUDITED | NUMBERS | seen:
            seen.add(other)
            yield from reads_of(other, known, seen)


def test_bi_reads_numbers_through_the_ledger_of_disclosures_only() -> None:
    known = references()
    assert len(bi_models()) > 20 and known.keys() >= AUDITED | NUMBERS
    found = {read for model in bi_models() for read in reads_of(model, known, set()) if read[1] in NUMBERS}
    assert found - HARMLESS.keys() == set()
    assert HARMLESS.keys() - found == set(), "these exceptions are needed no more"


def test_numbers_are_compared_with_the_ledger() -> None:
    for model in AUDITED:
        text = (PROJECT / "engine" / "models" / "indicators" / f"{model}.sql").read_text(encoding="utf-8")
        assert {basis for basis in ("value", "ytd", "to_date") if re.search(rf"shown_number\('\w+', '\w+', '{basis}'", text)} == {
            *("value", "ytd", "to_date")
        }


def test_each_column_that_counts_persons_is_thought_about() -> None:
    columns = {
        (model["name"], column["name"])
        for folder in FOLDERS
        for path in (folder / "bi").glob("*.yml")
        for model in yaml.safe_load(path.read_text(encoding="utf-8")).get("models", ())
        for column in model["columns"]
        if "person" in column["name"] and not column["name"].startswith("persons_source")
    }
    assert columns == PERSONS.keys()
