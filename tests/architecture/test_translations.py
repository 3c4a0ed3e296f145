"""A page and its Chinese translation have the same sections, tables and examples, in the same order."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = ("README.md", "CONTRIBUTING.md", "expectations/README.md")
# `## Run the tests`
HEADING = re.compile(r"(#+) .")
# What the Chinese page leaves to the English one: a table of English words.
ENGLISH_ONLY = {"CONTRIBUTING.md": {"Retired words"}}


def outline(path: Path, *, without: frozenset[str] = frozenset()) -> list[tuple[int, int, int]]:
    """The level of each heading, and how many rows of tables and blocks of code its section has."""
    sections: list[list[int]] = []
    is_skipped = is_code = False
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("```"):
            is_code = not is_code
            sections[-1][2] += is_code
        elif not is_code and (heading := HEADING.match(line)):
            is_skipped = line[heading.end() - 1 :] in without
            sections.append([len(heading[1]), 0, 0])
        elif not is_code and line.startswith("|") and not is_skipped:
            sections[-1][1] += 1
    return [(level, rows, blocks) for level, rows, blocks in sections]


@pytest.mark.parametrize("page", PAGES)
def test_the_translation_has_the_outline_of_the_page(page: str) -> None:
    english = ROOT / page
    chinese = english.with_suffix(".zh-CN.md")
    assert outline(english, without=frozenset(ENGLISH_ONLY.get(page, ()))) == outline(chinese)


@pytest.mark.parametrize("page", PAGES)
def test_both_pages_lead_to_each_other(page: str) -> None:
    english = ROOT / page
    chinese = english.with_suffix(".zh-CN.md")
    assert f"]({chinese.name})" in english.read_text(encoding="utf-8")
    assert f"]({english.name})" in chinese.read_text(encoding="utf-8")
