"""Logging in with a token or through the provider of the deployment, and logging out."""

from __future__ import annotations

import logging
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import RedirectResponse, Response

from loaders.pages.access.accounts import Accounts
from loaders.pages.access.oidc import LoginRefused, OidcClient
from loaders.pages.page import NothingThere, OpenPage, Page

router = APIRouter()
_ATTEMPT_COOKIE = "huimin_login_attempt"
_ATTEMPT_SECONDS = 600
_MOST_TOKEN = 200
_log = logging.getLogger(__name__)


@router.get("/login", name="login")
def show_login(page: OpenPage, next: str = "/") -> Response:
    """Shows the form, and the way to the provider if there is one."""
    access = _accounts(page).access
    return page.render("login.html.j2", next=_own_path(next), is_refused=False, has_oidc=access.oidc is not None)


@router.post("/login", name="login_with_token")
def log_in(
    page: OpenPage,
    token: Annotated[str, Form(max_length=_MOST_TOKEN)] = "",
    next: Annotated[str, Form()] = "/",
) -> Response:
    """Logs in with a token."""
    accounts = _accounts(page)
    if accounts.token_viewer(token.strip()) is None:
        has_oidc = accounts.access.oidc is not None
        return page.render("login.html.j2", 403, next=_own_path(next), is_refused=True, has_oidc=has_oidc)
    response = RedirectResponse(page.link(_own_path(next)), 303)
    accounts.log_in(response, page.request, accounts.token_cookie(token.strip()))
    return response


@router.post("/logout", name="logout")
def log_out(page: OpenPage) -> Response:
    """Logs out."""
    response = RedirectResponse(page.link("/login"), 303)
    _accounts(page).log_out(response, page.request)
    return response


@router.get("/login/oidc", name="login_at_provider")
def go_to_provider(page: OpenPage, next: str = "/") -> Response:
    """Sends the browser to the provider."""
    accounts, client = _accounts(page), _client(page)
    oidc = accounts.access.oidc
    public = oidc.public_url if oidc is not None else None
    redirect_uri = f"{public}/login/oidc/callback" if public else str(page.request.url_for("login_from_provider"))
    try:
        attempt = client.begin(redirect_uri, _own_path(next))
    except LoginRefused as error:
        return _refused(page, error)
    response = RedirectResponse(attempt.url, 303)
    path, is_secure = page.link("/login"), page.request.url.scheme == "https"
    # Lax: the provider's page leads back here, which a strict cookie would not survive.
    response.set_cookie(
        _ATTEMPT_COOKIE, attempt.kept, _ATTEMPT_SECONDS, path=path, secure=is_secure, httponly=True, samesite="lax"
    )
    return response


@router.get("/login/oidc/callback", name="login_from_provider")
def come_from_provider(page: OpenPage) -> Response:
    """Logs in whom the provider names, and leads on by a page of our own: a redirect would not carry the strict cookie."""
    accounts = _accounts(page)
    try:
        identity, wanted = _client(page).finish(page.request.cookies.get(_ATTEMPT_COOKIE, ""), dict(page.request.query_params))
        if accounts.claims_viewer(identity.name, identity.values) is None:
            raise LoginRefused("no grant of the access file names a value of the claim")
    except LoginRefused as error:
        return _refused(page, error)
    response = page.render("logged_in.html.j2", next=_own_path(wanted))
    accounts.log_in(response, page.request, accounts.session_cookie(identity.name, identity.values))
    response.delete_cookie(_ATTEMPT_COOKIE, path=page.link("/login"))
    return response


def _refused(page: Page, error: LoginRefused) -> Response:
    _log.warning("login refused: %s", error)
    return page.render("login.html.j2", 403, next="/", is_refused=True, has_oidc=True)


def _accounts(page: Page) -> Accounts:
    if page.services.accounts is None:
        raise NothingThere
    return page.services.accounts


def _client(page: Page) -> OidcClient:
    """The client of the provider; it is made again when the access file names another one.

    Raises:
        NothingThere: the deployment has no provider.
    """
    accounts = _accounts(page)
    oidc = accounts.access.oidc
    if oidc is None:
        raise NothingThere
    return accounts.client_of(oidc)


def _own_path(path: str) -> str:
    """A path of these pages: what leads elsewhere (`//host`, `https://…`) becomes the first page."""
    is_own = path.startswith("/") and not path.startswith("//") and "\\" not in path and path.isprintable()
    return path if is_own else "/"
