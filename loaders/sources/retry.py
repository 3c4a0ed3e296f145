"""Trying again: bounded, with growing pauses and a little chance in them, and never sooner than the other side asks."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")

TRIES = 5
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 60.0


class TransientError(Exception):
    """Raised by an attempt that may succeed later; `retry_after` is how many seconds the other side asked us to wait."""

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


def with_retries(attempt: Callable[[], Result]) -> Result:
    """Call `attempt` until it returns, at most `TRIES` times.

    Raises:
        TryAgain: the last attempt failed too, or the other side asked for a longer pause than a run can wait.
    """
    for number in range(1, TRIES):
        try:
            return attempt()
        except TransientError as failure:
            # Coming back sooner than we were asked to would be no better than not having been asked.
            if failure.retry_after is not None and failure.retry_after > LONGEST_PAUSE_SECONDS:
                raise
            time.sleep(pause_before(number, failure.retry_after))
    return attempt()


def pause_before(number: int, asked: float | None) -> float:
    """Seconds to wait after the failure of attempt `number` (from 1)."""
    if asked is not None:
        return max(asked, 0.0)
    longest: float = min(FIRST_PAUSE_SECONDS * 2 ** (number - 1), LONGEST_PAUSE_SECONDS)
    # Half of the pause is chance, so that many clients do not come back in step.
    return longest * (0.5 + random.random() / 2)  # noqa: S311 - spreads clients in time, guards nothing
