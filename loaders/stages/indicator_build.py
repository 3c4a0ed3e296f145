"""Builds the indicators with dbt, once for all loads that ended, and tells whether they are up to date."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping

from loaders.contract import load_contracts
from loaders.dbt.runner import (
    ROWS_CHANGED,
    WHOLE,
    ModelError,
    ModelResult,
    build_models,
    part_fingerprints,
    project_fingerprint,
    reports_changed,
)
from loaders.identifiers import redact
from loaders.messages import join_texts, phrase
from loaders.release.program_revision import git_revision
from loaders.settings import Settings
from loaders.stages.contract_checks import prepare_reports
from loaders.stages.disclosing.decisions import disclose
from loaders.warehouse import Build, BuildSources, BuiltModel, Warehouse
from loaders.warehouse.queries.build_queries import news_since_last_build
from loaders.warehouse.queries.indicator_queries import IndicatorQueries

_log = logging.getLogger(__name__)
_POLL_SECONDS = 1.0
_MOST_EXAMPLES = 3


def await_loads(settings: Settings, *, longest_seconds: float = 600, quiet_seconds: float = 60) -> int:
    """Waits until running loads finish, so that their indicators are built once and not after each of them.

    Documents of a report of which none moved for `quiet_seconds` are not waited for, unless others are loaded meanwhile: theirs
    may be next. Their load may have died. The ledger says when one moved: what was left behind long ago delays no build.

    Returns:
        How many documents are still pending.
    """
    warehouse = Warehouse(settings.warehouse_url)
    now = time.monotonic()
    deadline, watched_until = now + longest_seconds, now
    pending, moving = warehouse.count_pending(quiet_seconds)
    while pending and (moving or now < watched_until) and now < deadline:
        time.sleep(_POLL_SECONDS)
        before = pending
        pending, moving = warehouse.count_pending(quiet_seconds)
        now = time.monotonic()
        if pending != before:
            watched_until = now + quiet_seconds
    return pending


def build(settings: Settings, *, is_whole: bool = False, is_prepared: bool = False) -> dict[str, int]:
    """Recomputes the indicators that loads reached, unless nothing was loaded and no model changed since the last build.

    When no model changed, as a file or in the warehouse, only tables are refreshed and tested: a view shows new rows by itself.
    What may be shown of sensitive measures is decided before the build ends; until then, what changed of them is hidden.
    Two builds of one warehouse never run at the same time: an advisory lock makes the second wait.

    Args:
        is_whole: compute everything anew, whatever changed; only what differs is written.
        is_prepared: the raw table of every report was made just before.

    Returns:
        How many dbt nodes ended in each status; empty when there was nothing to do.

    Raises:
        BuildRunning: dbt runs on this warehouse and does not end.
        ModelError: a model, a seed or a test failed.
    """
    warehouse = Warehouse(settings.warehouse_url)
    if not is_prepared:
        prepare_reports(warehouse, settings)
    # A build that waited for another one usually finds nothing left to do.
    with warehouse.exclusive_build():
        return _build(warehouse, settings, is_whole=is_whole)


def _build(warehouse: Warehouse, settings: Settings, *, is_whole: bool) -> dict[str, int]:
    last, now = warehouse.last_build(), _build_state(warehouse, settings)
    if last == now and not is_whole:
        return {}
    warehouse.sync_rule_titles()
    warehouse.analyze_changed()
    build_id = warehouse.begin_build(now, _build_sources(settings), is_whole=is_whole)
    models_unchanged = last is not None and last.models_fingerprint == now.models_fingerprint
    try:
        result = _refresh_tables(warehouse, settings, now) if models_unchanged and not is_whole else None
        result = result or build_models(settings, WHOLE if is_whole else ())
    except ModelError as error:
        raise _with_examples(error, settings) from error
    disclose(settings, build_id)
    # Rows loaded while dbt ran may be missing from its models: the build stays recorded with the rows that were there before it.
    models = [BuiltModel(node.unique_id, node.status, node.seconds, node.rows) for node in result.written]
    warehouse.end_build(build_id, _build_state(warehouse, settings).models_fingerprint, models)
    _log_slow_models(result)
    return dict(result.counts)


def _log_slow_models(result: ModelResult) -> None:
    """Writes one line into the log about the models and tests that took longest, if any took long."""
    if not result.slowest:
        return
    nodes = join_texts([
        phrase("build.slow_node_rows", name=one.name, seconds=f"{one.seconds:.1f}", rows=f"{one.rows:,}")
        if one.rows is not None
        else phrase("build.slow_node", name=one.name, seconds=f"{one.seconds:.1f}")
        for one in result.slowest
    ])  # fmt: skip
    text = phrase("build.slow_nodes", nodes=nodes, seconds=f"{result.seconds:.0f}")
    _log.info("%s %s", text.zh, text.en)


def _with_examples(error: ModelError, settings: Settings) -> ModelError:
    """Returns the error with the first rows that each failed test found: the value that is wrong, and where it is."""
    queries = IndicatorQueries(settings.transformer_url)
    lines = [str(error)]
    for test, query in error.failed_tests.items():
        rows = queries.examples(query, _MOST_EXAMPLES)
        lines += [f"  {test.split('.')[2]}: {redact(_described(row))}" for row in rows]
    return ModelError("\n".join(lines), error.failed_tests)


def _described(row: Mapping[str, object]) -> str:
    return ", ".join(f"{name} {value}" for name, value in row.items() if value is not None)


def _build_sources(settings: Settings) -> BuildSources:
    parts = part_fingerprints(settings)
    return BuildSources(
        git_revision=git_revision(),
        dictionary_fingerprint=parts["dictionary"],
        hierarchy_fingerprint=parts["hierarchy"],
        rules_fingerprint=parts["rules"],
        engine_fingerprint=parts["engine"],
    )


def _refresh_tables(warehouse: Warehouse, settings: Settings, before: Build) -> ModelResult | None:
    """Refreshes the tables that the loads reached; None when a table had to be recreated, which drops the views on it."""
    news = news_since_last_build(settings.transformer_url)
    # Other periods change every series.
    is_scoped = news.follows_good_build and not news.has_other_periods
    result = None
    try:
        result = build_models(settings, reports_changed(news.reports) if is_scoped else ROWS_CHANGED)
    except ModelError:
        if _build_state(warehouse, settings).models_fingerprint == before.models_fingerprint:
            raise
    return result if result and _build_state(warehouse, settings).models_fingerprint == before.models_fingerprint else None


def is_built(settings: Settings) -> bool:
    """Whether indicators and cross-report issues cover all that is loaded, with the models and rules as they are now."""
    warehouse = Warehouse(settings.warehouse_url)
    if warehouse.last_build() != _build_state(warehouse, settings):
        return False
    return warehouse.is_cross_checked(load_contracts(settings.expectations).reports)


def _build_state(warehouse: Warehouse, settings: Settings) -> Build:
    return Build(
        data_fingerprint=warehouse.ledger_fingerprint(),
        models_fingerprint=f"{project_fingerprint(settings)} {warehouse.models_fingerprint()}",
    )
