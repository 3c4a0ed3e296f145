"""`huimin figures --hierarchy then` says what it cannot give, before it asks the warehouse."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer

from loaders.commands.figures import figures_of_their_time
from loaders.settings import Settings


@pytest.mark.parametrize(
    ("as_of", "release", "area", "detail"),
    [
        (None, 3, "441302", "name that day with --as-of"),
        (None, None, None, "name an --area"),
        ("2023-13-01", None, "441302", "no such day: 2023-13-01"),
    ],
)
def test_what_cannot_be_shown(tmp_path: Path, as_of: str | None, release: int | None, area: str | None, detail: str) -> None:
    settings = Settings(home=tmp_path, warehouse_url="postgresql://127.0.0.1:1/none", pii_key=b"k" * 32)
    with pytest.raises(typer.BadParameter, match=detail):
        figures_of_their_time(settings, as_of, release, area=area, period=None, indicator=None)
