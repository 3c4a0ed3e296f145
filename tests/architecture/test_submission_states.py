"""`ops.submission.state` is written in one module, by one table of transitions."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WRITER = "loaders/warehouse/ledger/transitions.py"
# Revisions are frozen history; none of them moves a submission to another state.
MODULES = [path for folder in ("loaders", "dags") for path in sorted((ROOT / folder).rglob("*.py"))]
UPDATE = re.compile(r"\bupdate\s+ops\.submission\b.*?\bset\b(?P<assignments>.*?)(?:\bwhere\b|\Z)", re.DOTALL | re.IGNORECASE)
INSERT = re.compile(r"\binsert\s+into\s+ops\.submission\s*\((?P<columns>.*?)\)", re.DOTALL | re.IGNORECASE)
MERGE = re.compile(r"\bmerge\s+into\s+ops\.submission\b", re.IGNORECASE)
# A column assigned by name, or one whose name is put in at run time.
WRITES_STATE = re.compile(r"(?<![\w.])state\s*=|\{\}")


def texts(node: ast.AST) -> Iterator[str]:
    """The string literals of a module, an f-string as one text."""
    if isinstance(node, ast.JoinedStr):
        yield "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)  # type: ignore[misc]
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    else:
        for child in ast.iter_child_nodes(node):
            yield from texts(child)


def writes_state(text: str) -> bool:
    updates = any(WRITES_STATE.search(found["assignments"]) for found in UPDATE.finditer(text))
    inserts = any("state" in re.split(r"[\s,]+", found["columns"]) for found in INSERT.finditer(text))
    return updates or inserts or MERGE.search(text) is not None


def test_one_module_writes_the_state_of_a_submission() -> None:
    writers = {
        str(path.relative_to(ROOT))
        for path in MODULES
        if any(writes_state(text) for text in texts(ast.parse(path.read_text(encoding="utf-8"))))
    }
    assert writers == {WRITER}


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("update ops.submission set state = 'landed' where submission_id = 1", True),
        ("update ops.submission as s\n set rows_loaded = 1, state='x' from held where true", True),
        ("update ops.submission set {} = %s", True),
        ("insert into ops.submission (report, state) values (1, 2)", True),
        ("merge into ops.submission using x on true", True),
        ("update ops.submission set duplicate_of = 1 where state = 'duplicate'", False),
        ("update ops.submission set state_reason = null", False),
        ("update quarantine.row set state = 'open'", False),
        ("insert into ops.submission (report, state_reason) values (1, 2)", False),
    ],
)
def test_statements_that_write_the_state_are_recognized(statement: str, expected: bool) -> None:
    assert writes_state(statement) is expected
