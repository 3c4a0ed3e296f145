"""Documents damaged at random, read in the sandbox: a table whose rows are all accounted for, or a refusal, and nothing else."""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from pathlib import Path

import pytest

from loaders.contract import Report
from loaders.model import Reading
from loaders.reading import ReaderPool, ReadRequest
from loaders.settings import ReadingLimits
from tests.reports.test_report_cases import CASES, contract_of, document_of
from tests.support.documents.mutation import mutated

DOCUMENTS = int(os.environ.get("HUIMIN_FUZZ_DOCUMENTS", "500"))
MANY_DOCUMENTS = 10_000
AT_A_TIME = 50
LIMITS = ReadingLimits(memory_mb=512, cpu_seconds=10)
MOST_OVER_THE_LIMIT = 0.005

pytestmark = pytest.mark.integration

Seed = tuple[bytes, Report]


@pytest.fixture(scope="module")
def seeds() -> list[Seed]:
    sound = [case for case in CASES if case.name != "broken_off"]
    return [(document_of(case).read_bytes(), contract_of(case.parent)) for case in sound]


def check(reading: Reading, path: Path) -> str:
    """What became of a document: `read`, or the rule that refused it."""
    if reading.refusal is not None:
        assert reading.refusal.rule != "reader_failed", (path, reading.refusal.message_en)
        assert reading.refusal.message_zh
        assert reading.rows.num_rows == 0
        return reading.refusal.rule
    assert reading.rows_total == reading.rows.num_rows + sum(reading.furniture.values()), path
    return "read"


def read_damaged(folder: Path, seeds: list[Seed], count: int, seed: int) -> Counter[str]:
    chance = random.Random(seed)
    outcomes: Counter[str] = Counter()
    with ReaderPool(LIMITS) as pool:
        for start in range(0, count, AT_A_TIME):
            requests = []
            for number in range(start, min(start + AT_A_TIME, count)):
                content, report = chance.choice(seeds)
                path = folder / f"damaged{number % AT_A_TIME}"
                path.write_bytes(mutated(content, chance))
                requests.append(ReadRequest(path, report))
            for request, reading in zip(requests, pool.read_many(requests), strict=True):
                outcomes[check(reading, request.path)] += 1
    return outcomes


def test_damaged_documents_are_tables_or_refusals(tmp_path: Path, seeds: list[Seed]) -> None:
    begun = time.monotonic()
    outcomes = read_damaged(tmp_path, seeds, DOCUMENTS, seed=20)
    assert outcomes["read"] > DOCUMENTS / 20
    assert outcomes["limit_exceeded"] <= max(2, DOCUMENTS * MOST_OVER_THE_LIMIT)
    assert time.monotonic() - begun < max(60, DOCUMENTS / 10)


@pytest.mark.faults
@pytest.mark.timeout(1800)
def test_ten_thousand_damaged_documents_are_tables_or_refusals(tmp_path: Path, seeds: list[Seed]) -> None:
    outcomes = read_damaged(tmp_path, seeds, MANY_DOCUMENTS, seed=21)
    assert outcomes["limit_exceeded"] <= MANY_DOCUMENTS * MOST_OVER_THE_LIMIT
