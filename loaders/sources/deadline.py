"""How long we wait for an answer that the library below would wait for without end."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def abort_after(seconds: float, abort: Callable[[], None] | None) -> Iterator[None]:
    """Call `abort` when the body takes longer than `seconds`.

    Hanging up is done from another thread; it makes the body's waiting call fail as a broken line does. Without a `abort`
    nothing is watched: the library keeps its own time.
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
