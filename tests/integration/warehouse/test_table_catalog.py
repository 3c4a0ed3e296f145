"""docs/tables.md describes the ledger and the quarantine as the database does, and leaves nothing out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from loaders.warehouse import Warehouse

pytestmark = pytest.mark.integration
ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs" / "tables.md"
SECTION = re.compile(r"^## (?P<relation>[\w.]+)(?: \(view\))?\n(?P<text>.*?)(?=^## |\Z)", re.DOTALL | re.MULTILINE)
MODULE = re.compile(r"\bloaders(?:\.\w+)+")


@pytest.fixture
def page(warehouse_url: str) -> str:
    return Warehouse(warehouse_url).describe_tables()


def test_the_page_shows_the_live_schema(page: str) -> None:
    assert PAGE.read_text(encoding="utf-8") == page, "write it again: huimin tables > docs/tables.md"


def test_every_relation_says_its_grain_and_its_writer_and_every_column_its_meaning(page: str) -> None:
    sections = {found["relation"]: found["text"] for found in SECTION.finditer(page)}
    assert "ops.submission" in sections
    assert "quarantine.row" in sections
    for relation, text in sections.items():
        assert "One row per" in text, relation
        assert "Written by: " in text, relation
        assert re.findall(r"^\| \w+ \| [^|]+ \|  \|$", text, re.MULTILINE) == [], relation


def test_the_writers_exist(page: str) -> None:
    writers = {name for line in page.splitlines() if line.startswith("Written by: ") for name in MODULE.findall(line)}
    paths = [ROOT / name.replace(".", "/") for name in writers]
    assert [path for path in paths if not (path.is_dir() or path.with_suffix(".py").is_file())] == []
