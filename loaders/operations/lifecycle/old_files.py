"""Files that nobody needs after some days: logs, and what processes that died left behind."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

_DAY_SECONDS = 86_400


def delete_old_files(folders: list[Path], days: int, *, is_dry_run: bool) -> tuple[int, int]:
    """Deletes the files below folders that were last written before, and folders that are empty for a day. No link is followed.

    Returns:
        How many files were deleted, or would be, and how many are kept.
    """
    before = time.time() - days * _DAY_SECONDS
    deleted = kept = 0
    for folder in folders:
        for path in list(_files(folder)):
            if _is_old(path, before):
                deleted += 1
                if not is_dry_run:
                    path.unlink(missing_ok=True)
            else:
                kept += 1
        if not is_dry_run:
            _delete_empty_folders(folder, before)
    return deleted, kept


def _files(folder: Path) -> Iterator[Path]:
    for place, _, names in os.walk(folder, followlinks=False):
        yield from (Path(place, name) for name in names)


def _is_old(path: Path, before: float) -> bool:
    try:
        return path.lstat().st_mtime < before
    except FileNotFoundError:
        # Deleted meanwhile by whoever wrote it: neither ours to count nor to delete.
        return False


def _delete_empty_folders(folder: Path, before: float) -> None:
    """Deletes empty folders that nobody touched lately: a process may have made one for a file that it is about to write."""
    for place, _, _ in os.walk(folder, topdown=False, followlinks=False):
        path = Path(place)
        if path != folder and not path.is_symlink() and _is_old(path, max(before, time.time() - _DAY_SECONDS)):
            try:
                path.rmdir()
            except OSError:
                # It is not empty.
                continue
