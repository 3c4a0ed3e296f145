"""The long-running processes of a local stack: started with a mark, found by it again, ended without leaving one behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import psutil

from loaders.settings import PROJECT_ROOT

# Every process of a stack, and every process that those start, carries its home in this variable.
MARK = "HUIMIN_STACK"
_GRACE_SECONDS = 12.0
_LAST_LINES = 25


class ProcessError(RuntimeError):
    """A process of the stack did not start or ended early; the message ends with its last words."""


class Processes:
    """The processes of one stack, with their logs in `logs`."""

    def __init__(self, home: Path, logs: Path) -> None:
        self._home = home
        self._logs = logs
        self._started: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, command: Sequence[str], environment: Mapping[str, str], *, outlive: bool) -> None:
        """Start a process. Unless it may `outlive` this one, it is told to stop when this one dies, however that happens."""
        self._logs.mkdir(parents=True, exist_ok=True)
        tether = [] if outlive else [sys.executable, "-m", "loaders.local_stack.tether", str(os.getpid())]
        with self.log(name).open("ab") as log:
            self._started[name] = subprocess.Popen(
                [*tether, *command],
                env={**environment, MARK: str(self._home)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                cwd=PROJECT_ROOT,
            )

    def log(self, name: str) -> Path:
        """Where a process writes."""
        return self._logs / f"{name}.log"

    def wait_until(self, name: str, is_ready: Callable[[], bool], *, timeout_seconds: float) -> None:
        """Wait for a process to be ready.

        Raises:
            ProcessError: it ended, or is not ready in time.
        """
        deadline = time.monotonic() + timeout_seconds
        while not is_ready():
            process = self._started.get(name)
            if process is not None and process.poll() is not None:
                raise ProcessError(
                    f"{name} ended with code {process.returncode}, log {self.log(name)}:\n{self._last_words(name)}"
                )
            if time.monotonic() > deadline:
                raise ProcessError(
                    f"{name} was not ready within {timeout_seconds:.0f} s, log {self.log(name)}:\n{self._last_words(name)}"
                )
            time.sleep(0.1)

    def stop_all(self) -> None:
        """End every process that carries the stack's mark, whoever started it."""
        found = self._marked()
        for process in found:
            _send(process, signal.SIGTERM)
        _, alive = psutil.wait_procs(found, timeout=_GRACE_SECONDS)
        # What a stopping process started meanwhile carries the mark too.
        for process in {*alive, *self._marked()}:
            _send(process, signal.SIGKILL)
        psutil.wait_procs(self._marked(), timeout=5)
        for started in self._started.values():
            started.poll()

    def any_alive(self) -> bool:
        """Whether any process of the stack is there."""
        return bool(self._marked())

    def _marked(self) -> list[psutil.Process]:
        return [process for process in psutil.process_iter() if _mark_of(process) == str(self._home)]

    def _last_words(self, name: str) -> str:
        path = self.log(name)
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines() if path.exists() else []
        return "\n".join(lines[-_LAST_LINES:])


def _mark_of(process: psutil.Process) -> str | None:
    try:
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        mark: str | None = process.environ().get(MARK)
    except (psutil.Error, OSError):
        return None
    return mark


def _send(process: psutil.Process, number: signal.Signals) -> None:
    try:
        process.send_signal(number)
    except psutil.Error:
        return
