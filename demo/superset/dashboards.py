"""`huimin bi`: Superset over the demo's warehouse, with the deployment's dashboards."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from demo.processes import Processes
from demo.secrets import load_secrets
from demo.superset.server import SupersetError, SupersetServer, SupersetUser, database_uri
from loaders.contract import load_deployment, load_reports
from loaders.dashboards import make_bundle, read_definitions, read_table_labels
from loaders.settings import DEPLOYMENT_FILE, PROJECT_ROOT, deployment_from_environment, stack_environment
from loaders.warehouse.schema.roles import county_role

ENVIRONMENT = PROJECT_ROOT / ".venv-bi"
"""Where `make bi` installs Superset."""
_CITY_USER = "huimin_city"


def bundle_of_deployment(reader_url: str) -> dict[str, str]:
    """Makes the bundle of the deployment's dashboards, over the warehouse that `reader_url` names."""
    deployment = deployment_from_environment()
    projects = dict.fromkeys((PROJECT_ROOT / "dbt_project", deployment / "dbt_project"))
    labels = read_table_labels(load_reports(deployment / "expectations"), *projects)
    return make_bundle(read_definitions(deployment / "dbt_project" / "dashboards"), labels, database_uri(reader_url))


def start_dashboards(home: Path, echo: Callable[[str], None]) -> dict[str, str]:
    """Imports the dashboards and starts Superset beside the running warehouse. Returns addresses and how to log in.

    Raises:
        SupersetError: the warehouse does not run, Superset is not installed, or it could not be prepared.
        ProcessError: it does not start.
    """
    reader_url = stack_environment(home).get("HUIMIN_READER_URL")
    if reader_url is None:
        raise SupersetError("no warehouse runs here: `make run KEEP=1` or `make up` first")
    if not (ENVIRONMENT / "bin" / "gunicorn").exists():
        raise SupersetError("Superset is not installed: `make bi` installs it")
    # In the demo all readers have one password.
    password = load_secrets(home / "secrets.json").reader_password
    roles = [county_role(code) for code in load_deployment(deployment_from_environment() / DEPLOYMENT_FILE).county_readers]
    users = [SupersetUser("city", password, ("Gamma", _CITY_USER))]
    users += [SupersetUser(role.removeprefix("bi_"), password, ("Gamma", role)) for role in roles]
    server = SupersetServer(home / "superset", ENVIRONMENT, Processes(home, home / "logs"))
    echo("Importing the dashboards into Superset")
    server.prepare(bundle_of_deployment(reader_url), reader_url, users)
    echo("Starting Superset")
    server.start(dict.fromkeys(roles, password), outlive=True)
    names = ", ".join(user.name for user in users)
    return {
        "Superset": f"{server.url}  (user {server.administrator().name}, password {server.administrator().password})",
        "who sees less": f"users {names}; password {password}",
    }
