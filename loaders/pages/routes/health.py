"""Whether the pages and their warehouse work, for whatever watches over them."""

from __future__ import annotations

import datetime as dt

import psycopg
from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from loaders.pages.page import OpenPage
from loaders.warehouse.queries.health_queries import last_work

router = APIRouter()


@router.get("/health", name="health")
def show_health(page: OpenPage) -> Response:
    """Answers 200 with the times of the last load and build, or 503 when the warehouse does not answer."""
    try:
        with page.reading() as connection:
            work = last_work(connection)
    except psycopg.Error:
        return JSONResponse({"status": "failed", "warehouse": "unreachable"}, 503)
    times = {name: time.astimezone(dt.UTC).isoformat() if time else None for name, time in work.items()}
    return JSONResponse({"status": "ok", "warehouse": "ok", **times})
