"""Loads several reports without a scheduler: while one batch is validated and loaded, the next is read, and the next report's
documents are fetched.

Each stage works in a thread of its own and is at most one step ahead of the next, so that little is held at once. Several reports
go side by side, each in one of as many processes as there are processors. What fails costs its report alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from functools import partial
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple, TypeVar

from loaders import pipeline
from loaders.concurrency.lanes import in_lanes, lanes_for
from loaders.concurrency.prefetch import prefetch
from loaders.contract import Contracts
from loaders.pipeline import ReadBatch
from loaders.reading import ReaderPool
from loaders.settings import Settings

T = TypeVar("T")


class Choice(NamedTuple):
    """Which documents are loaded, as `pipeline.extract` takes it."""

    periods: Sequence[str] = ()
    units: Sequence[str] = ()
    uris: Sequence[str] = ()
    again: bool = False


class LoadedReport(NamedTuple):
    """What became of a report: its documents by state and by number, or what failed (then some may be loaded)."""

    report: str
    states: Counter[str]
    submissions: list[int]
    failure: str | None = None


def load_reports(names: Sequence[str], contracts: Contracts, settings: Settings, choice: Choice) -> Iterator[LoadedReport]:
    """Loads what is new of reports.

    Yields:
        Each report when it is done, in any order.

    Raises:
        Exception: a failure of what all need, such as the warehouse; no further report is begun.
    """
    lanes = lanes_for(names)
    # One reader beside each lane keeps the processors busy; a lane that is alone has one per processor.
    work = partial(_load_in_turn, contracts=contracts, settings=settings, choice=choice, readers=1 if lanes > 1 else None)
    yield from work(names) if lanes == 1 else in_lanes(work, names, lanes)


def _load_in_turn(
    names: Iterable[str], contracts: Contracts, settings: Settings, choice: Choice, readers: int | None
) -> Iterator[LoadedReport]:
    for name, batches in _read_reports(names, contracts, settings, choice, readers):
        loaded = LoadedReport(name, Counter(), [])
        try:
            for batch in batches:
                loaded.states.update(pipeline.load_read_batch(batch, settings))
                loaded.submissions.extend(submission.submission_id for submission in batch.submissions)
        except Exception as error:
            # What others raise, such as a warehouse that is gone, stops all.
            if type(error).__module__.partition(".")[0] != "loaders":
                raise
            loaded = loaded._replace(failure=f"{type(error).__name__}: {error}")
        yield loaded


def _read_reports(
    names: Iterable[str], contracts: Contracts, settings: Settings, choice: Choice, readers: int | None
) -> Iterator[tuple[str, Iterator[ReadBatch]]]:
    """Fetches and reads what is new of reports, ahead of the caller.

    Yields:
        Each report with its batches, which must be taken before the next report is asked for. They raise what failed.
    """
    with (
        closing(prefetch(_fetch(names, contracts, settings, choice))) as fetched,
        closing(prefetch(_read(fetched, settings, readers))) as read,
    ):
        for name, parts in groupby(read, key=itemgetter(0)):
            yield name, (_value(part) for _, part in parts if part is not None)


def _fetch(
    names: Iterable[str], contracts: Contracts, settings: Settings, choice: Choice
) -> Iterator[tuple[str, list[list[int]] | Exception]]:
    for name in names:
        try:
            contracts.valid_report(name)
            yield name, pipeline.extract(name, settings, **choice._asdict())
        except Exception as error:
            yield name, error


def _read(
    fetched: Iterable[tuple[str, list[list[int]] | Exception]], settings: Settings, readers: int | None
) -> Generator[tuple[str, ReadBatch | Exception | None], None, None]:
    """Yields the batches of each report, or None for one of which nothing is new.

    Rules of registered kinds run by their own predicates (docs/adr/0038): the rule engine is loaded for others only.
    """
    with ReaderPool(settings.reading, readers) as pool:
        for name, batches in fetched:
            if isinstance(batches, Exception):
                yield name, batches
                continue
            if not batches:
                yield name, None
            for batch in batches:
                try:
                    yield name, pipeline.read_batch(name, batch, settings, pool, prefer_pandas=True)
                except Exception as error:
                    yield name, error
                    break


def _value(part: T | Exception) -> T:
    if isinstance(part, Exception):
        raise part
    return part
