"""The glossary in CONTRIBUTING.md holds for every name that the project defines: none uses a retired word."""

from __future__ import annotations

import ast
import fnmatch
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
HEADING = "### Retired words"
MACRO = re.compile(r"\{%-?\s*(?:macro|test|materialization)\s+(\w+)")
CTE = re.compile(r"(?:\bwith|,)\s+(?:recursive\s+)?(\w+)\s+as\s+(?:materialized\s+|not materialized\s+)?\(", re.IGNORECASE)


class Retired(NamedTuple):
    word: str
    replacement: str
    scopes: tuple[str, ...]

    def is_in(self, name: str) -> bool:
        """Whether one of the name's words is this one; `feed_back` is in `feed_backs_sent` no more than `mark` is in `market`."""
        return f"_{self.word}_" in f"_{snake(name)}_"

    def covers(self, path: str) -> bool:
        return any(scope == "everywhere" or fnmatch.fnmatch(path, scope) for scope in self.scopes)


class Name(NamedTuple):
    path: str
    line: int
    name: str


@cache
def snake(name: str) -> str:
    """`HeldRow`, `_held_row` and `HELD_ROW` are all `held_row`."""
    parts = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)
    return "_".join(part.lower() for part in parts)


@cache
def retired_words() -> tuple[Retired, ...]:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition(HEADING)[2].partition("\n#")[0]
    rows = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]
    words = [
        Retired(word.strip("` "), replacement, tuple(scope.strip("` ") for scope in scopes.split(",")))
        for words, replacement, scopes in rows[2:]
        for word in words.split(",")
    ]
    return tuple(words)


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", *patterns], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).exists()]


def python_names(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.lineno, node.name
        if isinstance(node, ast.arg):
            yield node.lineno, node.arg
        if isinstance(node, ast.Module | ast.ClassDef):
            for statement in node.body:
                targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
                yield from ((target.lineno, target.id) for target in targets if isinstance(target, ast.Name))


def model_columns(path: Path) -> Iterator[tuple[int, str]]:
    """The columns and the models that a dbt properties file describes."""
    described = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    for kind in ("models", "seeds", "sources", "macros"):
        # In dbt_project.yml the same keys hold settings.
        for item in described.get(kind) or [] if isinstance(described.get(kind), list) else []:
            yield 0, item["name"]
            for table in item.get("tables") or [item]:
                yield 0, table["name"]
                yield from ((0, column["name"]) for column in table.get("columns") or [])


def sql_names(path: Path) -> Iterator[tuple[int, str]]:
    text = path.read_text(encoding="utf-8")
    for pattern in (MACRO, CTE):
        yield from ((text.count("\n", 0, match.start()) + 1, match.group(1)) for match in pattern.finditer(text))


def names() -> Iterator[Name]:
    readers = {".py": python_names, ".yml": model_columns, ".sql": sql_names}
    for path in tracked(
        "loaders/*.py", "dags/*.py", "demo/*.py", "sample_city/*.py", "tests/*.py", "dbt_project/*.sql", "dbt_project/*.yml"
    ):
        where = str(path.relative_to(ROOT))
        yield from (Name(where, 0, part) for part in Path(where).with_suffix("").parts)
        for line, name in readers[path.suffix](path):
            yield Name(where, line, name)


def test_no_name_uses_a_retired_word() -> None:
    words = retired_words()
    assert len(words) > 30

    # Most names are used many times.
    @cache
    def words_in(name: str) -> list[Retired]:
        return [word for word in words if word.is_in(name)]

    found = [
        f"{name.path}:{name.line} {name.name}: instead of {word.word}, {word.replacement}"
        for name in names()
        for word in words_in(name.name)
        if word.covers(name.path)
    ]
    assert sorted(set(found)) == []


@pytest.mark.parametrize(
    ("word", "name", "is_found"),
    [
        ("told", "_told_of", True),
        ("told", "ToldIssue", True),
        ("told", "TOLD", True),
        ("told", "threshold", False),
        ("second_look", "take_second_look", True),
        ("second_look", "second_outlook", False),
        ("mark", "marker", False),
    ],
)
def test_a_retired_word_is_found_in_every_style_of_name(word: str, name: str, is_found: bool) -> None:
    assert Retired(word, "", ("everywhere",)).is_in(name) is is_found


def test_every_scope_of_a_retired_word_covers_a_file() -> None:
    paths = {name.path for name in names()}
    for word in retired_words():
        for scope in word.scopes:
            assert scope == "everywhere" or any(fnmatch.fnmatch(path, scope) for path in paths), (word.word, scope)
