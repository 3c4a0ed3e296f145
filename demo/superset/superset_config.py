"""Superset's configuration. Chinese first, no request to any other host, and each user asks as a role of PostgreSQL.

Superset imports this file by its path (`SUPERSET_CONFIG_PATH`), in an environment of its own, where Huimin is not installed.
"""

from __future__ import annotations

import json
import os
from typing import Any

from flask import has_request_context

APP_NAME = "惠民看板"
SECRET_KEY = os.environ["SUPERSET_SECRET_KEY"]
GUEST_TOKEN_JWT_SECRET = SECRET_KEY
SQLALCHEMY_DATABASE_URI = os.environ["SUPERSET_METADATA_URI"]
BABEL_DEFAULT_LOCALE = "zh"
LANGUAGES = {"zh": {"flag": "cn", "name": "简体中文"}, "en": {"flag": "us", "name": "English"}}
# Money and persons are written with commas; what is large is in 万元 by the dictionary.
D3_FORMAT = {"decimal": ".", "thousands": ",", "grouping": [3], "currency": ["¥", ""]}
# A cache must not give one user another one's rows. None is set: every query takes a tenth of a second.
FEATURE_FLAGS = {"CACHE_QUERY_BY_USER": True}
# One process with threads serves the demo; the limits of failed logins are kept in its memory.
RATELIMIT_ENABLED = True
RATELIMIT_STORAGE_URI = "memory://"
WTF_CSRF_ENABLED = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
# Superset's own policy allows pictures that count visitors, and maps. By this one a browser asks no other host.
TALISMAN_ENABLED = True
TALISMAN_CONFIG = {
    "content_security_policy": {
        "base-uri": ["'self'"],
        "default-src": ["'self'"],
        "img-src": ["'self'", "blob:", "data:"],
        "worker-src": ["'self'", "blob:"],
        "connect-src": ["'self'"],
        "object-src": "'none'",
        "style-src": ["'self'", "'unsafe-inline'"],
        "font-src": ["'self'", "data:"],
        "script-src": ["'self'", "'strict-dynamic'"],
    },
    "content_security_policy_nonce_in": ["script-src"],
    "force_https": False,
    "session_cookie_secure": False,
}

COUNTY_ROLES = "bi_county_"
_PASSWORDS: dict[str, str] = json.loads(os.environ["HUIMIN_COUNTY_PASSWORDS"])


# Superset calls it for each connection, with the name of the user who asks.
def DB_CONNECTION_MUTATOR(
    uri: Any, params: dict[str, Any], username: str | None, security_manager: Any, _source: Any
) -> tuple[Any, dict[str, Any]]:
    """Takes the login of the county in whose role the user is. Who sees all has the role Admin or huimin_city.

    Raises:
        PermissionError: the user has none of these roles.
    """
    if not has_request_context():
        # A command of the administrator, such as the import of the bundle.
        return uri, params
    user = security_manager.find_user(username=username) if username else None
    roles = {role.name for role in user.roles} if user else set()
    counties = sorted(role for role in roles if role.startswith(COUNTY_ROLES))
    if len(counties) == 1:
        return uri.set(username=counties[0], password=_PASSWORDS[counties[0]]), params
    if not counties and roles & {"Admin", "huimin_city"}:
        return uri, params
    raise PermissionError(f"{username}: give the user the role huimin_city, or one role {COUNTY_ROLES}<code>")
