"""A warehouse and one report from one API, described by YAML alone: the whole way without a scheduler."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
import yaml

from loaders import pipeline
from loaders.settings import Settings
from loaders.stages.landing_repair import verify_landing
from tests.support.documents.contracts import VISIT
from tests.support.servers.little import LittleServer

COLUMNS = [
    {"name": "code", "header": "编号", "required": True, "key": True},
    {"name": "amount", "header": "金额", "type": "decimal", "shape": [18, 2], "unit": "元"},
]
ROWS = [("k1", "1.10"), ("k2", "20.00"), ("k3", "1234567890123.45")]


class ApiWorld:
    """A warehouse, and one report from one API."""

    def __init__(self, home: Path, warehouse_url: str) -> None:
        self.settings = Settings(
            home=home / "huimin", warehouse_url=warehouse_url, pii_key=b"k" * 48, expectations=home / "expectations"
        )

    def contract(self, server: LittleServer, source: dict[str, Any], **changes: Any) -> None:
        described = {"kind": "http_api", "connection": "api", "request": {"path": "/list"}} | source
        facts = {
            "columns": COLUMNS,
            "source": described,
            "format": {"kind": "records"},
            "replaces": "register",
            "period_kind": None,
        }
        path = self.settings.expectations / "social_work" / "visit.yml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump(VISIT | facts | changes, allow_unicode=True), encoding="utf-8")
        self.settings = Settings(
            home=self.settings.home,
            warehouse_url=self.settings.warehouse_url,
            pii_key=self.settings.pii_key,
            expectations=self.settings.expectations,
            connections={"api": server.url("huimin", "t0ken")},
        )

    def load(self) -> None:
        for batch in pipeline.extract("visit", self.settings):
            pipeline.load_batch("visit", batch, self.settings)

    def query(self, text: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.settings.warehouse_url) as connection:
            return connection.execute(text).fetchall()

    def rows(self) -> list[tuple[str, str]]:
        return self.query("select code, amount::text from raw.visit where _superseded_at is null order by _period_start, code")

    def submissions(self) -> list[tuple[Any, ...]]:
        return self.query("select source_uri, unit_code, period, state from ops.submission order by submission_id")

    def check(self) -> None:
        """Nothing is unaccounted for, the landing is whole, and no secret is in it."""
        assert self.query("select source_uri from ops.account where difference is distinct from 0") == []
        assert verify_landing(self.settings) == []
        for path in self.settings.landing.rglob("*"):
            assert path.is_dir() or b"t0ken" not in path.read_bytes()


def as_json(rows: list[tuple[str, str]]) -> str:
    """Records whose amounts are numbers."""
    return "[" + ",".join(f'{{"code": "{code}", "amount": {amount}}}' for code, amount in rows) + "]"
