"""Names of jobs, runs and datasets, derived from the ledger alone: the same run has the same name however often it is sent."""

from __future__ import annotations

import uuid
from urllib.parse import urlsplit

from loaders.identifiers import redact

# The namespace of the ids: a version 5 UUID of a name below it is the same everywhere.
_IDS = uuid.uuid5(uuid.NAMESPACE_URL, "urn:huimin:lineage")
RELEASED = "release.value"
"""The table of released values, by schema and name."""
SHOWN = "bi.indicator_value"
"""The relation that a release freezes."""


class Names:
    """The names of one deployment and its warehouse. `namespace` is that of its jobs and of the files at its sources."""

    def __init__(self, namespace: str, warehouse_url: str) -> None:
        parts = urlsplit(warehouse_url)
        self.namespace = namespace
        # Without user and password. The form is that of OpenLineage for PostgreSQL.
        self.warehouse = f"postgres://{parts.hostname or 'localhost'}:{parts.port or 5432}"
        self._database = parts.path.lstrip("/")

    def table(self, relation: str) -> str:
        """Returns the name of a relation, given as `raw.home_visit`."""
        return f"{self._database}.{relation}"

    def document(self, source_uri: str) -> tuple[str, str]:
        """Returns namespace and name of a document at its source: the connection, and the path below it."""
        connection, _, path = source_uri.partition(":/")
        return f"{self.namespace}/{connection}", redact(path.lstrip("/") or source_uri)

    def run_id(self, kind: str, *key: object) -> str:
        """Returns the id of a run from the keys that the ledger has for it."""
        return str(uuid.uuid5(_IDS, "/".join([self.namespace, kind, *map(str, key)])))
