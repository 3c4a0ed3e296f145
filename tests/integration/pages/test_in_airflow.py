"""The pages as Airflow's API server serves them: only to its users, with the role that their rights give."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from loaders.settings import Settings

pytestmark = [pytest.mark.integration, pytest.mark.slow]
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def answers(pages_settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What each user got at each address."""
    home = tmp_path_factory.mktemp("airflow")
    own = {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "dags" / "plugins"),
        "AIRFLOW__CORE__DAGS_FOLDER": str(home / "dags"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "False",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": "admin:admin,viewer:viewer",
        "AIRFLOW__API_AUTH__JWT_SECRET": "s" * 64,
        "AIRFLOW__API__SECRET_KEY": "s" * 64,
        "HUIMIN_HOME": str(pages_settings.home),
        "HUIMIN_WAREHOUSE_URL": pages_settings.warehouse_url,
        "PYTHONPATH": str(ROOT),
    }
    others = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "HUIMIN_"))}
    environment = others | own
    airflow = Path(sys.executable).parent / "airflow"
    subprocess.run([airflow, "db", "migrate"], env=environment, check=True, capture_output=True, timeout=240)
    command = [sys.executable, "-m", "tests.support.pages.airflow_answers"]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, dict[str, Any]] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


@pytest.mark.timeout(600)
def test_nobody_is_let_in_without_a_session_of_airflow(answers: dict[str, dict[str, Any]]) -> None:
    statuses = {path: status for path, (status, _, _) in answers["anonymous"].items()}
    undocumented = {"/huimin/docs": 404, "/huimin/openapi.json": 404}
    assert statuses == {**dict.fromkeys(statuses, 401), **undocumented}


def test_whoever_may_see_all_dags_sees_what_the_city_sees(answers: dict[str, dict[str, Any]]) -> None:
    status, text, policy = answers["VIEWER"]["/huimin/"]
    assert status == 200 and "入户探访记录" in text
    assert 'href="/huimin/issues"' in text and 'href="/huimin/static/huimin.css' in text and "/huimin/login" not in text
    assert "frame-ancestors 'self'" in policy
    assert answers["VIEWER"]["/huimin/issues"][0] == 200


def test_only_whoever_may_edit_all_dags_decides(answers: dict[str, dict[str, Any]]) -> None:
    assert answers["VIEWER"]["override"][0] == 403
    # There is no such issue: the operator came as far as to look for it.
    assert answers["ADMIN"]["override"][0] == 404
    assert answers["ADMIN"]["override from elsewhere"][0] == 403


def test_the_interface_is_not_documented_to_anybody(answers: dict[str, dict[str, Any]]) -> None:
    for path in ("/huimin/docs", "/huimin/openapi.json"):
        assert answers["ADMIN"][path][0] == 404
