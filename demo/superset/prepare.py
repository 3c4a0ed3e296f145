"""Prepares Superset's own database and imports a bundle. Runs in Superset's environment.

    python prepare.py BUNDLE_FOLDER < JSON with the keys database_password, database_file, users

`users` has dictionaries of name, password and roles. A second run changes what differs, and nothing else.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any


def main(folder: Path, given: dict[str, Any]) -> None:
    """Migrates the database, makes roles and users, and imports every file of the folder."""
    from superset.app import create_app

    app = create_app()
    with app.app_context():
        import flask_migrate
        from superset.extensions import appbuilder, security_manager

        flask_migrate.upgrade(directory=str(Path(sys.modules["superset"].__file__ or "").parent / "migrations"))
        appbuilder.add_permissions(update_perms=True)
        security_manager.sync_role_definitions()
        _make_users(security_manager, given["users"])
        _import(folder, given, security_manager)
        _grant_database(security_manager, given["users"])


def _make_users(security_manager: Any, users: list[dict[str, Any]]) -> None:
    for wanted in users:
        roles = [security_manager.find_role(name) or security_manager.add_role(name) for name in wanted["roles"]]
        user = security_manager.find_user(username=wanted["name"])
        if user is None:
            mail = f"{wanted['name']}@localhost"
            security_manager.add_user(wanted["name"], wanted["name"], "", mail, roles, password=wanted["password"])
        elif set(user.roles) != set(roles):
            user.roles = roles
            security_manager.update_user(user)


def _import(folder: Path, given: dict[str, Any], security_manager: Any) -> None:
    from superset.commands.importers.v1.assets import ImportAssetsCommand
    from superset.utils.core import override_user

    contents = {str(path.relative_to(folder)): path.read_text(encoding="utf-8") for path in folder.rglob("*.yaml")}
    administrator = next(user["name"] for user in given["users"] if "Admin" in user["roles"])
    with override_user(security_manager.find_user(username=administrator)):
        ImportAssetsCommand(contents, passwords={given["database_file"]: given["database_password"]}).run()


def _grant_database(security_manager: Any, users: list[dict[str, Any]]) -> None:
    """Lets the roles of ours ask the database; which rows they get, PostgreSQL decides."""
    from superset import db
    from superset.models.core import Database

    for database in db.session.query(Database).all():
        permission = security_manager.add_permission_view_menu("database_access", database.perm)
        for name in {role for user in users for role in user["roles"] if role.startswith(("bi_county_", "huimin_"))}:
            security_manager.add_permission_role(security_manager.find_role(name), permission)
    db.session.commit()


if __name__ == "__main__":
    main(Path(sys.argv[1]), json.load(sys.stdin))
