"""Prefetch: validates the next chunk of a document while PostgreSQL takes the last one."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
_END = object()


def prefetch(source: Iterator[T]) -> Generator[T, None, None]:
    """Yields the same values. They are made in a thread, the next one while the caller uses the last."""
    with ThreadPoolExecutor(1, "prefetch") as worker:
        waiting = worker.submit(next, source, _END)
        while (value := waiting.result()) is not _END:
            waiting = worker.submit(next, source, _END)
            yield value  # type: ignore[misc]
