"""Documents as offices send them, each with what must come out. A new folder is a new case; see README.md."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from loaders.checking import CheckedDocument, check_files
from loaders.contract import Report, load_report
from loaders.divisions import Divisions
from loaders.model import TEXTS
from loaders.settings import PROJECT_ROOT
from loaders.validation import ValidationInput, Validator

FOLDER = Path(__file__).parent
CASES = sorted(path.parent for path in FOLDER.glob("*/*/expected.yml"))
FOLDERS = sorted({case.parent for case in CASES})


@pytest.fixture(scope="module")
def divisions() -> Divisions:
    return Divisions.load(PROJECT_ROOT / "dbt_project" / "seeds" / "divisions.csv")


def contract_of(folder: Path) -> Report:
    """The contract beside the cases, else the project's own of that name."""
    beside = folder / "contract.yml"
    return load_report(beside if beside.exists() else next(PROJECT_ROOT.glob(f"expectations/*/{folder.name}.yml")))


def document_of(case: Path) -> Path:
    (document,) = (path for path in case.iterdir() if not path.name.startswith("expected."))
    return document


@cache
def issues_in(folder: Path) -> dict[Path, CheckedDocument]:
    """What a check says of the documents of a folder, by their case; all are checked in one go, as an office would."""
    report = contract_of(folder)
    cases = [case for case in CASES if case.parent == folder]
    checked_documents = check_files([document_of(case) for case in cases], {report.report: report}, named=True)
    return dict(zip(cases, checked_documents, strict=True))


def reported(checked: CheckedDocument) -> dict[str, Any]:
    """What a check says of the document, without its words."""
    reading = checked.reading
    assert reading is not None
    summary = {
        "unit": reading.unit_text,
        "period": str(reading.period) if reading.period else None,
        "rows_total": reading.rows_total,
        "furniture": dict(reading.furniture) or None,
        "refusal": _without_words(checked.refusal) if checked.refusal else None,
        "issues": [_without_words(issue) for issue in checked.issues],
    }
    return {name: value for name, value in summary.items() if value}


def _without_words(issue: Any) -> dict[str, Any]:
    # What is found in a file that cannot be opened is told in the words of whoever tried.
    own = () if issue.rule == "unreadable_document" else ("found", "expected")
    fields = ("rule", "severity", "sheet", "row", "column", "cell", *own)
    facts = {name: getattr(issue, name) for name in fields if getattr(issue, name) is not None}
    return {name: str(value) if name != "row" else value for name, value in facts.items()}


def accepted_rows(checked: CheckedDocument) -> list[dict[str, str]]:
    """The accepted rows as texts, nulls as blanks; not the texts of cells, which have tests of their own."""
    rows = checked.result.accepted.drop_columns(TEXTS).to_pylist() if checked.result else []
    return [{name: "" if value is None else str(value) for name, value in row.items()} for row in rows]


@pytest.mark.parametrize("case", CASES, ids=[f"{case.parent.name}/{case.name}" for case in CASES])
def test_the_document_gives_what_is_expected(case: Path) -> None:
    checked = issues_in(case.parent)[case]
    assert reported(checked) == yaml.safe_load((case / "expected.yml").read_text(encoding="utf-8"))
    expected = case / "expected.csv"
    if not expected.exists():
        assert accepted_rows(checked) == []
        return
    with expected.open(encoding="utf-8", newline="") as file:
        assert accepted_rows(checked) == list(csv.DictReader(file))


@pytest.mark.parametrize("folder", FOLDERS, ids=[folder.name for folder in FOLDERS])
def test_a_check_validates_as_the_pipeline_does(folder: Path, divisions: Divisions) -> None:
    """A check judges the common rules itself; the pipeline has Great Expectations judge them."""
    report = contract_of(folder)
    checked_documents = issues_in(folder).values()
    items = [
        ValidationInput(checked.reading, checked.unit or report.units[0], checked.period)
        for checked in checked_documents
        if checked.reading
    ]
    prefer_pandas, engine = (
        Validator(report, divisions, b"key", prefer_pandas=prefer_pandas).validate(items) for prefer_pandas in (True, False)
    )
    assert len(engine) == len(checked_documents)
    assert prefer_pandas == engine


def test_there_are_cases() -> None:
    assert len(CASES) >= 20
