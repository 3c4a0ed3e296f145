"""Whether the pages and their warehouse work, for whatever watches over them."""

from __future__ import annotations

import datetime as dt

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from loaders.monitoring.health import read_health
from loaders.pages.page import OpenPage

router = APIRouter()


@router.get("/health", name="health")
def show_health(page: OpenPage) -> Response:
    """Answers what is well and what not, with the times of the last load and build.

    503 when the warehouse does not answer or its tables are older than the program; 200 when all is well, and when disk or
    outbox need somebody (`degraded`).
    """
    health = read_health(page.reading, page.services.settings.home, dt.datetime.now(dt.UTC))
    times = {"last_loaded_at": health.last_loaded_at, "last_built_at": health.last_built_at}
    shown = {name: time.astimezone(dt.UTC).isoformat() if time else None for name, time in times.items()}
    return JSONResponse({"status": health.status, **health.checks, **shown}, health.status_code)
