"""The validator: readings and a contract in, validation results out.

Documents of a batch are validated together, in one run of Great Expectations over all their rows. A document that is too large
for that is validated in chunks, each a run, with the same result as in one piece. Heavy libraries load with the first row.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from loaders.contract import Report
from loaders.divisions import Divisions
from loaders.model import ValidationResult
from loaders.validation.model.documents import ValidationInput, refusal_of, warnings_about

if TYPE_CHECKING:
    from loaders.validation.row_validator import RowValidator

__all__ = ["ValidationInput", "Validator"]

_ROWS_OF_A_RUN = 50_000
_ROWS_OF_A_CHUNK = 50_000


class Validator:
    """Validates the documents of one report. `pii_key` keys the hashes that stand for personal values.

    With `prefer_pandas`, reports whose rules are all of the common kinds are validated without loading the rule engine, with the
    same results. This is for somebody who waits: a check, or a load without a scheduler.
    """

    def __init__(self, report: Report, divisions: Divisions, pii_key: bytes, *, prefer_pandas: bool = False) -> None:
        self._report = report
        self._divisions = divisions
        self._pii_key = pii_key
        self._prefer_pandas = prefer_pandas
        self._row_validator_loading: Future[RowValidator] | None = None

    def preload(self) -> Future[RowValidator]:
        """Begin to load the rule engine, which takes seconds, beside whatever else there is to wait for."""
        if self._row_validator_loading is None:
            worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="judge")
            self._row_validator_loading = worker.submit(self._make_row_validator)
            worker.shutdown(wait=False)
        return self._row_validator_loading

    def validate(self, items: Sequence[ValidationInput]) -> list[ValidationResult]:
        """Validate documents together.

        Returns:
            A validation result for each, in the order given.

        Raises:
            RuleError: a rule of the contract cannot be run.
        """
        return list(self.validate_lazily(items))

    def validate_lazily(self, items: Sequence[ValidationInput]) -> Iterator[ValidationResult]:
        """The same results one by one, computed some ten thousand rows at a time when the first of them is asked for.

        Raises:
            RuleError: a rule of the contract cannot be run.
        """
        refusals = [refusal_of(self._report, self._divisions, item) for item in items]
        validated = self._validated([item for item, refusal in zip(items, refusals, strict=True) if refusal is None])
        for refusal in refusals:
            if refusal is None:
                yield next(validated)
                continue
            from loaders.validation.results import refused

            yield refused(self._report, refusal)

    def _validated(self, sound: Sequence[ValidationInput]) -> Iterator[ValidationResult]:
        for part in _row_limited_groups(sound):
            from loaders.validation.chunks import release_rows
            from loaders.validation.model.row_batch import RowBatch
            from loaders.validation.results import results_of

            results = list(results_of(self._report, self._rows.validate(RowBatch.of(part))))
            for item in part:
                release_rows(item.reading)
            for item, result in zip(part, results, strict=True):
                yield self._with_warnings(item, result)

    def validate_in_chunks(self, item: ValidationInput) -> Iterator[ValidationResult]:
        """Validate a document of any size, some hundred thousand rows at a time.

        The slices together say what `validate` would say, but a refusal may come after sound slices: any refusal refuses the
        whole document.

        Raises:
            RuleError: a rule of the contract cannot be run.
        """
        refusal = refusal_of(self._report, self._divisions, item)
        if refusal is not None:
            from loaders.validation.results import refused

            yield refused(self._report, refusal)
            return
        from loaders.validation.chunks import validate_chunks

        chunks = validate_chunks(self._report, self._rows, item, _ROWS_OF_A_CHUNK)
        yield from (self._with_warnings(item, result) for result in islice(chunks, 1))
        yield from chunks

    def _with_warnings(self, item: ValidationInput, result: ValidationResult) -> ValidationResult:
        """The first result of a document, with what is remarkable about it as a whole."""
        warnings = warnings_about(self._report, self._divisions, item)
        return replace(result, issues=(*warnings, *result.issues)) if warnings else result

    @property
    def _rows(self) -> RowValidator:
        return self.preload().result()

    def _make_row_validator(self) -> RowValidator:
        from loaders.validation.row_validator import RowValidator

        return RowValidator(self._report, self._divisions, self._pii_key, prefer_pandas=self._prefer_pandas)


def _row_limited_groups(items: Sequence[ValidationInput]) -> Iterator[list[ValidationInput]]:
    """The documents in runs: one run, unless that would hold too many rows at once."""
    part: list[ValidationInput] = []
    rows = 0
    for item in items:
        count = item.reading.rows.num_rows
        if part and rows + count > _ROWS_OF_A_RUN:
            yield part
            part, rows = [], 0
        part.append(item)
        rows += count
    if part:
        yield part
