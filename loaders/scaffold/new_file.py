"""Writes files that do not exist yet."""

from __future__ import annotations

from pathlib import Path


def write_new(path: Path, text: str) -> None:
    """Writes a file that does not exist yet.

    Raises:
        FileExistsError: it exists.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("x", encoding="utf-8") as file:
        file.write(text)
