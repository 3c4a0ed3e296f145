"""A paged JSON API that serves a register.

A register is pulled whole, because a list of changed records cannot show that one was deleted. Two cheap requests (how many
records are newer than the watermark, how many are there at all) decide whether anything changed; only then all pages are pulled,
as one document of JSON lines. These requests cannot see a record that changed without its update time, or under an earlier one.
They are therefore skipped while the newest change is recent, and when a full comparison is due.
"""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Collection
from typing import Any, BinaryIO

from loaders.contract import HttpApi, Report
from loaders.model import KnownVersion, Pull, RemoteDocument, Selection
from loaders.sources.errors import SourceError
from loaders.sources.http.auth import credentials_of
from loaders.sources.http.json_client import JsonClient
from loaders.sources.http.pagination import Paginator
from loaders.sources.retry import TransientError, with_retries
from loaders.sources.update_times import is_settled, not_before_known, to_utc


class HttpApiSource:
    """One register of one API."""

    def __init__(self, report: Report, source: HttpApi, url: str, timeout: float) -> None:
        self._report = report
        self._source = source
        self._client = JsonClient(source.auth, credentials_of(source.connection, url), timeout)
        self._lines: BinaryIO | None = None

    def pull(
        self, cursor: str | None, known_versions: Collection[KnownVersion], only: Selection | None, *, is_full: bool = False
    ) -> Pull:
        """Returns the whole register as one document, if anything changed since `cursor` (or it is chosen).

        The size of the document is its record count, so that a deletion is a new version for the ledger.
        """
        uri, unit = f"{self._source.connection}:{self._source.path}", self._report.units[0]
        if only is not None and not only.includes(uri, unit, None):
            return Pull(cursor)
        if cursor is not None and only is None and not is_full and self._is_unchanged(cursor, uri, known_versions):
            return Pull(cursor)
        found = Paginator(self._source, lambda page, size: self._request_page(page, size, None)).pull()
        self._lines = found.lines
        # The cursor of a register whose newest record is gone does not go back: later records are still new.
        latest = _later(cursor, self._latest_update())
        modified_at = not_before_known(_parse_datetime(latest), uri, known_versions) if latest else dt.datetime.now(dt.UTC)
        return Pull(latest, (RemoteDocument(self._report.report, uri, modified_at, found.count, unit),))

    def fetch(self, remote_document: RemoteDocument, target: BinaryIO) -> None:  # noqa: ARG002 - there is only one
        """Writes the pulled records, one JSON object per line, as they came."""
        if self._lines is None:
            raise RuntimeError("fetch comes after a pull that offered something")
        self._lines.seek(0)
        shutil.copyfileobj(self._lines, target)

    def close(self) -> None:
        """Closes the connection and deletes the pulled records."""
        self._client.close()
        if self._lines is not None:
            self._lines.close()

    def _is_unchanged(self, cursor: str, uri: str, known_versions: Collection[KnownVersion]) -> bool:
        if not is_settled(_parse_datetime(cursor)) or self._request_page(1, 1, cursor)["total"]:
            return False
        return KnownVersion(uri, self._request_page(1, 1, None)["total"], _parse_datetime(cursor)) in known_versions

    def _latest_update(self) -> str | None:
        """Returns the newest valid update time that is not in the future: one in the future would hide all later changes."""
        now = dt.datetime.now(dt.UTC)
        latest: str | None = None
        if self._lines is not None:
            self._lines.seek(0)
            for line in self._lines:
                text = str(json.loads(line).get(self._source.updated_field))
                try:
                    is_past = _parse_datetime(text) <= now
                except ValueError:
                    continue
                latest = _later(latest, text) if is_past else latest
        return latest

    def _request_page(self, page: int, size: int, since: str | None) -> dict[str, Any]:
        query = {"page": str(page), "pageSize": str(size)} | ({"updatedSince": since} if since else {})

        def attempt() -> dict[str, Any]:
            return self._client.get(self._source.path, query)

        try:
            return with_retries(attempt)
        except TransientError as failure:
            raise SourceError(self._source.connection, f"no answer: {failure}", next_step="the next run tries again") from failure


def _parse_datetime(text: str) -> dt.datetime:
    """Parses a time as the API writes it."""
    return to_utc(dt.datetime.fromisoformat(text))


def _later(one: str | None, other: str | None) -> str | None:
    """Returns the later of two times as the API writes them; the first one if they are equal."""
    if one is None or other is None:
        return one or other
    return max(one, other, key=_parse_datetime)
