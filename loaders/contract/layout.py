"""A layout: how documents of some span of periods name their columns."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from loaders.contract.strict_model import Identifier, StrictModel
from loaders.period import Period


class Layout(StrictModel):
    """How documents of some span of periods look. The first layout that fits the document's columns is used."""

    name: str
    since: str | None = None
    until: str | None = None
    headers: dict[Identifier, str] = Field(default_factory=dict)
    without: tuple[Identifier, ...] = ()

    def errors(self) -> Iterator[str]:
        """Bounds that are no periods, or in the wrong order."""
        bounds = []
        for field, text in (("since", self.since), ("until", self.until)):
            try:
                bounds += [Period.parse(text)] if text is not None else []
            except ValueError as error:
                yield f"{field}: {error}"
        if len(bounds) == 2 and bounds[1] < bounds[0]:
            yield f"until {self.until} lies before since {self.since}"
