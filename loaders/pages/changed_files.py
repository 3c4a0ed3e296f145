"""Values read from files, and read again when a file changed: the pages go on while contracts are edited."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Generic, TypeVar

Value = TypeVar("Value")
_Signature = tuple[tuple[Path, int, int], ...]


class ChangedFiles(Generic[Value]):
    """A value and the files that it is made of. The files are looked at every few `seconds` at most."""

    def __init__(self, files: Callable[[], Iterable[Path]], read: Callable[[], Value], *, seconds: float) -> None:
        self._files = files
        self._read = read
        self._seconds = seconds
        self._lock = threading.Lock()
        self._next_look = 0.0
        self._held: tuple[_Signature, Value] | None = None

    @property
    def value(self) -> Value:
        """The value as the files are now."""
        with self._lock:
            if self._held is None or time.monotonic() >= self._next_look:
                signature = _signature(self._files())
                if self._held is None or self._held[0] != signature:
                    self._held = (signature, self._read())
                self._next_look = time.monotonic() + self._seconds
            return self._held[1]


def _signature(files: Iterable[Path]) -> _Signature:
    found = ((path, path.stat()) for path in files if path.exists())
    return tuple(sorted((path, state.st_mtime_ns, state.st_size) for path, state in found))
