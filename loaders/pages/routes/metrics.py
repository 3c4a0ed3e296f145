"""The numbers of the product for Prometheus. Who may read them: `metrics` in the access file; without it, this machine alone."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import PlainTextResponse, Response

from loaders.monitoring.metrics import MetricSources, metrics_text
from loaders.pages.access.metrics_reader import may_read_metrics
from loaders.pages.page import OpenPage

router = APIRouter()


@router.get("/metrics", name="metrics")
def show_metrics(page: OpenPage) -> Response:
    """Answers 200 with all metrics, also when the warehouse is unreachable, which is one of them; 401 or 403 to others."""
    access = page.services.access.metrics
    if not may_read_metrics(page.request, access):
        wanted = {"WWW-Authenticate": "Bearer"} if access.sha256 else None
        return PlainTextResponse(page.text("page.metrics.refused"), 401 if access.sha256 else 403, headers=wanted)
    sources = MetricSources(page.reading, lambda: page.files.reports, page.services.settings.home)
    content, content_type = metrics_text(sources, page.request.headers.get("accept", ""))
    return Response(content, headers={"Content-Type": content_type})
