"""How often one address may ask for something that costs a process."""

from __future__ import annotations

import threading
import time
from collections import deque

_SECONDS = 60.0
_MOST_ADDRESSES = 10_000


class RateLimit:
    """Requests of the last minute, by address. It is kept in memory, by each process for itself."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._times: dict[str, deque[float]] = {}

    def is_exceeded(self, address: str, per_minute: int) -> bool:
        """Counts a request, and returns whether its address sent too many within a minute."""
        now = time.monotonic()
        with self._lock:
            if len(self._times) >= _MOST_ADDRESSES:
                self._times = {one: times for one, times in self._times.items() if times and times[-1] > now - _SECONDS}
            times = self._times.setdefault(address, deque())
            while times and times[0] <= now - _SECONDS:
                times.popleft()
            if len(times) >= per_minute:
                return True
            times.append(now)
            return False
