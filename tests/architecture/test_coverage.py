"""The page that leads from the city's account to the tables names all that there is, and nothing that is not."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from loaders.contract import load_reports

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "coverage.md"
FOLDERS = (ROOT / "dbt_project" / "engine" / "models", ROOT / "dbt_project" / "models")
INDICATOR = re.compile(r"\b(?:CA|CH|SW)-[A-Z]{2}-\d{2}\b")
REPORT = re.compile(r"\b(?:CA|CH|SW)\d{2}\b")
NAME = re.compile(r"`(\w+)`")


@pytest.fixture(scope="module")
def rows() -> list[list[str]]:
    """The cells of each row that names a report: the initiatives of the account, then reports beyond the account."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| ")]
    return [row for row in cells if REPORT.search(row[1])]


@pytest.fixture(scope="module")
def initiatives(rows: list[list[str]]) -> list[list[str]]:
    """The cells of each row that quotes an initiative of the account."""
    quoted = [row for row in rows if row[0].startswith("“")]
    assert len(quoted) > 40
    return quoted


@pytest.fixture(scope="module")
def dictionary() -> dict[str, str]:
    """The source report of each indicator."""
    path = ROOT / "dbt_project" / "seeds" / "indicators.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        return {row["indicator_code"]: row["source_report"] for row in csv.DictReader(lines)}


def column(rows: list[list[str]], number: int, pattern: re.Pattern[str]) -> set[str]:
    return {found for row in rows for found in pattern.findall(row[number])}


def test_no_initiative_is_without_its_report_model_indicator_or_table(initiatives: list[list[str]]) -> None:
    patterns = (REPORT, NAME, INDICATOR, NAME)
    gaps = [row[0] for row in initiatives if len(row) != 5 or not all(map(re.Pattern.search, patterns, row[1:]))]
    assert gaps == []


def test_every_indicator_of_the_account_is_beside_its_source_report(
    initiatives: list[list[str]], dictionary: dict[str, str]
) -> None:
    """An indicator that the account does not mention needs no row; one with a printed figure does."""
    named = column(initiatives, 3, INDICATOR)
    with (ROOT / "dbt_project" / "seeds" / "published_figures.csv").open(encoding="utf-8", newline="") as lines:
        printed = {row["indicator_code"] for row in csv.DictReader(lines)}
    assert printed <= named <= set(dictionary)
    assert len(named) >= 59
    pairs = {(code, report) for row in initiatives for code in INDICATOR.findall(row[3]) for report in REPORT.findall(row[1])}
    assert [code for code in named if (code, dictionary[code]) not in pairs] == []


def test_every_report_has_a_row(rows: list[list[str]]) -> None:
    codes = {report.code for report in load_reports(ROOT / "expectations").values()}
    assert column(rows, 1, REPORT) == codes


def test_models_and_tables_that_are_named_exist(rows: list[list[str]]) -> None:
    models = {path.stem: path.relative_to(folder).parts[0] for folder in FOLDERS for path in folder.rglob("*.sql")}
    assert sorted(column(rows, 2, NAME) - set(models)) == []
    assert sorted(name for name in column(rows, 4, NAME) if models.get(name) != "bi") == []


def test_evidence_for_an_indicator_is_in_the_model_beside_it(initiatives: list[list[str]], dictionary: dict[str, str]) -> None:
    """Ratios are made of their sides; all others are spoken for by a model of their row."""
    sources = {path.stem: path.read_text(encoding="utf-8") for folder in FOLDERS for path in folder.rglob("evidence_*.sql")}
    spoken_for = {code for text in sources.values() for code in dictionary if code in text}
    missing = [
        code
        for row in initiatives
        for code in INDICATOR.findall(row[3])
        if code in spoken_for and not any(code in sources.get(name, "") for name in NAME.findall(row[2]))
    ]
    assert missing == []
