"""Requests to the pages as one of several people, without a login: who asks is named in a header."""

from __future__ import annotations

from fastapi import Request
from starlette.testclient import TestClient

from loaders.contract import load_contracts
from loaders.divisions import Divisions
from loaders.pages.access.viewer import ANYONE, Role, Viewer, units_within
from loaders.pages.app import create_app
from loaders.settings import Settings

OWN_COUNTY, OTHER_COUNTY = "441302", "441303"
HEADER = "x-visitor"
SAME_ORIGIN = {"sec-fetch-site": "same-origin"}


class Visitors:
    """Clients of one application, by who asks: anonymous, county (of `OWN_COUNTY`), city, operator."""

    def __init__(self, settings: Settings) -> None:
        reports, divisions = load_contracts(settings.expectations).reports, Divisions.load(settings.divisions)
        self.viewers = {
            "anonymous": ANYONE,
            "county": Viewer("惠城区民政局", Role.COUNTY, units_within([OWN_COUNTY], reports, divisions)),
            "city": Viewer("市民政局", Role.CITY, None),
            "operator": Viewer("数据工程师", Role.OPERATOR, None),
        }
        self.app = create_app(settings, self._viewer)

    def client(self, who: str, **headers: str) -> TestClient:
        """A client whose requests come from one of the viewers; redirects are not followed."""
        return TestClient(self.app, headers={HEADER: who, **headers}, follow_redirects=False)

    def _viewer(self, request: Request) -> Viewer:
        return self.viewers[request.headers[HEADER]]
