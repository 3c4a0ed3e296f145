"""The long-running processes of a local stack: written down when started, found again, ended without leaving one behind.

Each is the leader of a session of its own, so that what it starts is known by that session, also after it died. A mark in the
environment finds those whose session is not written down; alone it is not enough, because a program that renames itself
(Airflow's do) overwrites what the system shows of its environment.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import psutil

from loaders.local_stack.secrets import write_private
from loaders.parent_death_signal import bound_to_parent
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
        with self.log(name).open("ab") as log:
            self._started[name] = subprocess.Popen(
                command if outlive else bound_to_parent(command),
                env={**environment, MARK: str(self._home)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                cwd=PROJECT_ROOT,
            )
        self._write_down(self._started[name].pid)

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
        found = self._ours()
        for process in found:
            _send(process, signal.SIGTERM)
        _, alive = psutil.wait_procs(found, timeout=_GRACE_SECONDS)
        # What a stopping process started meanwhile carries the mark too.
        for process in {*alive, *self._ours()}:
            _send(process, signal.SIGKILL)
        psutil.wait_procs(self._ours(), timeout=5)
        for started in self._started.values():
            started.poll()
        self._sessions_file.unlink(missing_ok=True)

    def any_alive(self) -> bool:
        """Whether any process of the stack is there."""
        return bool(self._ours())

    @property
    def _sessions_file(self) -> Path:
        return self._home / "sessions.json"

    def _sessions(self) -> dict[int, float]:
        """The sessions that were started: their leader's number, and when it began."""
        if not self._sessions_file.exists():
            return {}
        known: dict[str, float] = json.loads(self._sessions_file.read_text(encoding="utf-8"))
        return {int(number): began for number, began in known.items()}

    def _write_down(self, number: int) -> None:
        sessions = self._sessions() | {number: psutil.Process(number).create_time()}
        write_private(self._sessions_file, json.dumps(sessions))

    def _ours(self) -> list[psutil.Process]:
        sessions = {number: began for number, began in self._sessions().items() if not _is_another(number, began)}
        return [
            process
            for process in psutil.process_iter()
            if _session_of(process) in sessions or _mark_of(process) == str(self._home)
        ]

    def _last_words(self, name: str) -> str:
        path = self.log(name)
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines() if path.exists() else []
        return "\n".join(lines[-_LAST_LINES:])


def _is_another(number: int, began: float) -> bool:
    """Whether the number of a leader that is gone was given to another process since."""
    try:
        return abs(psutil.Process(number).create_time() - began) > 1.0
    except psutil.Error:
        return False


def _session_of(process: psutil.Process) -> int | None:
    try:
        return None if process.status() == psutil.STATUS_ZOMBIE else os.getsid(process.pid)
    except (psutil.Error, OSError):
        return None


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
