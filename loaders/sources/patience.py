"""How long we wait for an answer that the library below would wait for without end."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def hanging_up_after(seconds: float, hang_up: Callable[[], None] | None) -> Iterator[None]:
    """Call `hang_up` when the body takes longer than `seconds`.

    Hanging up is done from another thread; it makes the body's waiting call fail as a broken line does. Without a `hang_up`
    nothing is watched: the library keeps its own time.
    """
    if hang_up is None:
        yield
        return
    watch = threading.Timer(seconds, hang_up)
    watch.daemon = True
    watch.start()
    try:
        yield
    finally:
        watch.cancel()
