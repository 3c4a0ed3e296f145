"""A database of another system."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from loaders.contract.strict_model import Identifier, StrictModel


class Database(StrictModel):
    """A read-only view. `period_column` splits a pull into one document a period; `updated_column` is the watermark.

    Every `full_compare_days` all its rows are pulled and compared, though nothing seems to have changed.
    """

    kind: Literal["database"] = "database"
    connection: Identifier
    relation: str = Field(pattern=r"^[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)?$")
    updated_column: Identifier
    period_column: Identifier | None = None
    order_by: tuple[Identifier, ...] = Field(min_length=1)
    full_compare_days: float = Field(default=7.0, ge=0)
