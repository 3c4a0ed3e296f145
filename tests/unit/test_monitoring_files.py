"""The board and the alarm rules name metrics that exist, and the documentation explains each of them and each alarm."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from loaders.messages.phrases import phrases
from loaders.monitoring.metric_definitions import HISTOGRAMS, NAMES

ROOT = Path(__file__).resolve().parents[2]
BOARD = ROOT / "docker" / "grafana" / "huimin.json"
RULES = ROOT / "docker" / "prometheus" / "alerts.yml"
PAGES = ("docs/operations/monitoring.md", "docs/operations/monitoring.zh-CN.md")
# `huimin_load_seconds_bucket{le="1.0"}`
METRIC = re.compile(r"\bhuimin_[a-z_]+\b")
PRINTED = {*NAMES, *(f"{name}_{part}" for name in HISTOGRAMS for part in ("bucket", "sum", "count"))}


def expressions(value: Any) -> Iterator[str]:
    """Every `expr` below a value."""
    if isinstance(value, dict):
        yield from (inner for name, inner in value.items() if name == "expr")
        for inner in value.values():
            yield from expressions(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from expressions(inner)


def rules() -> list[dict[str, Any]]:
    content: dict[str, Any] = yaml.safe_load(RULES.read_text(encoding="utf-8"))
    return [rule for group in content["groups"] for rule in group["rules"]]


def board() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(BOARD.read_text(encoding="utf-8"))
    return content


def test_every_metric_that_the_board_shows_is_printed() -> None:
    shown = {name for text in expressions(board()) for name in METRIC.findall(text)}
    assert shown and shown <= PRINTED


def test_every_metric_of_an_alarm_is_printed() -> None:
    for rule in rules():
        named = set(METRIC.findall(rule["expr"]))
        assert named and named <= PRINTED, rule["alert"]


def test_panels_have_an_id_and_a_place_of_their_own() -> None:
    panels = board()["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    places = {(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in panels}
    assert len(places) == len(panels)
    assert all(panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24 for panel in panels)
    assert all(panel["title"] for panel in panels)


def test_every_alarm_says_what_it_is_in_both_languages_and_what_to_do() -> None:
    for rule in rules():
        summary = rule["annotations"]["summary"]
        assert re.search("[一-鿿]", summary.partition(" / ")[0]) and summary.partition(" / ")[2], rule["alert"]
        assert rule["annotations"]["action"] and rule["labels"]["severity"] in {"critical", "warning", "info"}


@pytest.mark.parametrize("page", PAGES)
def test_the_documentation_has_every_metric_and_every_alarm(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    assert [name for name in NAMES if f"`{name}`" not in text] == []
    assert [rule["alert"] for rule in rules() if f"`{rule['alert']}`" not in text] == []


def test_every_metric_has_its_words() -> None:
    assert {f"metric.{name}" for name in NAMES} == {code for code in phrases() if code.startswith("metric.")}
