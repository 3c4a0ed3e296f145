"""The pages inside Airflow: mounted below /huimin, shown in a frame of its navigation, open to Airflow's own users alone.

Every component loads this file, so that the application is made by the first request.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.core_api.security import GetUserDep
from airflow.plugins_manager import AirflowPlugin
from fastapi import Depends, Request

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.types import Receive, Scope, Send


def use_airflow_user(request: Request, user: GetUserDep) -> None:
    """Notes who Airflow says it is, with the role that the rights on all DAGs give: to edit them, or to see them.

    Airflow checks nothing on the routes of a plugin: whoever has no valid session ends here with 401.
    """
    from loaders.pages.access.viewer import Role, Viewer

    manager = get_auth_manager()
    role = Role.ANYONE
    if manager.is_authorized_dag(method="PUT", user=user):
        role = Role.OPERATOR
    elif manager.is_authorized_dag(method="GET", user=user):
        role = Role.CITY
    request.state.huimin_viewer = Viewer(user.get_name(), role, None if role >= Role.CITY else frozenset())


class PagesInAirflow:
    """The application, made when it is first asked for something."""

    def __init__(self) -> None:
        self._app: FastAPI | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        await self.app(scope, receive, send)

    @property
    def app(self) -> FastAPI:
        """The application."""
        if self._app is None:
            from loaders.pages.access.viewer import ANYONE
            from loaders.pages.app import create_app
            from loaders.settings import settings_from_environment

            def viewer_of(request: Request) -> Any:
                return getattr(request.state, "huimin_viewer", ANYONE)

            settings = settings_from_environment(needs_pii_key=False)
            self._app = create_app(settings, viewer_of, dependencies=[Depends(use_airflow_user)], is_framed=True)
        return self._app


class HuiminPages(AirflowPlugin):
    """Makes the pages known to Airflow."""

    name = "huimin_pages"
    fastapi_apps = ({"app": PagesInAirflow(), "url_prefix": "/huimin", "name": "Huimin"},)
    external_views = (
        {
            "name": "惠民",
            "href": "huimin/",
            "destination": "nav",
            "url_route": "huimin",
            "category": "browse",
            "nav_top_level": True,
        },
    )
