"""Prefetch: makes the next value of an iterator while the caller uses the last one.

Several in a row are a pipeline whose stages overlap. Each holds one value at most, so that no stage runs away from the next.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
_END = object()


def prefetch(source: Iterator[T]) -> Generator[T, None, None]:
    """Yields the same values. They are made in one thread, the next one while the caller uses the last."""
    with ThreadPoolExecutor(1, "prefetch") as worker:
        waiting = worker.submit(next, source, _END)
        while (value := waiting.result()) is not _END:
            waiting = worker.submit(next, source, _END)
            yield value  # type: ignore[misc]
