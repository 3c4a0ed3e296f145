"""The application: every page, behind one way of telling who asks. Airflow mounts it, `huimin pages` serves it alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import psycopg
from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response
from starlette.staticfiles import StaticFiles

from loaders.pages.access.access_file import PageAccess, access_file, access_path
from loaders.pages.access.accounts import Accounts
from loaders.pages.access.same_origin import refuse_other_origins
from loaders.pages.access.viewer import Role, Viewer
from loaders.pages.changed_files import ChangedFiles
from loaders.pages.deployment_files import DeploymentFiles
from loaders.pages.page import LoginNeeded, NotAllowed, NothingThere, Page, RoleRequirement, Services, page_of
from loaders.pages.rendering import STATIC, Links
from loaders.pages.routes import (
    check,
    completeness,
    evidence,
    figures,
    health,
    issues,
    login,
    metrics,
    overlaps,
    releases,
    reports,
)
from loaders.pages.security_headers import SecurityHeaders
from loaders.settings import Settings

LOGIN_PATH = "/login"
PAGES: tuple[tuple[str, str, Role], ...] = (
    ("/", "page.completeness", Role.UNIT),
    ("/issues", "page.issues", Role.UNIT),
    ("/figures", "page.figures", Role.UNIT),
    ("/releases", "page.releases", Role.CITY),
    ("/check", "page.check", Role.UNIT),
    ("/reports", "page.reports", Role.UNIT),
    ("/overlap", "page.overlap", Role.UNIT),
)
"""The pages of the heading: path, code of the name, and the role that sees it."""
_OPEN_PATHS = ("/check", "/reports")
ROUTERS = (
    completeness.router,
    issues.router,
    figures.router,
    evidence.router,
    releases.router,
    check.router,
    reports.router,
    overlaps.router,
    health.router,
    metrics.router,
)


class UnprotectedRoute(RuntimeError):
    """A route does not declare the role that it needs; the application is not made."""


def create_app(
    settings: Settings,
    authenticate: Callable[[Request], Viewer],
    *,
    access: ChangedFiles[PageAccess] | None = None,
    accounts: Accounts | None = None,
    dependencies: Sequence[Any] = (),
    is_framed: bool = False,
) -> FastAPI:
    """Makes the application.

    `authenticate` returns who sent a request, `ANYONE` when nobody is logged in; `accounts` are those of a login of its own.
    `access` is the deployment's access file, if it is not where it belongs. `dependencies` run before each route, as
    Airflow's own check does. `is_framed`: pages of the same origin may show these in a frame.

    Raises:
        UnprotectedRoute: a route declares no role.
    """
    app = FastAPI(
        title="Huimin",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        dependencies=[*dependencies, Depends(refuse_other_origins)],
    )
    access = access or access_file(access_path())
    app.state.services = Services(settings, DeploymentFiles(settings), authenticate, visible_pages, access, accounts)
    for router in (*ROUTERS, *([login.router] if accounts is not None else [])):
        app.include_router(router)
    app.mount("/static", StaticFiles(directory=str(STATIC)), name="static")
    app.add_middleware(SecurityHeaders, is_framed=is_framed)
    _handle_errors(app)
    unprotected = [route.path for route in page_routes(app) if required_role(route) is None]
    if unprotected:
        raise UnprotectedRoute(f"these routes declare no role: {', '.join(unprotected)}")
    return app


def page_routes(app: FastAPI) -> list[APIRoute]:
    """Returns the routes of an application that answer with a page or take a write."""
    return [route for route in app.routes if isinstance(route, APIRoute)]


def required_role(route: APIRoute) -> Role | None:
    """Returns the role that a route declares; None when it declares none."""
    calls = (dependant.call for dependant in route.dependant.dependencies)
    return next((call.role for call in calls if isinstance(call, RoleRequirement)), None)


def visible_pages(page: Page) -> Links:
    """Returns path and code of the name of the pages that somebody may open."""
    is_open = page.services.access.check.without_account
    return [(path, code) for path, code, role in PAGES if page.viewer.role >= role or (is_open and path in _OPEN_PATHS)]


def _handle_errors(app: FastAPI) -> None:
    """Lets each error end in a page that says what to do."""

    def show(error_code: str, status: int) -> Callable[[Request, Exception], Response]:
        return lambda request, _: page_of(request).render("error.html.j2", status, code=error_code)

    def ask_for_login(request: Request, _: Exception) -> Response:
        if request.method == "GET" and request.app.state.services.accounts is not None:
            page = page_of(request)
            wanted = page.path + (f"?{request.url.query}" if request.url.query else "")
            return RedirectResponse(page.link(LOGIN_PATH, next=wanted), 303)
        return page_of(request).render("error.html.j2", 401, code="page.error.login")

    def show_http_error(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        codes = {401: "page.error.login", 403: "page.error.origin", 404: "page.error.not_found", 405: "page.error.not_found"}
        return page_of(request).render("error.html.j2", status, code=codes.get(status, "page.error.failed"))

    app.add_exception_handler(LoginNeeded, ask_for_login)
    app.add_exception_handler(NotAllowed, show("page.error.not_allowed", 403))
    app.add_exception_handler(NothingThere, show("page.error.not_found", 404))
    app.add_exception_handler(RequestValidationError, show("page.error.not_understood", 400))
    app.add_exception_handler(psycopg.OperationalError, show("page.error.warehouse", 503))
    app.add_exception_handler(HTTPException, show_http_error)
