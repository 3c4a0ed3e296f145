"""Work done ahead: the next slice of a document is judged while PostgreSQL takes the last one."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
_END = object()


def prefetch(values: Iterable[T]) -> Generator[T, None, None]:
    """The same values; those of an iterator are made in a thread, the next one while the caller works on the last."""
    if not isinstance(values, Iterator):
        yield from values
        return
    source = iter(values)
    with ThreadPoolExecutor(1, "judging-ahead") as worker:
        waiting = worker.submit(next, source, _END)
        while (value := waiting.result()) is not _END:
            waiting = worker.submit(next, source, _END)
            yield value  # type: ignore[misc]
