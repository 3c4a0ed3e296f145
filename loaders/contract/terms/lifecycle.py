"""The life of a report: the names that it had, and since when nobody sends it any more."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from loaders.contract.strict_model import LocalizedText, StrictModel
from loaders.period import Period

if TYPE_CHECKING:
    from loaders.contract.report import Report


class Retirement(StrictModel):
    """Since which period the report is not sent any more (`2024-01`, `2024Q1`, `2024`), and why."""

    since: str
    why: LocalizedText

    @property
    def first_day(self) -> dt.date:
        """The first day of which nothing is reported."""
        return Period.parse(self.since).start

    def errors(self) -> Iterator[str]:
        """Yields a bound that is no period."""
        try:
            Period.parse(self.since)
        except ValueError as error:
            yield f"since: {error}"


def lifecycle_errors(report: Report) -> Iterator[str]:
    """Yields what is wrong with the former names of one report."""
    if report.report in report.formerly:
        yield f"formerly: {report.report} is the present name; list the names that it had before"
    for name, count in Counter(report.formerly).items():
        if count > 1:
            yield f"formerly: {name} is listed {count} times"


def former_names(reports: Mapping[str, Report]) -> dict[str, str]:
    """Returns the present name of each former one."""
    return {old: report.report for report in reports.values() for old in report.formerly}
