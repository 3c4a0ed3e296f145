"""The product names no deployment: codes of divisions and names of places are data."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Huizhou's name, the codes of its divisions (4413, 441302, …), the prefixes of its systems' codes.
OF_HUIZHOU = re.compile(r"惠州|惠民市|广东|4413|huizhou|\bHZ-|\b(?:CA|CH|SW)(?:\d{2}|-[A-Z]{2}-\d{2})\b", re.IGNORECASE)


def values(path: Path) -> Iterator[tuple[int, str]]:
    """Yields the texts of a module that a program can use: neither docstrings nor comments, which may give examples."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    bare = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in bare:
            yield node.lineno, node.value


def test_no_module_holds_a_code_or_a_name_of_one_deployment() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line} {text}"
        for package in ("loaders", "dags", "demo")
        for path in sorted((ROOT / package).rglob("*.py"))
        for line, text in values(path)
        if OF_HUIZHOU.search(text)
    ]
    assert found == []


def test_no_model_or_macro_of_the_engine_names_one_deployment() -> None:
    files = [*(ROOT / "dbt_project" / "engine").rglob("*.*"), *(ROOT / "dbt_project").glob("*.yml")]
    found = [str(path.relative_to(ROOT)) for path in files if OF_HUIZHOU.search(path.read_text(encoding="utf-8"))]
    assert found == []
