"""Decides whether a new file is complete, by its time and by its earlier versions: an upload may pause for minutes.

No pull waits for minutes: a file that changed a short while ago is left for the next run, which knows its last version. The
server's clock may be wrong, so a time in the future, or before a pull at which the file was shorter, is not trusted; then two
pulls that far apart must see the same version.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Mapping

from loaders.model import WaitingFile
from loaders.sources.remote_files import RemoteFile

# A task may wait this long for a second listing.
SHORT_SECONDS = 2.0
# A file older than this, or as much ahead of our clock, is not being written now, however wrong the server's clock is.
_YOUNG = dt.timedelta(days=1)


def unsettled(
    files: Mapping[str, RemoteFile],
    earlier: Mapping[str, WaitingFile],
    settle_seconds: float,
    look_again: Callable[[], Mapping[str, RemoteFile]],
) -> dict[str, WaitingFile]:
    """Returns the files that may still be uploading, by their path.

    `earlier` are those of the last pull. `look_again` is called at most once.
    """
    now, settle = dt.datetime.now(dt.UTC), dt.timedelta(seconds=settle_seconds)
    young = {uri: file for uri, file in files.items() if abs(now - file.modified_at) < _YOUNG}
    young = {uri: file for uri, file in young.items() if now - _since(uri, file, earlier, now) < settle}
    is_short = settle_seconds <= SHORT_SECONDS
    likely = {uri for uri, file in young.items() if is_short or _is_old_enough(file, earlier.get(uri), now, settle)}
    waiting = waiting_states({uri: file for uri, file in young.items() if uri not in likely}, earlier, now)
    if likely:
        # A cheap second listing shows which files are growing now, whatever their time says.
        time.sleep(min(settle_seconds, SHORT_SECONDS))
        again = look_again()
        moved = {uri: again.get(uri, files[uri]) for uri in likely if again.get(uri) != files[uri]}
        waiting |= waiting_states(moved, earlier, dt.datetime.now(dt.UTC))
    return waiting


def waiting_states(
    files: Mapping[str, RemoteFile], earlier: Mapping[str, WaitingFile], now: dt.datetime
) -> dict[str, WaitingFile]:
    """Returns the versions of the incomplete files, each with the time at which it was first seen."""
    return {uri: WaitingFile(uri, file.size, file.modified_at, _since(uri, file, earlier, now)) for uri, file in files.items()}


def _since(uri: str, file: RemoteFile, earlier: Mapping[str, WaitingFile], now: dt.datetime) -> dt.datetime:
    before = earlier.get(uri)
    return before.first_seen_at if before is not None and _is_same(before, file) else now


def _is_old_enough(file: RemoteFile, before: WaitingFile | None, now: dt.datetime, settle: dt.timedelta) -> bool:
    """Returns whether the file's time is old enough for a complete file, and can be trusted."""
    if before is not None:
        # It was shorter then, or was recorded as incomplete although its time was old enough: its clock is behind.
        known = before.first_seen_at - (settle if _is_same(before, file) else dt.timedelta())
        if file.modified_at <= known:
            return False
    return file.modified_at <= now - settle


def _is_same(before: WaitingFile, file: RemoteFile) -> bool:
    return (before.size, before.modified_at) == (file.size, file.modified_at)
