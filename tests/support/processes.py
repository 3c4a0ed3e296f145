"""Child processes, from /proc."""

from __future__ import annotations

import time
from pathlib import Path


def children_of(pid: int) -> list[int]:
    """Returns the reading processes that are children of a process."""
    tasks = Path(f"/proc/{pid}/task")
    children = [child for task in tasks.iterdir() for child in (task / "children").read_text().split()]
    return [int(child) for child in children if b"loaders.reading" in _command_line(Path("/proc") / child)]


def _command_line(process: Path) -> bytes:
    """Reads the command line. A process that was just started has none yet; one that has ended has none any more."""
    while not (line := (process / "cmdline").read_bytes()) and not _has_ended(process):
        time.sleep(0.001)
    return line


def _has_ended(process: Path) -> bool:
    return (process / "stat").read_text().rpartition(")")[2].split()[0] in "ZX"
