"""Files that offices drop into a folder: local, SFTP or S3, by fsspec.

A name is only ever a name here: it is matched against the contract's pattern and never used as a path of this machine.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, BinaryIO

from loaders.contract import FileDrop, Report
from loaders.period import Period
from loaders.sources.connections import open_file_system
from loaders.sources.errors import SourceError, StillChanging
from loaders.sources.retry import TryAgain, with_retries
from loaders.table import Offer, Pull, SeenOffer, Selection

_CHUNK = 1 << 20
_UNFINISHED = re.compile(r"(^|/)(\.|~\$)|\.(part|tmp|filepart|crdownload)\Z", re.IGNORECASE)
_LONGEST_NAME = 1024
# What a broken line or a busy server looks like, as opposed to a refusal.
_PASSING = (TimeoutError, ConnectionError, EOFError)


@dataclass(frozen=True, slots=True)
class _Found:
    """One file as the listing shows it."""

    path: str
    below: str
    size: int
    modified_at: dt.datetime


class FileDropSource:
    """The files of one report below one folder of a connection."""

    def __init__(self, report: Report, source: FileDrop, url: str, timeout: float) -> None:
        self._report = report
        self._source = source
        self._system, root = open_file_system(source.connection, url, timeout)
        self._folder = str(PurePosixPath(root or "/") / source.folder) if source.folder else root
        self._pattern = re.compile(source.pattern)
        self._found: dict[str, _Found] = {}

    def pull(self, cursor: str | None, seen: Collection[SeenOffer], only: Selection | None) -> Pull:
        """Every matching file whose name, size and time the ledger does not know yet.

        The known states are the watermark; the cursor is only the latest time seen, for people to read.
        """
        now = dt.datetime.now(dt.UTC)
        offers, waiting, unmatched = [], [], []
        for file in sorted(self._list(), key=lambda file: file.below):
            if _UNFINISHED.search(file.below):
                continue
            match = self._pattern.fullmatch(file.below)
            if match is None or len(file.below) > _LONGEST_NAME:
                unmatched.append(self._uri(file)[:_LONGEST_NAME])
                continue
            offer = self._offer(file, match)
            if only is not None and not only.takes(offer.uri, offer.unit, offer.period):
                continue
            if only is None and SeenOffer(offer.uri, offer.size, offer.modified_at) in seen:
                continue
            if 0 <= (now - file.modified_at).total_seconds() < self._source.settle_seconds:
                waiting.append(offer.uri)
                continue
            self._found[offer.uri] = file
            offers.append(offer)
        latest = max((offer.modified_at.isoformat() for offer in offers), default=cursor)
        return Pull(max(latest, cursor) if latest and cursor else latest, tuple(offers), tuple(waiting), tuple(unmatched))

    def fetch(self, offer: Offer, target: BinaryIO) -> None:
        """Copy the file's bytes.

        Raises:
            StillChanging: its size or time is not what the listing said, before or after the copy.
            SourceError: the line breaks again and again.
        """
        file = self._found[offer.uri]
        start = target.tell()

        def attempt() -> int:
            target.seek(start)
            target.truncate()
            with self._tell_failures(offer.uri), self._system.open(file.path, "rb", cache_type="readahead") as remote:
                while chunk := remote.read(_CHUNK):
                    target.write(chunk)
            return target.tell() - start

        size = self._persistently(attempt)
        if size != offer.size or self._look(file) != (file.size, file.modified_at):
            raise StillChanging(self._source.connection, offer.uri)

    def close(self) -> None:
        """End the session, so that the server does not keep it."""
        self._system.clear_instance_cache()

    def _list(self) -> Iterator[_Found]:
        def attempt() -> dict[str, dict[str, Any]]:
            with self._tell_failures(self._folder):
                if not self._system.exists(self._folder):
                    raise SourceError(
                        self._source.connection,
                        f'there is no folder "{self._folder}"',
                        next_step=f"make it, or correct source.folder in the contract of {self._report.report}",
                    )
                self._system.invalidate_cache()
                found: dict[str, dict[str, Any]] = self._system.find(self._folder, detail=True)
                return found

        base = self._folder.rstrip("/") + "/"
        for path, facts in self._persistently(attempt).items():
            if facts.get("type", "file") == "file":
                size, modified_at = _size_and_time(facts)
                yield _Found(path, path.removeprefix(base).removeprefix(base.lstrip("/")), size, modified_at)

    def _look(self, file: _Found) -> tuple[int, dt.datetime]:
        def attempt() -> tuple[int, dt.datetime]:
            with self._tell_failures(file.below):
                self._system.invalidate_cache()
                return _size_and_time(self._system.info(file.path))

        seen: tuple[int, dt.datetime] = self._persistently(attempt)
        return seen

    def _offer(self, file: _Found, match: re.Match[str]) -> Offer:
        groups = match.groupdict()
        period = Period.parse(groups["period"]) if groups.get("period") else None
        return Offer(self._report.report, self._uri(file), file.modified_at, file.size, groups.get("unit"), period)

    def _uri(self, file: _Found) -> str:
        """Named by the connection, not by host and port, which may change under the same drop."""
        return f"{self._source.connection}:/{self._source.folder.strip('/')}/{file.below}".replace("://", ":/")

    def _tell_failures(self, place: str) -> _Failures:
        return _Failures(self._source.connection, place)

    def _persistently(self, attempt: Any) -> Any:
        try:
            return with_retries(attempt)
        except TryAgain as failure:
            raise SourceError(
                self._source.connection, f"the line broke again and again ({failure})", next_step="the next run tries again"
            ) from failure


class _Failures:
    """Turns what a file system raises into what we say of it."""

    def __init__(self, connection: str, place: str) -> None:
        self._connection = connection
        self._place = place

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if error is None or isinstance(error, SourceError):
            return
        if isinstance(error, FileNotFoundError):
            raise StillChanging(self._connection, self._place) from error
        if isinstance(error, PermissionError):
            raise SourceError(self._connection, f"may not read {self._place}", next_step="ask for read access") from error
        if isinstance(error, _PASSING) or type(error).__name__ in {"ConnectionLost", "SFTPError", "SFTPConnectionLost"}:
            raise TryAgain(f"{type(error).__name__} at {self._place}") from error


def _size_and_time(facts: dict[str, Any]) -> tuple[int, dt.datetime]:
    moment = next((facts[name] for name in ("mtime", "time", "LastModified", "created") if facts.get(name) is not None), 0)
    if isinstance(moment, int | float):
        moment = dt.datetime.fromtimestamp(moment, dt.UTC)
    return int(facts["size"]), moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
