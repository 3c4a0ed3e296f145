"""The demo's long-running processes: recorded when started, found again, all ended together.

Each leads a session of its own, so the session finds what it started, even after the leader died. A variable in the environment
finds processes whose session is not recorded. The variable alone is not enough: a program that renames itself (Airflow's do)
overwrites the environment that the system shows.
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

from demo.log_tail import log_tail
from demo.secrets import write_private
from loaders.parent_death_signal import bound_to_parent
from loaders.settings import PROJECT_ROOT

# Set to the demo's home in each of its processes; child processes inherit it.
HOME_VARIABLE = "HUIMIN_STACK"
_GRACE_SECONDS = 12.0
_LOG_LINES = 25


class ProcessError(RuntimeError):
    """A process did not start or ended early. The message ends with the tail of its log."""


class Processes:
    """The processes of the demo in `home`, with their logs in `logs`."""

    def __init__(self, home: Path, logs: Path) -> None:
        self._home = home
        self._logs = logs
        self._started: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, command: Sequence[str], environment: Mapping[str, str], *, outlive: bool) -> None:
        """Starts a process. Unless it may `outlive` this one, the kernel ends it when this one dies."""
        self._logs.mkdir(parents=True, exist_ok=True)
        with self.log(name).open("ab") as log:
            self._started[name] = subprocess.Popen(
                command if outlive else bound_to_parent(command),
                env={**environment, HOME_VARIABLE: str(self._home)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                cwd=PROJECT_ROOT,
            )
        self._record(self._started[name].pid)

    def log(self, name: str) -> Path:
        """Returns the log file of a process."""
        return self._logs / f"{name}.log"

    def wait_until(self, name: str, is_ready: Callable[[], bool], *, timeout_seconds: float) -> None:
        """Waits for a process to be ready.

        Raises:
            ProcessError: it ended, or is not ready in time.
        """
        deadline = time.monotonic() + timeout_seconds
        while not is_ready():
            process = self._started.get(name)
            if process is not None and process.poll() is not None:
                raise ProcessError(f"{name} ended with code {process.returncode}, {self._quoted_log(name)}")
            if time.monotonic() > deadline:
                raise ProcessError(f"{name} was not ready within {timeout_seconds:.0f} s, {self._quoted_log(name)}")
            time.sleep(0.1)

    def _quoted_log(self, name: str) -> str:
        return f"log {self.log(name)}:\n{log_tail(self.log(name), _LOG_LINES)}"

    def stop_all(self) -> None:
        """Ends every process of this home, whoever started it."""
        found = self._running()
        for process in found:
            _send(process, signal.SIGTERM)
        _, alive = psutil.wait_procs(found, timeout=_GRACE_SECONDS)
        # A process may have started another while it was stopping.
        for process in {*alive, *self._running()}:
            _send(process, signal.SIGKILL)
        psutil.wait_procs(self._running(), timeout=5)
        for started in self._started.values():
            started.poll()
        self._sessions_file.unlink(missing_ok=True)

    def any_alive(self) -> bool:
        """Tells whether any process of this home is running."""
        return bool(self._running())

    @property
    def _sessions_file(self) -> Path:
        return self._home / "sessions.json"

    def _sessions(self) -> dict[int, float]:
        """Reads the recorded sessions: process id of the leader, and when it started."""
        if not self._sessions_file.exists():
            return {}
        known: dict[str, float] = json.loads(self._sessions_file.read_text(encoding="utf-8"))
        return {int(leader): started for leader, started in known.items()}

    def _record(self, number: int) -> None:
        sessions = self._sessions() | {number: psutil.Process(number).create_time()}
        write_private(self._sessions_file, json.dumps(sessions))

    def _running(self) -> list[psutil.Process]:
        sessions = {leader: started for leader, started in self._sessions().items() if not _is_reused(leader, started)}
        return [
            process
            for process in psutil.process_iter()
            if _session_of(process) in sessions or _home_of(process) == str(self._home)
        ]


def _is_reused(number: int, began: float) -> bool:
    """Tells whether the process id of an ended leader was given to another process since."""
    try:
        return abs(psutil.Process(number).create_time() - began) > 1.0
    except psutil.Error:
        return False


def _session_of(process: psutil.Process) -> int | None:
    try:
        return None if process.status() == psutil.STATUS_ZOMBIE else os.getsid(process.pid)
    except (psutil.Error, OSError):
        return None


def _home_of(process: psutil.Process) -> str | None:
    try:
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        home: str | None = process.environ().get(HOME_VARIABLE)
    except (psutil.Error, OSError):
        return None
    return home


def _send(process: psutil.Process, number: signal.Signals) -> None:
    try:
        process.send_signal(number)
    except psutil.Error:
        return
