"""How large a folder, a module and a function may be, so that each can be read at one go."""

from __future__ import annotations

import ast
import statistics
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("loaders", "dags", "demo", "sample_city")
MAX_MODULES_PER_FOLDER = 14
MAX_MODULE_LINES = 300
MAX_P90_MODULE_LINES = 190
MAX_FUNCTION_LINES = 45


def modules() -> Iterator[Path]:
    for package in PACKAGES:
        yield from sorted((ROOT / package).rglob("*.py"))


def lengths() -> dict[str, int]:
    return {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in modules()}


def test_no_folder_has_more_modules_than_can_be_seen_at_once() -> None:
    # Revisions are history: one is added now and then, and none is ever taken away.
    counts = Counter(
        str(path.parent.relative_to(ROOT)) for path in modules() if path.name != "__init__.py" and path.parent.name != "versions"
    )
    assert {folder: count for folder, count in counts.items() if count > MAX_MODULES_PER_FOLDER} == {}


def test_no_module_is_too_long_and_few_are_long() -> None:
    counted = lengths()
    assert {name: lines for name, lines in counted.items() if lines > MAX_MODULE_LINES} == {}
    assert statistics.quantiles(counted.values(), n=10)[-1] < MAX_P90_MODULE_LINES


def test_no_function_is_too_long() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or node.lineno) - node.lineno + 1 > MAX_FUNCTION_LINES
    ]
    # Migrations list whole tables, and are never changed again.
    assert [name for name in long if "/migrations/versions/" not in name] == []
