"""Deadlines for answers that a library would await without end."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from loaders.sources.watchdog import watching

Result = TypeVar("Result")


@contextmanager
def abort_after(seconds: float, abort: Callable[[], None] | None) -> Iterator[None]:
    """Calls `abort` when the body takes longer than `seconds`.

    Another thread calls it; it makes the waiting call of the body fail as a broken connection does. Without an `abort` there is
    no deadline: the library has its own.
    """
    if abort is None:
        yield
        return
    with watching(seconds, abort):
        yield


def call_within(seconds: float, call: Callable[[], Result]) -> Result:
    """Returns the result of a call that nothing can abort. When it takes longer, its thread is left to itself.

    Raises:
        TimeoutError: the call took longer than `seconds`.
    """
    results: queue.Queue[tuple[Result | None, BaseException | None]] = queue.Queue()

    def run() -> None:
        try:
            results.put((call(), None))
        # Whatever it is, it is raised where the result is awaited.
        except BaseException as error:
            results.put((None, error))

    threading.Thread(target=run, daemon=True).start()
    try:
        result, error = results.get(timeout=seconds)
    except queue.Empty:
        raise TimeoutError(f"no answer within {seconds:g} s") from None
    if error is not None:
        raise error
    return result  # type: ignore[return-value] # null only with an error
