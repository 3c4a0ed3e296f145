"""Asks Airflow's own API server for the pages, as several of its users, and prints the answers as JSON.

A process of its own: Airflow reads its settings from the environment when it is first imported.
"""

from __future__ import annotations

import json
from typing import Any

from airflow.api_fastapi.app import create_app, get_auth_manager
from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser
from starlette.testclient import TestClient

SAME_ORIGIN = {"sec-fetch-site": "same-origin"}
PATHS = ("/huimin/", "/huimin/issues", "/huimin/reports/home_visit", "/huimin/health", "/huimin/docs", "/huimin/openapi.json")


def main() -> None:
    """Prints `{user: {path: [status, text, policy]}}`."""
    app = create_app(apps="core")
    manager: Any = get_auth_manager()
    answers: dict[str, dict[str, Any]] = {}
    for role in ("", "VIEWER", "ADMIN"):
        client = TestClient(app, base_url="http://127.0.0.1:8080", follow_redirects=False)
        if role:
            client.cookies.set("_token", manager.generate_jwt(SimpleAuthManagerUser(username=role.lower(), role=role)))
        asked = {path: client.get(path) for path in PATHS}
        form = {"words": "核实", "reason": "confirmed_true"}
        asked["override"] = client.post("/huimin/issues/0000000000/override", data=form, headers=SAME_ORIGIN)
        asked["override from elsewhere"] = client.post("/huimin/issues/0000000000/override", data=form)
        answers[role or "anonymous"] = {
            path: [answer.status_code, answer.text, answer.headers.get("content-security-policy", "")]
            for path, answer in asked.items()
        }
    print(json.dumps(answers))


if __name__ == "__main__":
    main()
