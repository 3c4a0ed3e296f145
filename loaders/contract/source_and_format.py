"""Where a report's documents come from and what they look like: source, format, layouts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from loaders.contract.strict_model import Identifier, StrictModel
from loaders.period import Period

_PLACEHOLDER = re.compile(r"\{[^{}]*\}")
_NAMED_GROUPS = frozenset({"unit", "period", "revision"})


class Layout(StrictModel):
    """How documents of some span of periods look. The first layout that fits the document's columns is used."""

    name: str
    since: str | None = None
    until: str | None = None
    headers: dict[Identifier, str] = Field(default_factory=dict)
    without: tuple[Identifier, ...] = ()

    def errors(self) -> Iterator[str]:
        """Bounds that are no periods, or in the wrong order."""
        bounds = []
        for field, text in (("since", self.since), ("until", self.until)):
            try:
                bounds += [Period.parse(text)] if text is not None else []
            except ValueError as error:
                yield f"{field}: {error}"
        if len(bounds) == 2 and bounds[1] < bounds[0]:
            yield f"until {self.until} lies before since {self.since}"


class Workbook(StrictModel):
    """A spreadsheet of any make (xlsx, xls, xlsb, et, ods), found by its content.

    `sheets` is a regular expression that the whole name of a data sheet matches. `form` sheets print `标签：值` pairs
    instead of a table. `password` names the connection whose password opens the workbook.
    """

    kind: Literal["workbook"] = "workbook"
    sheets: str = ".*"
    form: bool = False
    password: str | None = None
    totals: tuple[str, ...] = ("合计", "小计", "总计", "全市合计")
    group_rows: bool = False

    def errors(self) -> Iterator[str]:
        """A pattern that is none."""
        yield from _pattern_errors("sheets", self.sheets)


class Delimited(StrictModel):
    """A CSV or TSV whose encoding is declared, and checked."""

    kind: Literal["delimited"] = "delimited"
    encoding: Literal["utf-8", "utf-8-sig", "utf-16", "gb18030"] = "utf-8"
    delimiter: str = Field(default=",", min_length=1, max_length=1)


class Records(StrictModel):
    """JSON lines, one record a line, fields named by each column's `field`, else by its name."""

    kind: Literal["records"] = "records"


Format = Annotated[Workbook | Delimited | Records, Field(discriminator="kind")]


class Marker(StrictModel):
    """A file beside each document that says it is whole, e.g. `{name}.ok`; `{stem}` is the name without its ending."""

    marker: str

    def errors(self) -> Iterator[str]:
        """A marker that would be the same for all documents, or the document itself."""
        if not {"{name}", "{stem}"} & set(_PLACEHOLDER.findall(self.marker)) or self.marker == "{name}":
            yield f"marker must hold {{name}} or {{stem}} and something else, e.g. {{name}}.ok, found {self.marker}"
        for other in set(_PLACEHOLDER.findall(self.marker)) - {"{name}", "{stem}"}:
            yield f"marker may hold {{name}} and {{stem}}, not {other}"


class Manifest(StrictModel):
    """A CSV file in the folder of the documents that lists those that are whole: `name,size` and, if wanted, `sha256`."""

    manifest: str = Field(min_length=1, pattern=r"^[^/]+$")


class FileDrop(StrictModel):
    """Files under a folder that a connection reaches (file, sftp, s3).

    `pattern` is a regular expression for the path below the folder; its named groups `unit` and `period` say whose document
    it is. A file is whole when it was not changed for `settle_seconds`; a younger one waits for the next run. `complete_when`
    says how else a file is known to be whole: by a `marker` beside it, by a `manifest` that lists it, or because uploads are
    `renamed` to a name that matches when they end.
    """

    kind: Literal["file_drop"] = "file_drop"
    connection: Identifier
    folder: str = ""
    pattern: str
    settle_seconds: float = Field(default=120.0, ge=0)
    complete_when: Literal["renamed"] | Marker | Manifest | None = None

    def errors(self) -> Iterator[str]:
        """A pattern that is none, or that names what nobody reads."""
        errors = list(_pattern_errors("pattern", self.pattern))
        yield from errors
        if not errors and not self.groups <= _NAMED_GROUPS:
            yield f"pattern may name the groups unit, period and revision, not {sorted(self.groups)}"

    @property
    def groups(self) -> frozenset[str]:
        """What a document's name says of it."""
        return frozenset(re.compile(self.pattern).groupindex)


class HttpApi(StrictModel):
    """A signed, paged JSON API. `key` names the record field that tells one record from another.

    Every `full_compare_days` the whole register is pulled and compared, though nothing seems to have changed.
    """

    kind: Literal["http_api"] = "http_api"
    connection: Identifier
    path: str
    key: str
    updated_field: str
    page_size: int = Field(default=500, ge=1, le=10_000)
    full_compare_days: float = Field(default=7.0, ge=0)


class Database(StrictModel):
    """A read-only view. `period_column` splits a pull into one document a period; `updated_column` is the watermark.

    Every `full_compare_days` all its rows are pulled and compared, though nothing seems to have changed.
    """

    kind: Literal["database"] = "database"
    connection: Identifier
    relation: str = Field(pattern=r"^[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)?$")
    updated_column: Identifier
    period_column: Identifier | None = None
    order_by: tuple[Identifier, ...] = Field(min_length=1)
    full_compare_days: float = Field(default=7.0, ge=0)


Source = Annotated[FileDrop | HttpApi | Database, Field(discriminator="kind")]


def _pattern_errors(field: str, pattern: str) -> Iterator[str]:
    try:
        re.compile(pattern)
    except re.error as error:
        yield f"{field} is not a regular expression: {error}"
