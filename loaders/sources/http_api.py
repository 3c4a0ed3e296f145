"""A signed, paged JSON API that serves a register.

A register is taken whole: an answer of only the changed records could not show that one disappeared. So two cheap questions
(how many records are newer than the watermark, how many are there at all) tell whether anything changed, and only then all
pages are pulled, as one document of JSON lines.
Signature: hex HMAC-SHA256 of method, path, sorted query, app key, timestamp (ms) and nonce, one a line.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
import time
import uuid
from collections.abc import Collection, Mapping
from typing import Any, BinaryIO
from urllib.parse import unquote, urlencode

from loaders.contract import HttpApi, Report
from loaders.sources.connections import read_url
from loaders.sources.errors import SourceError
from loaders.sources.http_answers import Answers
from loaders.sources.retry import TryAgain, with_retries
from loaders.table import Offer, Pull, SeenOffer, Selection

PULLS = 3
_MOST_PAGES = 10_000
_OFFICE_TIME = dt.timezone(dt.timedelta(hours=8))

Record = dict[str, Any]


class _Moved(Exception):
    """The register changed while its pages were pulled; the message says by which sign."""


class HttpApiSource:
    """One register behind one API."""

    def __init__(self, report: Report, source: HttpApi, url: str, timeout: float) -> None:
        parts = read_url(source.connection, url, ("http", "https"))
        self._report = report
        self._source = source
        self._app_key, self._secret = unquote(parts.username or ""), unquote(parts.password or "")
        self._answers = Answers(source.connection, f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}", timeout)
        self._records: list[Record] = []

    def pull(self, cursor: str | None, seen: Collection[SeenOffer], only: Selection | None) -> Pull:
        """The whole register as one offer, if anything changed since `cursor` (or it is asked for).

        The size of the offer is its number of records, so that the ledger's memory shows when one disappeared.
        """
        uri, unit = f"{self._source.connection}:{self._source.path}", self._report.units[0]
        if only is not None and not only.takes(uri, unit, None):
            return Pull(cursor)
        if cursor is not None and only is None and self._is_unchanged(cursor, uri, seen):
            return Pull(cursor)
        self._records = self._pull_whole()
        latest = self._latest_update()
        modified_at = _moment(latest) if latest else dt.datetime.now(dt.UTC)
        return Pull(latest or cursor, (Offer(self._report.report, uri, modified_at, len(self._records), unit),))

    def fetch(self, offer: Offer, target: BinaryIO) -> None:  # noqa: ARG002 - there is only one
        """Write the pulled records, one JSON object a line, as they came."""
        for record in self._records:
            # Half a surrogate pair has no UTF-8, but the escape by which JSON writes it.
            target.write(json.dumps(record, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n")

    def close(self) -> None:
        """End the connection."""
        self._answers.close()

    def _is_unchanged(self, cursor: str, uri: str, seen: Collection[SeenOffer]) -> bool:
        if self._ask(1, 1, cursor)["total"]:
            return False
        return SeenOffer(uri, self._ask(1, 1, None)["total"], _moment(cursor)) in seen

    def _latest_update(self) -> str | None:
        """The newest update time that is a time and not yet to come: one from the future would hide all that follows."""
        now = dt.datetime.now(dt.UTC)
        found: dict[str, dt.datetime] = {}
        for record in self._records:
            text = str(record.get(self._source.updated_field))
            try:
                found[text] = _moment(text)
            except ValueError:
                continue
        return max((text for text, moment in found.items() if moment <= now), key=lambda text: found[text], default=None)

    def _pull_whole(self) -> list[Record]:
        """All pages; pulled again when they moved, until a pull is free of signs of it.

        A key that comes twice is such a sign, unless the register itself holds it twice: then the next pull says the same.
        """
        before: list[Record] | None = None
        sign = ""
        for _ in range(PULLS):
            try:
                records, repeated = self._all_pages()
            except _Moved as moved:
                before, sign = None, str(moved)
                continue
            if repeated is None or records == before:
                return records
            before, sign = records, repeated
        raise SourceError(
            self._source.connection,
            f"the register changed under each of {PULLS} pulls ({sign})",
            next_step="the next run tries again; ask the owner of the system for a quiet hour",
        )

    def _all_pages(self) -> tuple[list[Record], str | None]:
        """Every record, and a sign of movement if a key came twice.

        Raises:
            _Moved: the number of records is not what the first page said.
        """
        records: list[Record] = []
        keys: set[str] = set()
        last: list[Record] = []
        total, repeated = None, None
        for page in range(1, _MOST_PAGES + 1):
            data = self._ask(page, self._source.page_size, None)
            found, total = data["records"], data["total"] if total is None else total
            if data["total"] != total:
                raise _Moved(f"the total went from {total} to {data['total']}")
            if found and found == last:
                raise self._fault(f"page {page} is the same as page {page - 1}", "its paging is broken")
            # A record without a key is the judge's matter; it cannot tell whether the pages moved.
            fresh = [str(record[self._source.key]) for record in found if self._source.key in record]
            if len(set(fresh)) < len(fresh) or keys.intersection(fresh):
                repeated = f"page {page} brings a record that came before"
            keys.update(fresh)
            records += found
            last = found
            if len(records) > total or (not found and len(records) < total):
                raise _Moved(f"{len(records)} of {total} records had come by page {page}")
            if len(records) == total:
                return records, repeated
        raise self._fault(f"{_MOST_PAGES} pages did not hold its {total} records", "pages should be larger")

    def _fault(self, what: str, question: str) -> SourceError:
        return SourceError(
            self._source.connection, f"{self._source.path}: {what}", next_step=f"ask the owner of the system: {question}"
        )

    def _ask(self, page: int, size: int, since: str | None) -> dict[str, Any]:
        query = {"page": str(page), "pageSize": str(size)} | ({"updatedSince": since} if since else {})

        def attempt() -> dict[str, Any]:
            # Signed anew each time: the timestamp ages, and a nonce is good for one request.
            return self._answers.get(self._source.path, query, self._signature(query))

        try:
            return with_retries(attempt)
        except TryAgain as failure:
            raise SourceError(self._source.connection, f"no answer: {failure}", next_step="the next run tries again") from failure

    def _signature(self, query: Mapping[str, str]) -> dict[str, str]:
        stamp, nonce = str(int(time.time() * 1000)), uuid.uuid4().hex
        text = "\n".join(("GET", self._source.path, urlencode(sorted(query.items())), self._app_key, stamp, nonce))
        signature = hmac.new(self._secret.encode(), text.encode(), hashlib.sha256).hexdigest()
        return {"X-App-Key": self._app_key, "X-Timestamp": stamp, "X-Nonce": nonce, "X-Signature": signature}


def _moment(text: str) -> dt.datetime:
    """A time as the API writes it; one without an offset is China's."""
    moment = dt.datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=_OFFICE_TIME)).astimezone(dt.UTC)
