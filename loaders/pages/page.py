"""A page under way: who looks at it, in which language, and what it is drawn with. Each route declares the role that it needs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar
from urllib.parse import urlencode

from fastapi import Depends, Request
from starlette.responses import HTMLResponse, Response

from loaders.contract import LocalizedText
from loaders.messages import phrase
from loaders.messages.explain import explained
from loaders.pages.access.access_file import PageAccess
from loaders.pages.access.accounts import Accounts
from loaders.pages.access.viewer import Role, Viewer
from loaders.pages.changed_files import ChangedFiles
from loaders.pages.deployment_files import DeploymentFiles
from loaders.pages.preferences import Preferences, preferences_of
from loaders.pages.rendering import Links, PageRenderer
from loaders.settings import Settings
from loaders.warehouse.connection import Connection, PersistentConnection


class LoginNeeded(Exception):
    """The page is for people with an account, and nobody is logged in."""


class NotAllowed(Exception):
    """Whoever is logged in may not see the page, or not do this."""


class NothingThere(Exception):
    """What the address names is not there, or is not shown to whoever asks."""


class Services:
    """What all requests share: settings, files of the deployment, the connection to the warehouse, and the templates.

    `authenticate` returns who sent a request, `navigation` the pages that a heading leads to. Without `accounts`, somebody else
    logs people in.
    """

    def __init__(
        self,
        settings: Settings,
        files: DeploymentFiles,
        authenticate: Callable[[Request], Viewer],
        navigation: Callable[[Page], Links],
        access: ChangedFiles[PageAccess],
        accounts: Accounts | None,
    ) -> None:
        self._access = access
        self.settings = settings
        self.files = files
        self.accounts = accounts
        self.authenticate = authenticate
        self.navigation = navigation
        self.renderer = PageRenderer()
        self._ledger = PersistentConnection(settings.warehouse_url)
        self._figures = PersistentConnection(settings.transformer_url or settings.warehouse_url)

    @property
    def access(self) -> PageAccess:
        """What the access file of the deployment says now."""
        return self._access.value

    def reading(self) -> AbstractContextManager[Connection]:
        """Opens a transaction on the ledger that can write nothing."""
        return _reading(self._ledger)

    def reading_figures(self) -> AbstractContextManager[Connection]:
        """Opens a transaction on the tables of `bi` that can write nothing."""
        return _reading(self._figures)


@contextmanager
def _reading(persistent: PersistentConnection) -> Iterator[Connection]:
    with persistent.transaction() as connection:
        connection.execute("set transaction read only")
        yield connection


@dataclass(frozen=True)
class Page:
    """One request for a page."""

    request: Request
    services: Services
    viewer: Viewer
    preferences: Preferences

    serves_files: ClassVar[bool] = True

    @property
    def lang(self) -> str:
        """The language, zh or en."""
        return self.preferences.lang

    @property
    def root(self) -> str:
        """The path that the application is mounted at, without a slash at its end."""
        root: str = self.request.scope.get("root_path", "")
        return root.rstrip("/")

    @property
    def path(self) -> str:
        """The path of the page below the root."""
        return self.request.url.path.removeprefix(self.root) or "/"

    def link(self, path: str, **query: Any) -> str:
        """Returns the address of a page; what is None or empty is left out of the query."""
        given = {name: value for name, value in query.items() if value not in (None, "")}
        return f"{self.root}{path}" + (f"?{urlencode(given)}" if given else "")

    def text(self, code: str, /, **parameters: Any) -> str:
        """Returns a sentence of the catalog in the language of the page."""
        return self.localized(phrase(code, **parameters))

    def localized(self, text: LocalizedText) -> str:
        """Returns a text in the language of the page."""
        return text.zh if self.lang == "zh" else text.en

    def unit_name(self, code: str) -> str:
        """Returns the name of a reporting unit; its code, if it is no division."""
        return self.files.unit_name(code)

    def refuse_strangers(self) -> None:
        """Lets somebody without an account in only where the deployment says so.

        Raises:
            LoginNeeded: it does not.
        """
        if self.viewer.role is Role.ANYONE and not self.services.access.check.without_account:
            raise LoginNeeded

    @property
    def has_login(self) -> bool:
        """Whether people log in and out here."""
        return self.services.accounts is not None

    @property
    def theme(self) -> str:
        """The theme: auto, light or dark."""
        return self.preferences.theme

    def switch(self, **changed: str) -> str:
        """Returns the address of the same page in another language or theme."""
        return "?" + urlencode({**dict(self.request.query_params), **changed})

    @property
    def files(self) -> DeploymentFiles:
        """Contracts, divisions and deployment."""
        return self.services.files

    def rule_title(self, code: str) -> str:
        """Returns the title of a rule, as messages call it; its code, if it has none."""
        templates = explained(code)
        return self.localized(templates[0].title) if templates else code

    def reading(self) -> AbstractContextManager[Connection]:
        """Opens a transaction on the ledger that can write nothing."""
        return self.services.reading()

    def reading_figures(self) -> AbstractContextManager[Connection]:
        """Opens a transaction on the tables of `bi` that can write nothing."""
        return self.services.reading_figures()

    def render(self, template: str, /, status_code: int = 200, **context: Any) -> Response:
        """Returns a page; the language and the theme that were asked for are remembered."""
        html = self.services.renderer.render(template, self, self.services.navigation(self), context)
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
        raise NotAllowed if page.viewer.name else LoginNeeded


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
