"""A signed, paged JSON API that serves a register.

A register is taken whole: an answer of only the changed records could not show that one disappeared. So a cheap question
(`updatedSince` the watermark) tells whether anything changed, and only then all pages are pulled, as one document of JSON lines.
Signature: hex HMAC-SHA256 of method, path, sorted query, app key, timestamp (ms) and nonce, one a line.
"""

from __future__ import annotations

import datetime as dt
import email.utils
import hashlib
import hmac
import json
import time
import uuid
from collections.abc import Collection, Mapping
from typing import Any, BinaryIO
from urllib.parse import unquote, urlencode, urlsplit

import httpx

from loaders.contract import HttpApi, Report
from loaders.sources.errors import SourceError
from loaders.sources.retry import TryAgain, with_retries
from loaders.table import Offer, Pull, SeenOffer, Selection

PULLS = 3
_BUSY = 429

Record = dict[str, Any]


class HttpApiSource:
    """One register behind one API."""

    def __init__(self, report: Report, source: HttpApi, url: str, timeout: float) -> None:
        parts = urlsplit(url)
        self._report = report
        self._source = source
        self._app_key, self._secret = unquote(parts.username or ""), unquote(parts.password or "")
        scheme = parts.scheme if parts.scheme in {"http", "https"} else "https"
        port = f":{parts.port}" if parts.port else ""
        self._client = httpx.Client(base_url=f"{scheme}://{parts.hostname}{port}", timeout=timeout)
        self._records: list[Record] = []

    def pull(self, cursor: str | None, seen: Collection[SeenOffer], only: Selection | None) -> Pull:  # noqa: ARG002
        """The whole register as one offer, if any record changed after `cursor` (or it is asked for)."""
        if cursor is not None and only is None and not self._ask(1, 1, cursor)["total"]:
            return Pull(cursor)
        self._records = self._pull_whole()
        latest = max((str(record[self._source.updated_field]) for record in self._records), default=None)
        modified_at = dt.datetime.fromisoformat(latest) if latest else dt.datetime.now(dt.UTC)
        uri = f"{self._source.connection}:{self._source.path}"
        offer = Offer(self._report.report, uri, modified_at, None, self._report.units[0])
        if only is not None and not only.takes(offer.uri, offer.unit, None):
            return Pull(cursor)
        return Pull(latest or cursor, (offer,))

    def fetch(self, offer: Offer, target: BinaryIO) -> None:  # noqa: ARG002
        """Write the pulled records, one JSON object a line, as they came."""
        for record in self._records:
            target.write(json.dumps(record, ensure_ascii=False).encode() + b"\n")

    def close(self) -> None:
        """End the connection."""
        self._client.close()

    def _pull_whole(self) -> list[Record]:
        """All pages; pulled again when they moved, until a pull is free of signs of it or two pulls are the same.

        A key that comes twice is such a sign, unless the register itself holds it twice: then every pull says the same.
        """
        before: list[Record] | None = None
        for _ in range(PULLS):
            records, sign = self._all_pages()
            if sign is None or records == before:
                return records
            before = records
        raise SourceError(
            self._source.connection,
            f"the register changed under each of {PULLS} pulls ({sign})",
            next_step="the next run tries again; ask the owner of the system for a quiet hour",
        )

    def _all_pages(self) -> tuple[list[Record], str | None]:
        records: list[Record] = []
        keys: set[str] = set()
        last: list[Record] = []
        page, total, sign = 1, None, None
        while total is None or len(records) < total:
            data = self._ask(page, self._source.page_size, None)
            found: list[Record] = data["records"]
            if not found and data["total"]:
                return records, f"page {page} is empty after {len(records)} of {data['total']} records"
            if found and found == last:
                raise self._repeats(page)
            if total is not None and data["total"] != total:
                sign = f"the total went from {total} to {data['total']}"
            total = data["total"]
            fresh = {str(record[self._source.key]) for record in found}
            if len(fresh) < len(found) or fresh & keys:
                sign = f"page {page} brings a record that came before"
            keys |= fresh
            records += found
            last = found
            page += 1
        return records, sign

    def _repeats(self, page: int) -> SourceError:
        return SourceError(
            self._source.connection,
            f"page {page} of {self._source.path} is the same as page {page - 1}",
            next_step="ask the owner of the system: its paging is broken",
        )

    def _ask(self, page: int, size: int, since: str | None) -> dict[str, Any]:
        query = {"page": str(page), "pageSize": str(size)} | ({"updatedSince": since} if since else {})
        try:
            data: dict[str, Any] = with_retries(lambda: self._answer(query))
        except TryAgain as failure:
            raise SourceError(self._source.connection, f"no answer: {failure}", next_step="the next run tries again") from failure
        return data

    def _answer(self, query: Mapping[str, str]) -> dict[str, Any]:
        try:
            reply = self._client.get(self._source.path, params=sorted(query.items()), headers=self._signature(query))
        except httpx.TransportError as error:
            raise TryAgain(f"{type(error).__name__} at {self._source.path}") from error
        if reply.status_code == _BUSY or reply.status_code >= 500:
            raise TryAgain(f"HTTP {reply.status_code} at {self._source.path}", _retry_after(reply.headers.get("Retry-After")))
        return self._checked(reply)

    def _checked(self, reply: httpx.Response) -> dict[str, Any]:
        if reply.status_code in {401, 403}:
            raise SourceError(
                self._source.connection,
                f"HTTP {reply.status_code}: our signature is not accepted",
                next_step="check app key, secret and this machine's clock",
            )
        try:
            body = reply.json()
            data: dict[str, Any] = body["data"]
            if reply.status_code == 200 and body["code"] == 0 and isinstance(data["records"], list) and data["total"] >= 0:
                return data
        except (ValueError, KeyError, TypeError):
            pass
        raise SourceError(
            self._source.connection,
            f'expected {{"code": 0, "data": {{"total", "records"}}}}, found HTTP {reply.status_code} with {reply.text[:120]!r}',
            next_step="ask the owner of the system what changed",
        )

    def _signature(self, query: Mapping[str, str]) -> dict[str, str]:
        stamp, nonce = str(int(time.time() * 1000)), uuid.uuid4().hex
        text = "\n".join(("GET", self._source.path, urlencode(sorted(query.items())), self._app_key, stamp, nonce))
        signature = hmac.new(self._secret.encode(), text.encode(), hashlib.sha256).hexdigest()
        return {"X-App-Key": self._app_key, "X-Timestamp": stamp, "X-Nonce": nonce, "X-Signature": signature}


def _retry_after(text: str | None) -> float | None:
    """Seconds that a Retry-After header asks for, in either of its two forms (RFC 9110)."""
    if text is None:
        return None
    if text.strip().isdigit():
        return float(text)
    try:
        moment = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return None
    return (moment - dt.datetime.now(dt.UTC)).total_seconds()
