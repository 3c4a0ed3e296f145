"""A deployment beside the product's own: other systems, codes, divisions and figures, without a line of Python of its own.

Its folder is `tests/support/deployments/qingxi`. All expected figures were computed by hand from its documents.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections import Counter
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest

from demo.embedded_postgres import EmbeddedPostgres
from demo.outcome import show_outcome
from loaders import pipeline
from loaders.contract import load_reports
from loaders.dbt.project_folder import project_folder
from loaders.operations import evidence, queries
from loaders.scaffold.deployment_files import scaffold_deployment
from loaders.settings import PROJECT_ROOT, Settings
from tests.integration.conftest import PASSWORDS, fresh_database

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]
QINGXI = PROJECT_ROOT / "tests" / "support" / "deployments" / "qingxi"
# (indicator, area, period): value
FIGURES = {
    # C1 and C4; then C2; C4 closed in the month in which C3 opened.
    ("YL-CT-01", "990101", "2025-01"): 2,
    ("YL-CT-01", "990101", "2025-02"): 3,
    ("YL-CT-01", "990101", "2025-03"): 3,
    ("YL-CT-01", "990101003", "2025-02"): 1,
    # 60 + 25; 60 + 40 + 30.
    ("YL-CT-02", "990101", "2025-01"): 85,
    ("YL-CT-02", "990101", "2025-06"): 130,
    # 1500 + 420 + 0 + 610; with 1680 + 1020 + 700.
    ("YL-ML-01", "990101", "2025Q1"): 2530,
    ("YL-ML-01", "990101", "2025H1"): 5930,
    ("YL-ML-01", "990101003", "2025Q1"): 610,
    # In 万元: 4.5 + 1.2 + 0 + 1.83; 5.04 + 3.06 + 2.1.
    ("YL-ML-02", "990101", "2025Q1"): Decimal("7.53"),
    ("YL-ML-02", "990101", "2025Q2"): Decimal("10.2"),
    # V1 twice and V2; the shift of V3 has 26 hours. V1, V4 and V5.
    ("ZY-SV-01", "990101", "2025-05"): 2,
    ("ZY-SV-01", "990101", "2025-06"): 3,
    ("ZY-SV-01", "990101", "2025Q2"): 4,
    ("ZY-SV-01", "990101001", "2025Q2"): 2,
}


def loaded_and_built(postgres: EmbeddedPostgres, home: Path, deployment: Path) -> Settings:
    """The settings of a deployment whose reports were all loaded from its own documents, and whose indicators were built."""
    name = fresh_database(postgres)
    settings = Settings(
        home=home,
        warehouse_url=postgres.url(name, "huimin_loader", PASSWORDS["huimin_loader"]),
        transformer_url=postgres.url(name, "huimin_transformer", PASSWORDS["huimin_transformer"]),
        pii_key=b"k" * 48,
        connections={folder.name: f"file://{folder}" for folder in (deployment / "documents").iterdir()},
        expectations=deployment / "expectations",
        dbt_project=deployment / "dbt_project",
    )
    for report in load_reports(settings.expectations):
        states = Counter[str]()
        for batch in pipeline.extract(report, settings):
            states += Counter(pipeline.load_batch(report, batch, settings))
        assert states and set(states) <= {"accepted", "accepted_with_rejects"}, (report, states)
    pipeline.cross_check(settings)
    pipeline.build(settings)
    return settings


@pytest.fixture(scope="module")
def built(postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    deployment = tmp_path_factory.mktemp("elsewhere") / "qingxi"
    shutil.copytree(QINGXI, deployment)
    return loaded_and_built(postgres, tmp_path_factory.mktemp("home"), deployment)


def test_figures_are_those_computed_by_hand(built: Settings) -> None:
    found = {(row["code"], row["area_code"], row["period"]): row["value"] for row in queries.figures(built, period="2025H1")}
    for _, _, period in FIGURES:
        found |= {(row["code"], row["area_code"], row["period"]): row["value"] for row in queries.figures(built, period=period)}
    assert {key: found.get(key) for key in FIGURES} == FIGURES


def test_its_own_published_figures_are_compared(built: Settings) -> None:
    verdicts = {row["code"]: row["verdict"] for row in queries.figures(built)}
    assert verdicts == {"YL-CT-01": "inside", "YL-ML-01": "inside"}


def test_every_row_of_its_documents_is_accounted_for(built: Settings) -> None:
    accounts = queries.account(built)
    assert len(accounts) == 9
    assert sum(row["rows_loaded"] for row in accounts) == 4 + 7 + 6
    assert sum(row["rows_quarantined"] for row in accounts) == 1
    assert {row["difference"] for row in accounts} == {0}


def test_evidence_leads_to_its_documents_and_the_root_is_the_default_area(built: Settings) -> None:
    rows = evidence.evidence(built, "YL-ML-01", period="2025Q1").rows
    assert [row["quantity"] for row in rows] == [1500, 420, 0, 610]
    assert all(row["file"].endswith(".xlsx") for row in rows)


def test_a_second_build_has_nothing_to_do_and_its_project_has_none_of_the_products_models(built: Settings) -> None:
    assert pipeline.build(built) == {}
    folder = project_folder(built)
    assert folder == built.home / "dbt" / "project"
    assert {path.name for path in folder.iterdir() if path.is_symlink()} == {
        *("dbt_project.yml", "profiles.yml", "selectors.yml", "engine", "models", "seeds"),
    }
    with psycopg.connect(built.transformer_url) as connection:
        tables = {
            f"{schema}.{name}"
            for schema, name in connection.execute(
                "select table_schema, table_name from information_schema.tables where table_schema in ('staging', 'bi', 'raw')"
            )
        }
    assert "staging.stg_elderly_care__canteen" in tables
    assert "bi.indicator_value" in tables
    assert not {"bi.luzhou_task_force", "bi.two_coverages"} & tables
    assert not {name for name in tables if "social_work" in name or "charity" in name}


def test_a_changed_root_division_or_model_is_a_reason_to_build(built: Settings) -> None:
    assert pipeline.is_built(built)
    path = built.expectations.parent / "deployment.yml"
    text = path.read_text(encoding="utf-8")
    try:
        path.write_text(text.replace("first_year: 2025", "first_year: 2024"), encoding="utf-8")
        assert not pipeline.is_built(built)
    finally:
        path.write_text(text, encoding="utf-8")
    assert pipeline.is_built(built)


def test_the_command_line_takes_the_deployment_by_its_variable(built: Settings) -> None:
    environment = os.environ | {
        "HUIMIN_DEPLOYMENT": str(built.expectations.parent),
        "HUIMIN_HOME": str(built.home),
        "HUIMIN_WAREHOUSE_URL": built.warehouse_url,
        "HUIMIN_TRANSFORMER_URL": built.transformer_url,
        "HUIMIN_PII_KEY": "k" * 48,
        "PYTHONPATH": str(PROJECT_ROOT),
    }
    huimin = Path(sys.executable).parent / "huimin"

    def output(*words: str) -> str:
        done = subprocess.run([huimin, *words], env=environment, capture_output=True, text=True, check=True, timeout=300)
        return done.stdout

    assert "青溪区养老与志愿服务 · our figures against print" in output("figures")
    assert output("contracts", "check").startswith("3 contracts are right")


def test_a_new_deployment_ends_in_its_figure(
    postgres: EmbeddedPostgres, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As `huimin init` writes it, and as `huimin run` shows what has no published figures."""
    scaffold_deployment(tmp_path / "trial", "trial")
    settings = loaded_and_built(postgres, tmp_path / "home", tmp_path / "trial")
    values = {row["period"]: row["value"] for row in queries.figures(settings, area="990201")}
    assert values == {"2025-01": 7, "2025-02": 5}
    assert show_outcome(settings) == []
    shown = capsys.readouterr().out
    assert "trial · 2025-02" in shown
    assert "FW-ZF-01" in shown
