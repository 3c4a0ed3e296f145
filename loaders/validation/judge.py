"""The judge: readings and a contract in, verdicts out.

Documents of a batch are judged together, one run of Great Expectations over all their rows; a document that is too large for
that is judged in slices, each a run, with the same verdict as in one piece. Nothing heavy is imported before the first row
is judged.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

from loaders.contract import Report
from loaders.divisions import Divisions
from loaders.table import Verdict
from loaders.validation.documents import Judgeable, refusal_of

if TYPE_CHECKING:
    from loaders.validation.judging import RowJudge

__all__ = ["Judge", "Judgeable"]

_ROWS_OF_A_RUN = 50_000
_ROWS_OF_A_SLICE = 50_000


class Judge:
    """Judges the documents of one report. `pii_key` keys the hashes that stand for personal values.

    With `quick`, reports whose rules are all of the common kinds are judged without loading the rule engine, with the same
    verdicts: for a check of a few documents while somebody waits.
    """

    def __init__(self, report: Report, divisions: Divisions, pii_key: bytes, *, quick: bool = False) -> None:
        self._report = report
        self._divisions = divisions
        self._pii_key = pii_key
        self._quick = quick
        self._coming: Future[RowJudge] | None = None

    def get_ready(self) -> Future[RowJudge]:
        """Begin to load the rule engine, which takes seconds, beside whatever else there is to wait for."""
        if self._coming is None:
            worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="judge")
            self._coming = worker.submit(self._row_judge)
            worker.shutdown(wait=False)
        return self._coming

    def judge(self, items: Sequence[Judgeable]) -> list[Verdict]:
        """Judge documents together.

        Returns:
            A verdict for each, in the order given.

        Raises:
            RuleError: a rule of the contract cannot be run.
        """
        return list(self.judge_in_turn(items))

    def judge_in_turn(self, items: Sequence[Judgeable]) -> Iterator[Verdict]:
        """The same verdicts one by one. They are made some ten thousand rows at a time, when the first of those is asked for.

        Raises:
            RuleError: a rule of the contract cannot be run.
        """
        refusals = [refusal_of(self._report, self._divisions, item) for item in items]
        judged = self._judged([item for item, refusal in zip(items, refusals, strict=True) if refusal is None])
        for refusal in refusals:
            if refusal is None:
                yield next(judged)
                continue
            from loaders.validation.verdicts import refused

            yield refused(self._report, refusal)

    def _judged(self, sound: Sequence[Judgeable]) -> Iterator[Verdict]:
        for part in _parts(sound):
            from loaders.validation.slices import release_rows
            from loaders.validation.stack import Stack
            from loaders.validation.verdicts import verdicts_of

            verdicts = deque(verdicts_of(self._report, self._rows.judge(Stack.of(part))))
            for item in part:
                release_rows(item.reading)
            while verdicts:
                yield verdicts.popleft()

    def judge_in_slices(self, item: Judgeable) -> Iterator[Verdict]:
        """Judge a document of any size, some hundred thousand rows at a time.

        The slices together say what `judge` would say, but a refusal may come after sound slices: any refusal refuses the
        whole document.

        Raises:
            RuleError: a rule of the contract cannot be run.
        """
        refusal = refusal_of(self._report, self._divisions, item)
        if refusal is not None:
            from loaders.validation.verdicts import refused

            yield refused(self._report, refusal)
            return
        from loaders.validation.slices import judged_slices

        yield from judged_slices(self._report, self._rows, item, _ROWS_OF_A_SLICE)

    @property
    def _rows(self) -> RowJudge:
        return self.get_ready().result()

    def _row_judge(self) -> RowJudge:
        from loaders.validation.judging import RowJudge

        return RowJudge(self._report, self._divisions, self._pii_key, quick=self._quick)


def _parts(items: Sequence[Judgeable]) -> Iterator[list[Judgeable]]:
    """The documents in runs: one run, unless that would hold too many rows at once."""
    part: list[Judgeable] = []
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
