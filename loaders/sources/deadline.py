"""Deadlines for answers that a library would await without end."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def abort_after(seconds: float, abort: Callable[[], None] | None) -> Iterator[None]:
    """Calls `abort` when the body takes longer than `seconds`.

    Another thread calls it; it makes the waiting call of the body fail as a broken connection does. Without an `abort` there is
    no deadline: the library has its own.
    """
    if abort is None:
        yield
        return
    watch = threading.Timer(seconds, abort)
    watch.daemon = True
    watch.start()
    try:
        yield
    finally:
        watch.cancel()
