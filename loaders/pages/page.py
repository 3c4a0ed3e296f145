"""A page under way: who looks at it, in which language, and what it is drawn with. Each route declares the role that it needs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.responses import HTMLResponse, Response

from loaders.contract import Contracts, Deployment, LocalizedText, deployment_of, load_contracts
from loaders.divisions import Divisions
from loaders.messages import phrase
from loaders.pages.access.viewer import Role, Viewer
from loaders.pages.preferences import Preferences, preferences_of
from loaders.pages.rendering import PageRenderer
from loaders.settings import Settings
from loaders.warehouse.connection import Connection, PersistentConnection


class LoginNeeded(Exception):
    """The page is for people with an account, and nobody is logged in."""


class NotAllowed(Exception):
    """Whoever is logged in may not see the page, or not do this."""


class NothingThere(Exception):
    """What the address names is not there, or is not shown to whoever asks."""


class Services:
    """What all requests share: settings, contracts, divisions, the connection to the warehouse, and the templates.

    `authenticate` returns who sent a request. Contracts and divisions are read again by `refresh` alone.
    """

    def __init__(self, settings: Settings, authenticate: Callable[[Request], Viewer], renderer: PageRenderer) -> None:
        self.settings = settings
        self.authenticate = authenticate
        self.renderer = renderer
        self._connection = PersistentConnection(settings.warehouse_url)

    @cached_property
    def contracts(self) -> Contracts:
        """The contracts, as they were when first needed."""
        return load_contracts(self.settings.expectations)

    @cached_property
    def divisions(self) -> Divisions:
        """The divisions of the deployment."""
        return Divisions.load(self.settings.divisions)

    @cached_property
    def deployment(self) -> Deployment:
        """Whose pages they are."""
        return deployment_of(self.settings.expectations)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Opens a transaction that can write nothing."""
        with self._connection.transaction() as connection:
            connection.execute("set transaction read only")
            yield connection


@dataclass(frozen=True)
class Page:
    """One request for a page."""

    request: Request
    services: Services
    viewer: Viewer
    preferences: Preferences

    @property
    def lang(self) -> str:
        """The language, zh or en."""
        return self.preferences.lang

    def text(self, code: str, /, **parameters: Any) -> str:
        """Returns a sentence of the catalog in the language of the page."""
        return self.localized(phrase(code, **parameters))

    def localized(self, text: LocalizedText) -> str:
        """Returns a text in the language of the page."""
        return text.zh if self.lang == "zh" else text.en

    def unit_name(self, code: str) -> str:
        """Returns the name of a reporting unit; its code, if it is no division."""
        division = self.services.divisions.by_code.get(code)
        return code if division is None else division.name

    def reading(self) -> Any:
        """Opens a transaction that can write nothing."""
        return self.services.reading()

    def render(self, template: str, /, status_code: int = 200, **context: Any) -> Response:
        """Returns a page; the language and the theme that were asked for are remembered."""
        html = self.services.renderer.render(template, self, context)
        response = HTMLResponse(html, status_code=status_code)
        self.preferences.remember(self.request, response)
        return response


class RoleRequirement:
    """Lets a request through to its route when whoever sends it has a role; a route without one is refused at the start."""

    def __init__(self, role: Role) -> None:
        self.role = role

    def __call__(self, request: Request) -> Page:
        """Returns the page for whoever asks.

        Raises:
            LoginNeeded: nobody is logged in, and the page is not for anyone.
            NotAllowed: the role does not suffice.
        """
        page = page_of(request)
        if page.viewer.role >= self.role:
            return page
        raise LoginNeeded if page.viewer.role is Role.ANYONE else NotAllowed


def page_of(request: Request) -> Page:
    """Returns the page for whoever sends a request, whatever the role."""
    services: Services = request.app.state.services
    return Page(request, services, services.authenticate(request), preferences_of(request))


def requires(role: Role) -> Any:
    """Declares the role that a route needs; its parameter is the page."""
    return Depends(RoleRequirement(role))


OpenPage = Annotated[Page, requires(Role.ANYONE)]
UnitPage = Annotated[Page, requires(Role.UNIT)]
CityPage = Annotated[Page, requires(Role.CITY)]
OperatorPage = Annotated[Page, requires(Role.OPERATOR)]
