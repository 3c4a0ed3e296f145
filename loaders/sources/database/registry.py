"""Registry of the makes of databases: every `DatabaseMake` of a module in `makes`, by the scheme of its URLs."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from functools import cache

import sqlalchemy as sa

from loaders.sources.connections import parse_connection_url
from loaders.sources.database import makes
from loaders.sources.database.database_make import DatabaseMake, SessionSettings
from loaders.sources.errors import SourceError


@cache
def database_makes() -> Mapping[str, DatabaseMake]:
    """Every registered make, once per scheme of its URLs.

    Raises:
        ValueError: two modules register one scheme.
    """
    registered: dict[str, DatabaseMake] = {}
    for make in _discovered():
        for scheme in make.schemes:
            if scheme in registered:
                raise ValueError(f"the scheme {scheme} is registered twice")
            registered[scheme] = make
    return registered


def make_of(connection: str, url: str) -> DatabaseMake:
    """Returns the make that a connection's URL names.

    Raises:
        SourceError: it names none, or the driver is not installed.
    """
    parts = parse_connection_url(connection, url, tuple(database_makes()))
    make = database_makes()[parts.scheme]
    try:
        importlib.import_module(make.module)
    except ImportError as error:
        raise SourceError(
            connection,
            f"the driver for {make.name} cannot be imported ({error.name or error})",
            next_step=f'install it: pip install "huimin[{make.extra}]"',
        ) from None
    return make


def open_engine(connection: str, url: str, make: DatabaseMake, settings: SessionSettings) -> sa.Engine:
    """Returns an engine that opens a new connection each time.

    Raises:
        SourceError: SQLAlchemy or the driver cannot use the URL. The message holds nothing of it.
    """
    options = {} if make.isolation_level is None else {"isolation_level": make.isolation_level}
    try:
        return sa.create_engine(
            sa.make_url(url).set(drivername=make.drivername),
            poolclass=sa.NullPool,
            connect_args=dict(make.connect_arguments(settings)),
            **options,
        )
    except (sa.exc.ArgumentError, ValueError, TypeError):
        # The library's message quotes the URL, and with it a password.
        raise SourceError(
            connection, "its URL cannot be used", next_step=f"compare it with that of {make.name} in docs/databases.md"
        ) from None


def _discovered() -> Iterator[DatabaseMake]:
    for module in pkgutil.iter_modules(makes.__path__):
        content = vars(importlib.import_module(f"{makes.__name__}.{module.name}"))
        yield from (value for name, value in content.items() if isinstance(value, DatabaseMake) and not name.startswith("_"))
