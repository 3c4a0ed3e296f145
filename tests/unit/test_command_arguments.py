"""What names nothing known ends a command in one line with exit 2: no traceback, and no empty answer that looks like one."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from loaders.cli import app

MISTYPED = [
    (["figures", "--period", "2024-15"], "no month 15 in a year"),
    (["figures", "--period", "foo"], "expected a period like 2023-06"),
    (["figures", "--area", "123456"], "no such area: 123456"),
    (["evidence", "SW-HV-1"], "did you mean SW-HV-01"),
    (["evidence", "SW-HV-01", "--area", "44130"], "no such area: 44130; did you mean 441303"),
    (["evidence", "SW-HV-01", "--period", "2024Q5"], "expected a period like 2023-06"),
    (["load", "home_visit", "--period", "2024-13"], "no month 13 in a year"),
    (["load", "home_visit", "--period", "2024Q2"], "home_visit comes by month, found 2024Q2"),
    (["load", "home_visit", "--unit", "999999"], "home_visit has no unit 999999; it has: 441302"),
    (["load", "station", "--period", "2024"], "found 2024"),
    (["issues", "list", "nosuch"], "no such report: nosuch"),
    (["issues", "list", "home_visit", "--unit", "999999"], "home_visit has no unit 999999"),
    (["issues", "list", "--rule", "nosuch"], "no such rule: nosuch"),
    (["issues", "list", "--unit", "999999"], "no report has a unit 999999"),
    (["replay", "--report", "nosuch"], "no such report: nosuch"),
    (["replay", "--report", "home_visit", "--rule", "raged_row"], "no such rule: raged_row; did you mean ragged_row"),
    (["replay", "--report", "home_visit", "--period", "2024Q2"], "home_visit comes by month, found 2024Q2"),
    (["load", "--dry-run"], "say which reports, and --again"),
    (["check", __file__, "--period", "2024-13"], "no month 13 in a year"),
    (["source", "try", "home_visit", "--period", "2024-13"], "no month 13 in a year"),
    (["contracts", "upgrade", "nosuch.yml"], "does not exist"),
]


@pytest.mark.parametrize(("words", "sentence"), MISTYPED, ids=[" ".join(words[:4]) for words, _ in MISTYPED])
def test_a_mistyped_argument_is_reported(words: list[str], sentence: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUIMIN_WAREHOUSE_URL", "postgresql://nobody@127.0.0.1:1/nothing")
    monkeypatch.setenv("HUIMIN_PII_KEY", "k" * 32)
    monkeypatch.setenv("COLUMNS", "400")
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 2, done.output
    assert sentence in " ".join(done.output.replace("│", " ").split()), done.output
