"""What the documents of a report are made of: workbooks, delimited text or records."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from loaders.contract.regular_expression import pattern_errors
from loaders.contract.strict_model import StrictModel


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
        yield from pattern_errors("sheets", self.sheets)


class Delimited(StrictModel):
    """A CSV or TSV whose encoding is declared, and checked."""

    kind: Literal["delimited"] = "delimited"
    encoding: Literal["utf-8", "utf-8-sig", "utf-16", "gb18030"] = "utf-8"
    delimiter: str = Field(default=",", min_length=1, max_length=1)


class Records(StrictModel):
    """JSON lines, one record a line, fields named by each column's `field`, else by its name."""

    kind: Literal["records"] = "records"


Format = Annotated[Workbook | Delimited | Records, Field(discriminator="kind")]
