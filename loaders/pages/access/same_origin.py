"""Refuses writes that another site's page sends with the cookie of somebody who is logged in here."""

from __future__ import annotations

from urllib.parse import urlsplit

from fastapi import HTTPException, Request

_READING = frozenset({"GET", "HEAD", "OPTIONS"})


def refuse_other_origins(request: Request) -> None:
    """Refuses a write unless the browser says that it comes from a page of this server.

    `Sec-Fetch-Site` is set by the browser alone, but only on a trustworthy connection; `Origin` is there on any.

    Raises:
        HTTPException: 403, the write comes from another origin or does not say from which.
    """
    if request.method in _READING:
        return
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    is_same = site == "same-origin" if site is not None else origin is not None and urlsplit(origin).netloc == _host(request)
    if not is_same:
        raise HTTPException(403)


def _host(request: Request) -> str:
    return request.headers.get("host", "")
