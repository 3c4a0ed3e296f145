"""The end of a log file, for messages about a program that failed."""

from __future__ import annotations

from pathlib import Path


def log_tail(path: Path, lines: int) -> str:
    """Returns the last lines of a log; an empty text when there is no log."""
    if not path.exists():
        return ""
    return "\n".join(path.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
