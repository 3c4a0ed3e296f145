"""The user who runs the embedded PostgreSQL when the demo is started by root, as PostgreSQL refuses to run as root."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

from demo.postgres_binaries import PostgresError


def unprivileged_user() -> pwd.struct_passwd | None:
    """Returns the user to run PostgreSQL as; None when this process is not root's.

    Raises:
        PostgresError: there is neither a user `postgres` nor a user `nobody`.
    """
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise PostgresError("PostgreSQL does not run as root, and there is neither a user postgres nor a user nobody to run it")


def is_reachable(path: Path, user: pwd.struct_passwd | None) -> bool:
    """Tells whether `user` may enter every existing folder on the way to `path`."""
    if user is None:
        return True
    for folder in (path, *path.parents):
        try:
            status = folder.stat()
        except FileNotFoundError:
            continue
        if status.st_uid == user.pw_uid:
            needed = 0o100
        elif status.st_gid == user.pw_gid:
            needed = 0o010
        else:
            needed = 0o001
        if not status.st_mode & needed:
            return False
    return True
