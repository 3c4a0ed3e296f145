"""What the last build recomputed: for `huimin build`."""

from __future__ import annotations

from loaders.settings import Settings
from loaders.warehouse.queries.build_queries import changes_of_last_build as query_changes


def changes_of_last_build(settings: Settings) -> dict[str, int | list[str]]:
    """Returns the build's number, the reports that loads had touched, and how many rows of evidence and values came and went.

    Reads as the role of dbt: the loader's role does not see what dbt makes.
    """
    return query_changes(settings.transformer_url)
