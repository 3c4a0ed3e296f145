"""A huge document, judged in slices within little memory, as if it were judged in one piece.

What no slice can see by itself is looked at before: which rows share a key. They are few as a rule, and are judged first and
together, group by group; no two of the others share a key.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from loaders.contract import Report
from loaders.table import ROW, SHEET, Issue, Reading, Verdict
from loaders.validation.documents import Judgeable
from loaders.validation.judging import RowJudge
from loaders.validation.repeats import rows_in_groups
from loaders.validation.stack import Stack
from loaders.validation.texts import Positions
from loaders.validation.verdicts import Tally, refused, told_of_refused, verdict_of

_MOST_ISSUES_KEPT = 1_000


def judged_slices(report: Report, judge: RowJudge, item: Judgeable, size: int) -> Iterator[Verdict]:
    """Verdicts on all rows of one document; the last one is a refusal when too many rows failed.

    Raises:
        RuleError: a rule failed on these rows.
    """
    tally = Tally(report, item.reading.rows.num_rows)
    kept: list[Issue] = []
    for stack, keys_are_distinct in _slices(judge, item, size):
        judgement = judge.judge(stack, keys_are_distinct=keys_are_distinct)
        span = stack.span(0)
        tally.add(judgement, span)
        refusal = tally.refusal()
        if refusal is not None:
            kept += told_of_refused(report, judgement, span)
            yield refused(report, refusal, kept[:_MOST_ISSUES_KEPT])
            return
        verdict = verdict_of(report, judgement)
        release_rows(item.reading)
        kept += verdict.issues[: _MOST_ISSUES_KEPT - len(kept)]
        yield verdict


def release_rows(reading: Reading) -> None:
    """Let the kernel drop the pages of rows that were judged; those that are needed again are read from the file again."""
    if reading.mapped is not None and hasattr(mmap, "MADV_DONTNEED"):
        reading.mapped.madvise(mmap.MADV_DONTNEED)


def _slices(judge: RowJudge, item: Judgeable, size: int) -> Iterator[tuple[Stack, bool]]:
    """All rows in slices, those that share a key first; and whether the keys of a slice are known to be distinct."""
    rows = item.reading.rows
    distinct = np.ones(rows.num_rows, dtype=bool)
    for group in _rows_sharing_a_key(judge, item, size) if judge.key else ():
        distinct[group] = False
        yield Stack.part(item, rows.take(pa.array(group))), False
    for start in range(0, rows.num_rows, size):
        part = rows.slice(start, size)
        mask = distinct[start : start + size]
        if not mask.all():
            part = part.filter(pa.array(mask))
        if part.num_rows:
            yield Stack.part(item, part), True


def _rows_sharing_a_key(judge: RowJudge, item: Judgeable, size: int) -> Iterator[Positions]:
    """The rows whose key seems to stand in another row too, in parts of about `size` that never divide rows of one key."""
    keys = item.reading.rows.select([SHEET, ROW, *judge.key])
    starts_of_parts = range(0, keys.num_rows, size)
    hashes = np.concatenate([judge.key_hashes(Stack.part(item, keys.slice(start, size))) for start in starts_of_parts])
    release_rows(item.reading)
    shared = rows_in_groups(hashes)
    in_order = hashes[shared]
    starts = np.flatnonzero(np.concatenate([[True], in_order[1:] != in_order[:-1]])) if len(shared) else shared
    first = 0
    while first < len(shared):
        after = starts[starts >= first + size]
        stop = int(after[0]) if len(after) else len(shared)
        yield np.sort(shared[first:stop])
        first = stop
