"""What is asked for: one request, or one list of pages, per document."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from loaders.contract import AskedSource, Report
from loaders.contract.sources.request_values import NamedValues
from loaders.model import Selection
from loaders.period import Period, PeriodKind

_LOCAL_TIMEZONE = dt.timezone(dt.timedelta(hours=8))


@dataclass(frozen=True, slots=True)
class Ask:
    """One document to ask for. `unit` and `period` are None where the request names none."""

    uri: str
    unit: str | None = None
    period: Period | None = None
    is_repeated: bool = True

    def values(self, source: AskedSource) -> NamedValues:
        """Returns the named values of its requests."""
        code = None if self.unit is None else source.codes_of_units.get(self.unit, self.unit)
        return NamedValues(period=self.period, unit=code)


class AskPlan:
    """All documents of a report that its source may be asked for."""

    def __init__(self, report: Report, source: AskedSource) -> None:
        self._report = report
        self._source = source
        self.place = f"{source.connection}:{source.place}"

    def asks(self, known_uris: Collection[str], only: Selection | None, *, is_full: bool) -> Iterator[Ask]:
        """Yields what is to be asked for: what is not known or may still change; with `only`, what is chosen, known or not."""
        for ask in self._all(only.periods if only else (), only.uris if only else ()):
            if only is not None:
                if only.includes(ask.uri, ask.unit or self._report.units[0], ask.period):
                    yield ask
            elif is_full or ask.is_repeated or ask.uri not in known_uris:
                yield ask

    def ask_for(self, unit: str | None, period: Period | None, *, is_repeated: bool = True) -> Ask:
        """Returns the document of a unit and a period, as far as the contract asks for one of them."""
        unit = unit if self._source.is_per_unit else None
        period = period if self._source.is_per_period else None
        uri = "/".join([self.place, *(str(part) for part in (unit, period) if part is not None)])
        return Ask(uri, unit, period, is_repeated)

    def newest_period(self) -> Period:
        """Returns the last period that has ended."""
        return Period.containing(self._today(), self._kind()).previous()

    def _all(self, chosen: Collection[Period], uris: Collection[str]) -> Iterator[Ask]:
        units = self._report.units if self._source.is_per_unit else (None,)
        if not self._source.is_per_period:
            yield from (self.ask_for(unit, None) for unit in units)
            return
        # A chosen period, or the one of a document that is fetched again, may lie further back than the contract looks.
        named = {*chosen, *self._periods_of(uris)}
        repeated = self._repeated_periods()
        for period in sorted({*self._periods_back(), *named}):
            yield from (self.ask_for(unit, period, is_repeated=period in repeated) for unit in units)

    def _periods_back(self) -> list[Period]:
        periods = [self.newest_period()]
        for _ in range(self._source.periods.back - 1):
            periods.append(periods[-1].previous())
        return [periods[0].next(), *periods] if self._source.periods.current else periods

    def _repeated_periods(self) -> set[Period]:
        newest_first = sorted(self._periods_back(), reverse=True)
        return set(newest_first[: self._source.periods.again + self._source.periods.current])

    def _periods_of(self, uris: Collection[str]) -> Iterator[Period]:
        for uri in uris:
            try:
                period = Period.parse(uri.rpartition("/")[2])
            except ValueError:
                continue
            if period.kind is self._kind():
                yield period

    def _kind(self) -> PeriodKind:
        # The contract is refused without one.
        return self._report.period_kind or PeriodKind.MONTH

    @staticmethod
    def _today() -> dt.date:
        return dt.datetime.now(_LOCAL_TIMEZONE).date()
