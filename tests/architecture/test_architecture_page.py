"""The picture and the tables of docs/architecture.md name the packages, layers and files that there are."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# `l1["pipeline, operations, checking"]`
NODE = re.compile(r'\w+\["([^"]+)"\]')
# `[tables.md](tables.md)`
LINK = re.compile(r"\]\(([\w./-]+)\)")


@pytest.fixture(scope="module")
def page() -> str:
    return (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")


def layers() -> list[set[str]]:
    """The layers of loaders, the highest first, as import-linter checks them."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
    (contract,) = (contract for contract in contracts if contract.get("containers") == ["loaders"])
    return [set(re.findall(r"\w+", layer)) for layer in contract["layers"]]


def test_the_picture_has_the_layers_that_are_checked(page: str) -> None:
    drawn = [set(re.findall(r"\w+", node)) for node in NODE.findall(page)]
    place = {name: number for number, names in enumerate(drawn) for name in names}
    for layer in layers():
        assert len({place[name] for name in layer if name in place}) <= 1, layer
    order = [min(place[name] for name in layer if name in place) for layer in layers() if layer & place.keys()]
    assert order == sorted(order)


def test_every_package_of_loaders_has_a_row(page: str) -> None:
    packages = {path.parent.name for path in (ROOT / "loaders").glob("*/__init__.py")}
    assert packages - set(re.findall(r"`loaders/(\w+)/`", page)) == set()


def test_links_lead_to_files(page: str) -> None:
    assert [link for link in LINK.findall(page) if not (ROOT / "docs" / link).exists()] == []
