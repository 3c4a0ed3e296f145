"""What a deployment writes of its dashboards: `datasets.yml`, and one file per dashboard beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

import yaml
from pydantic import Field, ValidationError

from loaders.contract.strict_model import Identifier, StrictModel

_DATASETS = "datasets.yml"
_Model = TypeVar("_Model", bound=StrictModel)


class DashboardError(ValueError):
    """A file of dashboards is wrong; the message names it, and every error with its field."""


class Dataset(StrictModel):
    """A table of bi, or a query over such tables. `labels_of`: the tables whose names of columns hold for a query."""

    name: Identifier
    sql: str | None = None
    labels_of: tuple[Identifier, ...] = ()
    labels: dict[str, str] = Field(default_factory=dict)

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables of bi whose columns it has."""
        return self.labels_of or (self.name,)


class _Datasets(StrictModel):
    datasets: tuple[Dataset, ...]


class Metric(StrictModel):
    """A number of a chart: an expression of SQL under its Chinese name, and how it is written (`,.0f`, `.1f`)."""

    label: str
    sql: str
    format: str = ",.0f"


class Chart(StrictModel):
    """One chart. `indicator` takes label, unit and format of its number from the dictionary, and only its rows.

    `where` holds values by column; `x` is the axis, `series` the lines or bars side by side. A table lists `columns` as they are.
    `width` is in twelfths of the page, `height` in rows of 8 pixels.
    """

    title: str
    kind: Literal["number", "table", "line", "bar", "pie", "pivot"]
    dataset: Identifier
    columns: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    metrics: tuple[Metric, ...] = ()
    indicator: str | None = None
    measure: Literal["value", "ytd", "to_date"] = "value"
    x: str | None = None
    series: tuple[str, ...] = ()
    where: dict[str, str | tuple[str, ...]] = Field(default_factory=dict)
    formats: dict[str, str] = Field(default_factory=dict)
    is_horizontal: bool = False
    rows: int = Field(default=1000, ge=1, le=10_000)
    width: int = Field(default=6, ge=2, le=12)
    height: int = Field(default=42, ge=10, le=150)

    def errors(self) -> Iterator[str]:
        """What a kind of chart needs."""
        if self.kind == "table" and not self.columns:
            yield f"{self.title}: a table needs columns"
        if self.kind != "table" and not (self.metrics or self.indicator):
            yield f"{self.title}: needs metrics or an indicator"
        if self.kind in {"line", "bar"} and self.x is None:
            yield f"{self.title}: needs x"


class Dashboard(StrictModel):
    """One page of charts, in rows."""

    title: str
    slug: Identifier
    description: str
    rows: tuple[tuple[Chart, ...], ...]

    def errors(self) -> Iterator[str]:
        """Titles that occur twice, and rows that are wider than the page."""
        titles = [chart.title for row in self.rows for chart in row]
        for title in sorted({title for title in titles if titles.count(title) > 1}):
            yield f"{title}: occurs twice"
        for row in self.rows:
            if sum(chart.width for chart in row) > 12:
                yield f"{row[0].title}: its row is wider than 12"


@dataclass(frozen=True, slots=True)
class Definitions:
    """All dashboards of a deployment, and the datasets that they use, by name."""

    datasets: Mapping[str, Dataset]
    dashboards: tuple[Dashboard, ...]


def read_definitions(folder: Path) -> Definitions:
    """Reads the dashboards of a deployment, in the order of their file names.

    Raises:
        DashboardError: a file is wrong, or a chart uses a dataset that is not listed.
    """
    listed = _parse(_Datasets, _load(folder / _DATASETS), folder / _DATASETS)
    datasets = {dataset.name: dataset for dataset in listed.datasets}
    paths = sorted(path for path in folder.glob("*.yml") if path.name != _DATASETS)
    dashboards = tuple(_parse(Dashboard, _load(path), path) for path in paths)
    used = {chart.dataset for dashboard in dashboards for row in dashboard.rows for chart in row}
    if unknown := sorted(used - datasets.keys()):
        raise DashboardError(f"{folder / _DATASETS}: no dataset {', '.join(unknown)}; add it, or correct the chart")
    return Definitions(datasets, dashboards)


def _load(path: Path) -> Any:
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise DashboardError(f"{path}: {' '.join(str(error).split())}") from None


def _parse(model: type[_Model], content: Any, path: Path) -> _Model:
    try:
        return model.model_validate(content)
    except ValidationError as error:
        found = (f"{'.'.join(map(str, one['loc']))}: {one['msg'].removeprefix('Value error, ')}" for one in error.errors())
        raise DashboardError(f"{path}: " + "; ".join(found)) from None
