"""One chart as Superset stores it: the form that its page shows, and the query that its interface for programs runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from loaders.dashboards.definitions import Chart, Metric
from loaders.dashboards.table_labels import IndicatorLabel

_TYPES = {
    "number": "big_number_total",
    "table": "table",
    "line": "echarts_timeseries_line",
    "bar": "echarts_timeseries_bar",
    "pie": "pie",
    "pivot": "pivot_table_v2",
}


def viz_type(chart: Chart) -> str:
    """Returns Superset's name of the kind of chart."""
    return _TYPES[chart.kind]


def chart_metrics(chart: Chart, indicators: Mapping[str, IndicatorLabel]) -> tuple[Metric, ...]:
    """Returns the numbers of a chart: its own, or that of its indicator with name, unit and format of the dictionary."""
    if chart.indicator is None:
        return chart.metrics
    indicator = indicators[chart.indicator]
    return (Metric(label=indicator.label, sql=f"sum({chart.measure})", format=indicator.format),)


def conditions(chart: Chart) -> dict[str, str | tuple[str, ...]]:
    """Returns the values that columns must have, by column."""
    return ({"indicator_code": chart.indicator} if chart.indicator else {}) | chart.where


def chart_params(chart: Chart, metrics: tuple[Metric, ...]) -> dict[str, Any]:
    """Returns the form of a chart. Colors, sizes and the rest are Superset's own."""
    written = [_metric(metric) for metric in metrics]
    params: dict[str, Any] = {
        "viz_type": viz_type(chart),
        "adhoc_filters": [_filter(column, value) for column, value in conditions(chart).items()],
        "row_limit": chart.rows,
    }
    match chart.kind:
        case "number":
            return params | {"metric": written[0], "y_axis_format": metrics[0].format, "subtitle": ""}
        case "table":
            return params | _table(chart)
        case "line":
            return params | _series(chart, metrics, written)
        case "bar":
            return params | _series(chart, metrics, written) | _bars(chart)
        case "pie":
            return params | _pie(chart, metrics, written)
        case "pivot":
            return params | _pivot(chart, metrics, written)


def chart_query(chart: Chart, metrics: tuple[Metric, ...]) -> dict[str, Any]:
    """Returns the query of a chart, in the form of `POST /api/v1/chart/data`."""
    filters = [
        {"col": column, "op": "==" if isinstance(value, str) else "IN", "val": value if isinstance(value, str) else list(value)}
        for column, value in conditions(chart).items()
    ]
    grouped = [*([chart.x] if chart.x else []), *chart.series]
    order = [[column.removeprefix("-"), not column.startswith("-")] for column in (chart.order or grouped)]
    query: dict[str, Any] = {"filters": filters, "row_limit": chart.rows, "orderby": order, "extras": {}, "annotation_layers": []}
    if chart.kind == "table":
        # Without metrics, not with none of them: Superset would group the rows.
        return query | {"columns": list(chart.columns)}
    return query | {"columns": grouped, "metrics": [_metric(metric) for metric in metrics]}


def _table(chart: Chart) -> dict[str, Any]:
    return {
        "query_mode": "raw",
        "all_columns": list(chart.columns),
        "order_by_cols": [f'["{column.removeprefix("-")}", {str(not column.startswith("-")).lower()}]' for column in chart.order],
        "column_config": {column: {"d3NumberFormat": written} for column, written in chart.formats.items()},
        "show_cell_bars": False,
        "server_page_length": 50,
        "table_timestamp_format": "%Y-%m-%d",
    }


def _series(chart: Chart, metrics: tuple[Metric, ...], written: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "x_axis": chart.x,
        "metrics": written,
        "groupby": list(chart.series),
        "x_axis_sort": chart.x,
        "x_axis_sort_asc": True,
        "y_axis_format": metrics[0].format,
        "y_axis_title": metrics[0].label if len(metrics) == 1 else "",
        "y_axis_title_margin": 60,
        "y_axis_title_position": "Left",
        "show_legend": bool(chart.series) or len(metrics) > 1,
        "legendOrientation": "top",
        "rich_tooltip": True,
        "show_empty_columns": True,
        "truncate_metric": True,
        "time_grain_sqla": None,
        "xAxisLabelRotation": 0 if chart.is_horizontal else 45,
    }


def _bars(chart: Chart) -> dict[str, Any]:
    """Bars of one thing that is divided stand on each other."""
    return {
        "orientation": "horizontal" if chart.is_horizontal else "vertical",
        "stack": "Stack" if chart.series or len(chart.metrics) > 1 else None,
    }


def _pie(chart: Chart, metrics: tuple[Metric, ...], written: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "groupby": list(chart.series),
        "metric": written[0],
        "number_format": metrics[0].format,
        "label_type": "key_value",
        "show_labels": True,
        "sort_by_metric": True,
        "show_legend": False,
    }


def _pivot(chart: Chart, metrics: tuple[Metric, ...], written: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "groupbyRows": list(chart.series),
        "groupbyColumns": [chart.x] if chart.x else [],
        "metrics": written,
        "metricsLayout": "COLUMNS",
        "aggregateFunction": "Sum",
        "valueFormat": metrics[0].format,
        "rowOrder": "key_a_to_z",
        "colOrder": "key_a_to_z",
    }


def _metric(metric: Metric) -> dict[str, Any]:
    return {
        "expressionType": "SQL",
        "sqlExpression": metric.sql,
        "label": metric.label,
        "hasCustomLabel": True,
        "optionName": f"metric_{metric.label}",
    }


def _filter(column: str, value: str | tuple[str, ...]) -> dict[str, Any]:
    is_one = isinstance(value, str)
    return {
        "expressionType": "SIMPLE",
        "clause": "WHERE",
        "subject": column,
        "operator": "==" if is_one else "IN",
        "operatorId": "EQUALS" if is_one else "IN",
        "comparator": value if isinstance(value, str) else list(value),
        "filterOptionName": f"filter_{column}",
    }
