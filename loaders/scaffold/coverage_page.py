"""The row of a new report in docs/coverage.md. Rows above it follow the city's account; a person moves it there if it belongs."""

from __future__ import annotations

import re

from loaders.contract import Report

_SECTION = """\

## 账外报表 / Reports beyond the account

Their indicators are those of the dictionary that name the report as their source.

| report, by its title | report | models | indicators | tables in `bi` |
|---|---|---|---|---|
"""


def with_coverage_row(report: Report, page: str) -> str:
    """Returns the page with a row for the report, unless a row of the page names its code."""
    if re.search(rf"^\|.*\b{report.code}\b(?!-)", page, re.MULTILINE):
        return page
    text = page if _SECTION in page else page + _SECTION
    models = f"`stg_{report.system}__{report.report}`, `evidence_{report.report}`"
    return f"{text}| {report.title.zh} | {report.code} | {models} | – | `programme_scoreboard` |\n"
