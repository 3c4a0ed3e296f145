"""The bundle: one YAML file per asset, under identifiers that follow from names, so that a second import replaces the first."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import yaml

from loaders.dashboards.chart_forms import chart_metrics, chart_params, chart_query, viz_type
from loaders.dashboards.definitions import Chart, Dashboard, Dataset, Definitions
from loaders.dashboards.table_labels import ColumnLabel, TableLabels

DATABASE_FILE = "databases/huimin.yaml"
"""The file whose password is given beside the bundle: none stands in it."""
_DATABASE = "惠民"
_VERSION = "1.0.0"
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "huimin.bi")
_TYPES = {"text": "STRING", "bigint": "BIGINT", "integer": "INTEGER", "boolean": "BOOLEAN", "date": "DATE"}


def make_bundle(definitions: Definitions, labels: TableLabels, database_uri: str) -> dict[str, str]:
    """Makes the files of a bundle, by their paths in it.

    Args:
        database_uri: of the warehouse as `bi_reader`, with XXXXXXXXXX in place of the password.
    """
    files: dict[str, Any] = {
        "metadata.yaml": {"version": _VERSION, "type": "assets", "timestamp": "2026-01-01T00:00:00+00:00"},
        DATABASE_FILE: _database(database_uri),
    }
    for dataset in definitions.datasets.values():
        files[f"datasets/huimin/{dataset.name}.yaml"] = _dataset(dataset, labels)
    for dashboard in definitions.dashboards:
        for chart in _charts(dashboard):
            files[f"charts/{dashboard.slug}_{_uuid('chart', dashboard.slug, chart.title)[:8]}.yaml"] = _chart(
                dashboard, chart, labels
            )
        files[f"dashboards/{dashboard.slug}.yaml"] = _dashboard(dashboard)
    return {path: yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=120) for path, content in files.items()}


def _uuid(*names: str) -> str:
    return str(uuid.uuid5(_NAMESPACE, "/".join(names)))


def _charts(dashboard: Dashboard) -> Iterator[Chart]:
    for row in dashboard.rows:
        yield from row


def _database(uri: str) -> dict[str, Any]:
    return {
        "database_name": _DATABASE,
        "sqlalchemy_uri": uri,
        "expose_in_sqllab": False,
        "allow_run_async": False,
        "allow_ctas": False,
        "allow_cvas": False,
        "allow_dml": False,
        "allow_csv_upload": False,
        "extra": {"allows_virtual_table_explore": True},
        "uuid": _uuid("database"),
        "version": _VERSION,
    }


def _dataset(dataset: Dataset, labels: TableLabels) -> dict[str, Any]:
    """Without a schema: the search path of the role that asks is `bi`, or for a county `bi_county`."""
    columns = {column.name: column for table in dataset.tables for column in labels.columns[table]}
    own = {name: ColumnLabel(name, label, label, "text") for name, label in dataset.labels.items()}
    return {
        "table_name": dataset.name,
        "schema": None,
        "catalog": None,
        "sql": dataset.sql,
        "filter_select_enabled": True,
        "columns": [*map(_column, (columns | own).values()), *_worded_columns(columns, labels.reports)],
        "metrics": [{"metric_name": "count", "verbose_name": "行数", "expression": "COUNT(*)", "d3format": ",.0f"}],
        "uuid": _uuid("dataset", dataset.name),
        "version": _VERSION,
        "database_uuid": _uuid("database"),
    }


def _column(column: ColumnLabel) -> dict[str, Any]:
    return {
        "column_name": column.name,
        "verbose_name": column.chinese_name,
        "description": column.description,
        "type": _TYPES.get(column.data_type, "NUMERIC" if column.data_type.startswith("numeric") else "STRING"),
        "is_dttm": column.data_type.startswith(("date", "timestamp")),
        "is_active": True,
        "groupby": True,
        "filterable": True,
    }


def _worded_columns(columns: Mapping[str, ColumnLabel], reports: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Yields a column `<name>_zh` for each column of codes, and each yes or no: it says in Chinese what they mean."""
    for column in columns.values():
        words = reports if column.name == "report" else column.codes
        if len(words) > 1:
            # The words come from descriptions and contracts of the deployment, and quotes are doubled.
            cases = " ".join(f"when '{code}' then '{word.replace(chr(39), chr(39) * 2)}'" for code, word in words.items())
            expression = f"case {column.name} {cases} else {column.name} end"
            yield _column(replace(column, name=f"{column.name}_zh", data_type="text")) | {"expression": expression}
        elif column.data_type == "boolean":
            expression = f"case when {column.name} then '是' when not {column.name} then '否' end"
            yield _column(replace(column, name=f"{column.name}_zh", data_type="text")) | {"expression": expression}


def _chart(dashboard: Dashboard, chart: Chart, labels: TableLabels) -> dict[str, Any]:
    metrics = chart_metrics(chart, labels.indicators)
    params = chart_params(chart, metrics)
    context = {
        "datasource": {"id": 0, "type": "table"},
        "force": False,
        "queries": [chart_query(chart, metrics)],
        "form_data": params,
        "result_format": "json",
        "result_type": "full",
    }
    return {
        "slice_name": chart.title,
        "viz_type": viz_type(chart),
        "params": params,
        "query_context": json.dumps(context, ensure_ascii=False),
        "uuid": _uuid("chart", dashboard.slug, chart.title),
        "version": _VERSION,
        "dataset_uuid": _uuid("dataset", chart.dataset),
    }


def _dashboard(dashboard: Dashboard) -> dict[str, Any]:
    return {
        "dashboard_title": dashboard.title,
        "description": dashboard.description,
        "slug": dashboard.slug,
        "published": True,
        "css": "",
        "uuid": _uuid("dashboard", dashboard.slug),
        "position": _position(dashboard),
        "metadata": {"show_chart_timestamps": False, "refresh_frequency": 0, "color_scheme": "supersetColors"},
        "version": _VERSION,
    }


def _position(dashboard: Dashboard) -> Mapping[str, Any]:
    rows = [f"ROW-{number}" for number in range(len(dashboard.rows))]
    position: dict[str, Any] = {
        "DASHBOARD_VERSION_KEY": "v2",
        "ROOT_ID": {"type": "ROOT", "id": "ROOT_ID", "children": ["GRID_ID"]},
        "GRID_ID": {"type": "GRID", "id": "GRID_ID", "children": rows, "parents": ["ROOT_ID"]},
        "HEADER_ID": {"type": "HEADER", "id": "HEADER_ID", "meta": {"text": dashboard.title}},
    }
    number = 0
    for row_id, row in zip(rows, dashboard.rows, strict=True):
        parents = ["ROOT_ID", "GRID_ID"]
        children = []
        for chart in row:
            number += 1
            place = f"CHART-{number}"
            children.append(place)
            meta = {"chartId": number, "sliceName": chart.title, "width": chart.width, "height": chart.height}
            meta["uuid"] = _uuid("chart", dashboard.slug, chart.title)
            position[place] = {"type": "CHART", "id": place, "children": [], "parents": [*parents, row_id], "meta": meta}
        meta_of_row = {"background": "BACKGROUND_TRANSPARENT"}
        position[row_id] = {"type": "ROW", "id": row_id, "children": children, "parents": parents, "meta": meta_of_row}
    return position
