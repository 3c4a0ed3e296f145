"""The table of our figures against print: a column of its own for what was known on the day of print, where that differs."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any

import pytest
from rich.console import Console

from loaders.commands import console

ROW: dict[str, Any] = {
    "code": "SW-HV-01",
    "name_zh": "入户探访",
    "value": Decimal(7),
    "unit": "人次",
    "published": "7",
    "qualifier": "exact",
    "low": Decimal(7),
    "high": Decimal(7),
    "verdict": "inside",
}


def shown(monkeypatch: pytest.MonkeyPatch, value: Decimal | None, verdict: str) -> str:
    text = io.StringIO()
    printed = Console(file=text, width=170)
    monkeypatch.setattr(console, "_out", lambda: printed)
    console.print_figures("惠州", [ROW | {"value_at_print": value, "verdict_at_print": verdict}])
    return text.getvalue()


@pytest.mark.parametrize(("value", "verdict"), [(Decimal(7), "inside"), (None, "before_history"), (None, "no_date")])
def test_no_column_where_nothing_differs_or_nothing_is_known(
    monkeypatch: pytest.MonkeyPatch, value: Decimal | None, verdict: str
) -> None:
    assert "on the day of print" not in shown(monkeypatch, value, verdict)


def test_a_column_where_ours_was_another_one(monkeypatch: pytest.MonkeyPatch) -> None:
    table = shown(monkeypatch, Decimal("5.5"), "outside")
    assert "ours on the day of print" in table and "5.5" in table
    assert "on the day of print" in shown(monkeypatch, None, "no_value")
