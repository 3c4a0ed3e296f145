"""A stock Great Expectations loads exported suites and finds the rows that we find, in a table of typed rows on PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import great_expectations as gx
import psycopg
import pytest
from great_expectations.data_context import EphemeralDataContext
from typer.testing import CliRunner

from loaders.checking import check_files
from loaders.cli import app
from loaders.contract import Report, load_reports
from loaders.divisions import Divisions
from loaders.settings import PROJECT_ROOT
from loaders.validation import ValidationInput
from loaders.validation.conversion.pseudonyms import Pseudonymizer
from loaders.validation.conversion.typed_columns import ColumnConverter
from loaders.validation.model.row_batch import RowBatch
from loaders.validation.model.row_rule import with_value_set
from loaders.validation.rules.engines.gx_suite import GxSuite
from loaders.validation.rules.engines.validation_frame import build_validation_frame
from loaders.validation.rules.export_forms import NoStockForm, identifier, literal
from loaders.validation.rules.rule_set import rules_of
from loaders.validation.rules.suite_export import ROW_ID, export_form
from sample_city.build import build_city
from sample_city.reference.timetable import Span

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]
REPORTS = load_reports(PROJECT_ROOT / "expectations")
# Each has rows that the sample city planted; among them they break bounds, emptiness both ways, keys, patterns, pairs of columns,
# codes of a list and dates in the period.
NAMES = [
    "party_activity",
    "rescue",
    "training",
    "charity_expense",
    "cultural_activity",
    "demand_project",
    "task_force",
    "community_organization",
]
Places = set[tuple[str, str, int]]
Found = tuple[str, tuple[str, ...], str, Places]


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("city")
    assert build_city(home, 7, Span.parse("2022-07:2022-12"))
    return home


@pytest.fixture(scope="module")
def suites(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("suites")
    done = CliRunner().invoke(app, ["expectations", "export", *NAMES, "--to", str(folder)], catch_exceptions=False)
    assert done.exit_code == 0
    assert sorted(path.stem for path in folder.iterdir()) == sorted(NAMES)
    assert "wrote" in done.stdout and "no stock form: expect_column_values_to_be_valid_uscc on uscc" in done.output
    return folder


def our_places(report: Report, files: list[Path]) -> Iterator[Found]:
    """For each rule that has a stock form: its name, columns and meaning, and the rows that break it."""
    divisions = Divisions.load(PROJECT_ROOT / "dbt_project" / "seeds" / "divisions.csv")
    checked = [one for one in check_files(files, {report.report: report}, named=True) if one.reading and not one.reading.refusal]
    items = [ValidationInput(one.reading, one.unit or "4413", one.period) for one in checked if one.reading]
    batch = RowBatch.of(items)
    typed = ColumnConverter(report, divisions, Pseudonymizer(b"key")).convert(batch)
    rules = [with_value_set(report, rule, divisions) for rule in rules_of(report)]
    suite = GxSuite(report.report, rules)
    rows = batch.rows.select(list(ROW_ID[1:])).to_pylist()
    for rule, broken in zip(rules, suite.run(build_validation_frame(report, batch, typed, suite.columns)), strict=True):
        if not isinstance(export_form(report, rule), NoStockForm):
            places = ((str(checked[batch.document[row]].file), rows[row]["_sheet"], rows[row]["_row"]) for row in broken.tolist())
            yield rule.expect, rule.columns, rule.expected.en, set(places)


def _sql(condition: Any) -> str:
    """A row condition of a suite in SQL."""
    facts = condition if isinstance(condition, dict) else condition.dict()
    if "conditions" in facts:
        return " and ".join(map(_sql, facts["conditions"]))
    name = identifier(facts["column"]["name"])
    values = facts["parameter"] if isinstance(facts["parameter"], list | tuple) else [facts["parameter"]]
    return f"{name} in ({', '.join(map(literal, values))})"


def stock_places(url: str, context: EphemeralDataContext, suite_file: Path, table: str) -> Iterator[Found]:
    """For each expectation of a suite: what it says of the rule, and all rows that a stock checkpoint calls unexpected."""
    suite = context.suites.add(gx.ExpectationSuite(**json.loads(suite_file.read_text(encoding="utf-8"))))
    source = context.data_sources.add_postgres(table, connection_string=url.replace("postgresql://", "postgresql+psycopg2://"))
    batch = source.add_table_asset(table, table_name=table, schema_name="scratch").add_batch_definition_whole_table("all")
    definition = context.validation_definitions.add(gx.ValidationDefinition(name=table, data=batch, suite=suite))
    result_format: Any = {"result_format": "COMPLETE", "unexpected_index_column_names": list(ROW_ID)}
    checkpoint = context.checkpoints.add(
        gx.Checkpoint(name=table, validation_definitions=[definition], result_format=result_format)
    )
    (validation,) = checkpoint.run().run_results.values()
    with psycopg.connect(url) as connection:
        for result in validation.results:
            config = result.expectation_config
            assert not result.exception_info.get("raised_exception"), (config, result.exception_info)
            query = result.result.get("unexpected_index_query")
            if config.type == "unexpected_rows_expectation":
                query = config.kwargs["unexpected_rows_query"].format(batch=f"scratch.{table}").replace("\\:", ":")
            if query and config.kwargs.get("row_condition"):
                # The library's query leaves the row condition out, though its verdict respects it.
                chosen = f"select {', '.join(ROW_ID)} from scratch.{table} where {_sql(config.kwargs['row_condition'])}"
                query = f"select u.* from ({query.rstrip(';')}) as u inner join ({chosen}) as c using ({', '.join(ROW_ID)})"
            found = connection.execute(f"select {', '.join(ROW_ID)} from ({query.rstrip(';')}) as q").fetchall() if query else []
            assert (len(found) == 0) == result.success
            yield config.meta["rule"], tuple(config.meta["columns"]), config.meta["expected"]["en"], set(found)


@pytest.mark.parametrize("name", NAMES)
def test_a_stock_checkpoint_finds_the_same_rows(
    name: str, city: Path, suites: Path, warehouse_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = REPORTS[name]
    files = sorted((city / "sftp" / report.system / name).rglob("*.*"))[:25]
    with psycopg.connect(warehouse_url, autocommit=True) as connection:
        connection.execute("create schema scratch")
    monkeypatch.setenv("HUIMIN_WAREHOUSE_URL", warehouse_url)
    monkeypatch.setenv("HUIMIN_PII_KEY", "k" * 48)
    arguments = ["expectations", "rows", name, *map(str, files), "--table", f"scratch.{name}"]
    done = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    again = CliRunner().invoke(app, arguments)
    assert f"scratch.{name} exists already" in str(again.exception)
    ours = sorted(our_places(report, files), key=lambda found: found[:3])
    stock = stock_places(warehouse_url, gx.get_context(mode="ephemeral"), suites / f"{name}.json", name)
    assert sorted(stock, key=lambda found: found[:3]) == ours
    assert any(found[3] for found in ours), "the city has planted rows that break a rule"
