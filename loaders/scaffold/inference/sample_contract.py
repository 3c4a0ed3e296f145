"""From samples of a report to the contract that its documents fit: format, headers, types and key, as far as samples show them.

A start, to be edited. What samples do not tell (the grain, the owner, rules) stands there as a placeholder.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pydantic import ValidationError

from loaders.contract import ContractError, LocalizedText, Report
from loaders.divisions import Divisions
from loaders.messages import phrase
from loaders.model import Reading
from loaders.reading import ReaderPool, ReadRequest
from loaders.scaffold.inference.choices import choices_comment, choices_of
from loaders.scaffold.inference.contract_fields import contract_fields, fields_without_sample
from loaders.scaffold.inference.key_inference import ORDINALS, KeyChoice, SampleColumn, choose_key
from loaders.scaffold.inference.sample_outlines import Sample, joined_outline, outlined_samples, unusable
from loaders.scaffold.inference.type_inference import InferredType, infer_column_type, written_values
from loaders.settings import ReadingLimits

_GUESSED = frozenset({"unit", "printed_unit"})
_NAME = re.compile(r"[a-z][a-z0-9_]{0,50}")


@dataclass(frozen=True, slots=True)
class SampleContract:
    """The fields of a contract, comments by the names of columns, and remarks on what the person who edits it must know."""

    fields: dict[str, Any]
    comments: dict[str, str] = field(default_factory=dict)
    remarks: tuple[LocalizedText, ...] = field(default=())


def infer_contract(
    facts: dict[str, Any], samples: Sequence[Path], password: str | None = None, divisions: Divisions | None = None
) -> SampleContract:
    """The contract that the documents of all samples fit; `facts` are the fields that no sample shows.

    Raises:
        ContractError: a sample cannot be read, or not under any contract, or the samples are not of one form; the message says
            what to do.
    """
    if not samples:
        return SampleContract(fields_without_sample(facts))
    with ReaderPool(ReadingLimits()) as pool, TemporaryDirectory() as folder:
        found = outlined_samples(pool, samples, password, Path(folder))
        return _Inference(pool, facts, found, password, divisions).contract()


class _Inference:
    """What is known of the samples, which are read under one contract after the other."""

    def __init__(
        self,
        pool: ReaderPool,
        facts: dict[str, Any],
        samples: Sequence[Sample],
        password: str | None,
        divisions: Divisions | None,
    ) -> None:
        self._pool, self._facts, self._samples, self._password, self._divisions = pool, facts, samples, password, divisions
        self._outline, self._repeated, self._partly = joined_outline(samples)
        self._nested = list(dict.fromkeys(name for sample in samples if sample.records for name in sample.records.nested))
        self._suffixes = list(dict.fromkeys(sample.suffix for sample in samples))

    def contract(self) -> SampleContract:
        plain = [self._column(number, header, InferredType()) for number, header in enumerate(self._outline.headers, start=1)]
        columns = self._typed(self._read(self._fields(plain, ())))
        choice = choose_key(columns)
        described = [self._column(number, column.header, column.inferred) for number, column in enumerate(columns, start=1)]
        for place in choice.places:
            described[place] |= {"required": True, "key": True}
        fields = self._fields(described, choice.places)
        try:
            self._read(fields)
        except ContractError:
            # Its tables count in several units, say: what a guess adds must not keep a sample out.
            described = [{name: stated for name, stated in column.items() if name not in _GUESSED} for column in described]
            fields = self._fields(described, choice.places)
            self._read(fields)
        return SampleContract(fields, dict(self._comments(columns, described, choice)), tuple(self._remarks(columns, choice)))

    def _fields(self, columns: list[dict[str, Any]], key: Sequence[int]) -> dict[str, Any]:
        ignored = [*self._repeated, *self._nested]
        answer = self._samples[0].records
        return contract_fields(self._facts, self._outline, self._suffixes, ignored, columns, key, answer)

    def _read(self, fields: dict[str, Any]) -> list[Reading]:
        """The samples under a contract: what its own samples do not fit is not worth writing."""
        try:
            report = Report.model_validate(fields)
        except ValidationError as error:
            stated = "; ".join(f"{'.'.join(map(str, one['loc'])) or 'report'}: {one['msg']}" for one in error.errors())
            raise ContractError(f"{self._samples[0].name} makes no contract: {stated}") from error
        readings = [self._pool.read(ReadRequest(sample.path, report, None, self._password)) for sample in self._samples]
        for sample, reading in zip(self._samples, readings, strict=True):
            if reading.refusal is not None:
                raise unusable(sample.name, reading.refusal)
        return readings

    def _typed(self, readings: Sequence[Reading]) -> list[SampleColumn]:
        columns = []
        for place, header in enumerate(self._outline.headers, start=2):
            texts = tuple(tuple(reading.rows.column(place).to_pylist()) for reading in readings)
            values = [text for sample in texts for text in sample]
            columns.append(
                SampleColumn(header, infer_column_type(header, values, self._outline.measures, self._divisions), texts)
            )
        return columns

    def _column(self, number: int, header: str, inferred: InferredType) -> dict[str, Any]:
        absent = {"may_be_absent": True} if header in self._partly else {}
        if self._outline.kind == "records":
            name = _snake_case(header, number)
            named = {"name": name, "header": header} | ({"field": header} if header != name else {})
            return named | inferred.fields()
        return {"name": f"column_{number}", "header": header} | inferred.fields() | absent

    def _comments(
        self, columns: Sequence[SampleColumn], described: Sequence[dict[str, Any]], choice: KeyChoice
    ) -> Iterator[tuple[str, str]]:
        for place, column in enumerate(columns):
            if choices := choices_of(column, is_key=place in choice.places):
                yield described[place]["name"], choices_comment(choices, len(written_values(column.values)))

    def _remarks(self, columns: Sequence[SampleColumn], choice: KeyChoice) -> Iterator[LocalizedText]:
        for sample in self._samples:
            if sample.records is not None:
                # The list of an answer may be the answer itself.
                yield phrase(
                    "new_report.records", sample=sample.name, path=sample.records.path or "(root)", kind=sample.records.kind
                )
        if self._nested:
            yield phrase("new_report.nested", fields=", ".join(self._nested))
        if self._repeated:
            yield phrase("new_report.repeated_headers", headers=", ".join(self._repeated))
        if self._partly:
            yield phrase("new_report.absent", headers=", ".join(self._partly))
        rows = len(columns[0].values)
        if not choice.places:
            yield self._without_key(columns, choice, rows)
        elif rows == 1:
            yield phrase("new_report.key_of_one_row", key=_headers(columns, choice.places))

    def _without_key(self, columns: Sequence[SampleColumn], choice: KeyChoice, rows: int) -> LocalizedText:
        ordinals = [column.header for column in columns if column.is_ordinal or column.header.casefold() in ORDINALS]
        if choice.is_unique_per_document:
            return phrase("new_report.key_per_document", nearest=_headers(columns, choice.nearest))
        if choice.nearest:
            return phrase(
                "new_report.no_key_nearest", nearest=_headers(columns, choice.nearest), count=choice.repeated, rows=rows
            )
        return phrase("new_report.no_key_ordinal" if ordinals else "new_report.no_key")


def _headers(columns: Sequence[SampleColumn], places: Sequence[int]) -> str:
    return " + ".join(columns[place].header for place in places)


def _snake_case(field_name: str, number: int) -> str:
    """`registeredCapital` as `registered_capital`; a field without Latin letters gets a number."""
    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", field_name).lower()
    name = re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_")
    return name if _NAME.fullmatch(name) else f"column_{number}"
