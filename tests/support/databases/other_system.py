"""The database of another system, as its owner has it."""

from __future__ import annotations

from typing import Any, Protocol

import sqlalchemy as sa

# The schema (in MySQL the database) that holds the views.
SCHEMA = "REPORT"
READER, PASSWORD = "reader", "s3cret/with@signs"


class OtherSystem(Protocol):
    """A running server. `owner` may do everything; the user READER may read the schema.

    `sleep` is a scalar that takes 0.4 s, `binary_type` the type of a column of bytes.
    """

    owner: sa.Engine
    sleep: str
    binary_type: str

    def url(self, user: str = READER, password: str = PASSWORD) -> str:
        """Returns the URL for a user."""

    def reset(self) -> None:
        """Makes the schema anew, and lets READER read all that it will have."""

    def cut_connections(self) -> int:
        """Ends READER's connections; returns how many there were."""

    def refused_logins(self) -> int:
        """Returns how many logins were refused since the start."""

    def quoted(self, name: str) -> str:
        """Returns a name in the schema, quoted."""
        return ".".join(map(self.owner.dialect.identifier_preparer.quote_identifier, (SCHEMA, name)))

    def run(self, *statements: str, **values: Any) -> None:
        """Runs statements as the owner."""
        with self.owner.begin() as connection:
            for statement in statements:
                connection.execute(sa.text(statement), values)
