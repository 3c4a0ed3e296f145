"""Retries for sources: bounded, with growing and partly random pauses, and never sooner than the other side asks."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt

Result = TypeVar("Result")

TRIES = 5
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 60.0


class TransientError(Exception):
    """A failure of an attempt that may succeed later; `retry_after` is how many seconds the other side asks us to wait."""

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


def with_retries(attempt: Callable[[], Result]) -> Result:
    """Calls `attempt` until it returns, at most `TRIES` times.

    Raises:
        TransientError: the last attempt failed too, or the other side asked for a longer pause than a run can wait.
    """
    retrying = Retrying(
        stop=stop_after_attempt(TRIES),
        retry=retry_if_exception(_is_worth_a_retry),
        wait=_pause_after,
        sleep=time.sleep,
        reraise=True,
    )
    return retrying(attempt)


def pause_before(number: int, asked: float | None) -> float:
    """Returns the seconds to wait after the failure of attempt `number` (from 1)."""
    if asked is not None:
        return max(asked, 0.0)
    longest: float = min(FIRST_PAUSE_SECONDS * 2 ** (number - 1), LONGEST_PAUSE_SECONDS)
    # Half of the pause is random, so that many clients do not come back in step.
    return longest * (0.5 + random.random() / 2)  # noqa: S311 - spreads clients in time, guards nothing


def _is_worth_a_retry(error: BaseException) -> bool:
    # Coming back sooner than we were asked to would be no better than not having been asked.
    return isinstance(error, TransientError) and (error.retry_after or 0.0) <= LONGEST_PAUSE_SECONDS


def _pause_after(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    return pause_before(state.attempt_number, error.retry_after if isinstance(error, TransientError) else None)
