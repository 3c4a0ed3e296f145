"""What the kernel knows of processes."""

from __future__ import annotations

from pathlib import Path


def children_of(pid: int) -> list[int]:
    """The reading processes that a process has started and not yet waited for."""
    tasks = Path(f"/proc/{pid}/task")
    children = [child for task in tasks.iterdir() for child in (task / "children").read_text().split()]
    return [int(child) for child in children if b"loaders.reading" in Path(f"/proc/{child}/cmdline").read_bytes()]
