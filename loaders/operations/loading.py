"""Loads several reports without a scheduler: while one batch is validated and loaded, the next is read, and the next report's
documents are fetched.

Each stage works in a thread of its own and is at most one step ahead of the next, so that little is held at once. What fails is
raised where the batches of its report are asked for, and costs that report alone.
"""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple, TypeVar

from loaders import pipeline
from loaders.contract import Contracts
from loaders.pipeline import ReadBatch
from loaders.prefetch import prefetch
from loaders.reading import ReaderPool
from loaders.settings import Settings

T = TypeVar("T")
# Threads that wait for a server need the interpreter often and briefly; the default makes each wait for up to five milliseconds.
_SWITCH_SECONDS = 0.0005


class Choice(NamedTuple):
    """Which documents are loaded, as `pipeline.extract` takes it."""

    periods: Sequence[str] = ()
    units: Sequence[str] = ()
    uris: Sequence[str] = ()
    again: bool = False


def read_reports(
    names: Iterable[str], contracts: Contracts, settings: Settings, choice: Choice
) -> Iterator[tuple[str, Iterator[ReadBatch]]]:
    """Fetches and reads what is new of reports, ahead of the caller.

    Yields:
        Each report with its batches, which must be taken before the next report is asked for. They raise what failed.
    """
    before = sys.getswitchinterval()
    sys.setswitchinterval(_SWITCH_SECONDS)
    try:
        with (
            closing(prefetch(_fetch(names, contracts, settings, choice))) as fetched,
            closing(prefetch(_read(fetched, settings))) as read,
        ):
            for name, parts in groupby(read, key=itemgetter(0)):
                yield name, (_value(part) for _, part in parts if part is not None)
    finally:
        sys.setswitchinterval(before)


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
    fetched: Iterable[tuple[str, list[list[int]] | Exception]], settings: Settings
) -> Generator[tuple[str, ReadBatch | Exception | None], None, None]:
    """Yields the batches of each report, or None for one of which nothing is new.

    Rules of registered kinds run by their own predicates (docs/adr/0038): the rule engine is loaded for others only.
    """
    with ReaderPool(settings.reading) as pool:
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
