"""What sources that answer requests have in common, over HTTP or SOAP: what is asked for, paging, and where the records are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from pydantic import Field

from loaders.contract.sources.answer_code import Success
from loaders.contract.sources.answer_path import WHOLE, AnswerPath
from loaders.contract.sources.http.paging import CountedPaging, NoPaging, Paging
from loaders.contract.sources.request_values import PERIOD_NAMES
from loaders.contract.strict_model import Identifier, StrictModel

_UNITS_AND_PERIODS = {
    "register": (False, False),
    "period": (False, True),
    "unit": (True, False),
    "unit_and_period": (True, True),
}


class AskedPeriods(StrictModel):
    """Which periods are asked for: `{back: 24, again: 2, current: true}`.

    The last `back` periods that have ended are asked for until they are known, the last `again` of them each time, because they
    may still change; with `current`, the period that has not ended too. A full comparison asks for all `back` again.
    """

    back: int = Field(default=12, ge=1, le=1_200)
    again: int = Field(default=1, ge=0, le=1_200)
    current: bool = False


class AskedSource(StrictModel):
    """A system that answers requests with records. See `HttpApi` for the fields."""

    connection: Identifier
    asks_for: Literal["register", "period", "unit", "unit_and_period"] = "register"
    periods: AskedPeriods = Field(default_factory=AskedPeriods)
    paging: Paging = Field(default_factory=NoPaging)
    success: Success | None = None
    records: AnswerPath = WHOLE
    total: AnswerPath | None = None
    key: str | None = None
    updated_field: str | None = None
    updated_format: str = Field(default="iso", pattern=r"^(iso|epoch_ms|epoch_s|.*%.*)$")
    full_compare_days: float = Field(default=7.0, ge=0)

    @property
    def is_per_unit(self) -> bool:
        """Whether one request is for one reporting unit."""
        return _UNITS_AND_PERIODS[self.asks_for][0]

    @property
    def is_per_period(self) -> bool:
        """Whether one request is for one period."""
        return _UNITS_AND_PERIODS[self.asks_for][1]

    @property
    def can_tell_changes(self) -> bool:
        """Whether a small request can ask how many records changed since the watermark."""
        return "since" in self.value_names

    @property
    def value_names(self) -> frozenset[str]:
        """The named values that a request uses."""
        raise NotImplementedError

    @property
    def asking_field(self) -> str:
        """The field of the contract that says what is asked: `source.request`."""
        raise NotImplementedError

    @property
    def place(self) -> str:
        """What is asked, as it stands in the places of documents."""
        raise NotImplementedError

    @property
    def codes_of_units(self) -> Mapping[str, str]:
        """How the other system names our reporting units."""
        raise NotImplementedError

    def errors(self) -> Iterator[str]:
        """What does not go together."""
        yield from self._named_value_errors(self.asking_field.removeprefix("source."))
        if "periods" in self.model_fields_set and not self.is_per_period:
            yield "periods goes with asks_for: period or unit_and_period"
        if self.total is not None and not isinstance(self.paging, CountedPaging | NoPaging):
            yield "total goes with paging.kind none, page_number or offset, the others end by themselves"

    def _named_value_errors(self, field: str) -> Iterator[str]:
        used = self.value_names
        for names, is_asked, values in (
            (PERIOD_NAMES, self.is_per_period, "period or unit_and_period"),
            (frozenset({"unit"}), self.is_per_unit, "unit or unit_and_period"),
        ):
            shown = " or ".join(f"{{{name}}}" for name in sorted(used & names or names))
            if used & names and not is_asked:
                yield f"{field} names {shown}: say asks_for: {values}"
            if is_asked and not used & names:
                yield f"asks_for: {self.asks_for} needs {shown} in {field}, or every answer would be the same"
        if self.codes_of_units and not self.is_per_unit:
            yield f"{'request.' if field == 'request' else ''}unit_codes goes with asks_for: unit or unit_and_period"
        if self.can_tell_changes and (self.asks_for != "register" or self.total is None or self.updated_field is None):
            yield f"{field} names {{since}}, to ask how many records changed: say asks_for: register, total and updated_field"
