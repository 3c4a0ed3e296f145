"""Damaged documents of every format: a book or a refusal, never anything else, and soon."""

from __future__ import annotations

import multiprocessing
import os
import random
import resource
import signal
import sys
import time
import zipfile
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from loaders.reading.formats.open_workbook import open_workbook
from loaders.reading.model.refusals import Refusal
from loaders.reading.model.sheets import Book
from tests.support.documents.mutation import mutated
from tests.support.documents.ooxml_parts import STRICT_MAIN, STRICT_RELATIONS, cell_formats, ooxml_parts, write_parts
from tests.support.documents.workbooks import ROWS, encrypted, workbook

SAMPLES = Path(__file__).parents[2] / "support" / "documents" / "samples"
LONGEST_SECONDS = 10.0
REFUSALS = {"unreadable_document", "not_a_workbook", "empty_document", "encrypted_document", "too_large", "nul_bytes"}
PAGE = "<html><meta charset=gbk><table><tr><td colspan=2>探访表</td></tr><tr><td>龙华镇</td><td>3</td></tr></table></html>"
ODS = """<o:document-content xmlns:o="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
xmlns:t="urn:oasis:names:tc:opendocument:xmlns:table:1.0"><o:body><o:spreadsheet><t:table t:name="表1">
<t:table-row t:number-rows-repeated="3"><t:table-cell o:value-type="float" o:value="1"/></t:table-row>
</t:table></o:spreadsheet></o:body></o:document-content>"""


def seeds(folder: Path) -> list[bytes]:
    rows = '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" s="1"><v>45078</v></c></row>'
    rows += '<row r="2"><c r="A2"><f>1</f><v>1</v></c></row>'
    parts = ooxml_parts(
        rows,
        strings="<si><t>龙华镇</t></si>",
        styles=cell_formats(0, 31),
        after='<mergeCells><mergeCell ref="A1:A2"/></mergeCells>',
        main=STRICT_MAIN,
        relations=STRICT_RELATIONS,
    )
    ods = folder / "seed.ods"
    with zipfile.ZipFile(ods, "w") as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        package.writestr("content.xml", ODS)
    made = [
        workbook(ROWS),
        write_parts(folder / "seed.xlsx", parts).read_bytes(),
        encrypted(workbook(ROWS), "123"),
        ods.read_bytes(),
    ]
    return [
        *made,
        PAGE.encode("gbk"),
        "镇,人次\r\n龙华镇,3\r\n".encode("gb18030"),
        *(path.read_bytes() for path in sorted(SAMPLES.iterdir())),
    ]


def outcome(path: Path) -> str:
    try:
        book = open_workbook(path, "123")
    except Refusal as refusal:
        return refusal.issue.rule
    assert isinstance(book, Book)
    assert book.sheets
    return "book"


def read_damaged(folder: Path, count: int, seed: int) -> tuple[Counter[str], float]:
    """What became of `count` damaged documents, and the processor seconds of the slowest."""
    chance = random.Random(seed)
    originals = seeds(folder)
    outcomes: Counter[str] = Counter()
    slowest = 0.0
    path = folder / "damaged"
    for _ in range(count):
        path.write_bytes(mutated(chance.choice(originals), chance))
        begun = time.process_time()
        outcomes[outcome(path)] += 1
        slowest = max(slowest, time.process_time() - begun)
    return outcomes, slowest


def test_a_damaged_document_is_a_book_or_a_refusal(tmp_path: Path) -> None:
    # In a process of its own: no damage to the second reader may end the run of all tests.
    with ProcessPoolExecutor(1, multiprocessing.get_context("fork")) as process:
        outcomes, slowest = process.submit(read_damaged, tmp_path, 300, seed=1).result()

    assert set(outcomes) <= REFUSALS | {"book"}
    assert outcomes["book"] > 15
    assert outcomes["unreadable_document"] > 15
    assert slowest < LONGEST_SECONDS


def is_read_in_a_process_of_its_own(folder: Path, seed: int) -> bool:
    """Whether a hundred damaged documents end as they should in another process; False when it died of one."""
    child = multiprocessing.get_context("fork").Process(target=expect_refusals, args=(folder, seed))
    child.start()
    child.join(timeout=120)
    assert child.exitcode in {0, -signal.SIGABRT}
    return child.exitcode == 0


def expect_refusals(folder: Path, seed: int) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    outcomes, slowest = read_damaged(folder, 100, seed)
    sys.exit(0 if set(outcomes) <= REFUSALS | {"book"} and slowest < LONGEST_SECONDS else 1)


@pytest.mark.faults
@pytest.mark.timeout(1200)
def test_ten_thousand_damaged_documents(tmp_path: Path) -> None:
    """The second reader ends its process when a damaged count asks for terabytes; that is rare, and what the sandbox is for."""
    survived = [is_read_in_a_process_of_its_own(tmp_path, seed) for seed in range(2, 102)]

    assert survived.count(False) <= 3
