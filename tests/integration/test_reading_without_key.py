"""Commands that only read ask for no key for personal numbers; what loads refuses before it fetches anything."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.integration
ROOT = Path(__file__).resolve().parents[2]


def huimin(url: str, home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("HUIMIN_", "AIRFLOW"))}
    environment = clean | {"PYTHONPATH": str(ROOT), "HUIMIN_HOME": str(home), "HUIMIN_WAREHOUSE_URL": url}
    command = [sys.executable, "-c", "from loaders.cli import main; main()", *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.parametrize(
    "words",
    [
        ["status", "--json"],
        ["account", "--json"],
        ["held", "--json"],
        ["tables"],
        ["verify", "landing"],
        ["contracts", "check"],
        ["explain", "ragged_row"],
    ],
    ids=" ".join,
)
def test_what_reads_needs_no_key(warehouse_url: str, tmp_path: Path, words: list[str]) -> None:
    done = huimin(warehouse_url, tmp_path, *words)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("words", [["load", "donation"], ["rebuild-ledger"], ["accept", "1", "--why", "so it is"]], ids=" ".join)
def test_what_hashes_says_which_variable_to_set(warehouse_url: str, tmp_path: Path, words: list[str]) -> None:
    done = huimin(warehouse_url, tmp_path, *words)
    assert done.returncode == 2 and "set HUIMIN_PII_KEY to a secret of at least 32 characters" in done.stderr
    assert not (tmp_path / "landing").exists()


def test_questions_about_figures_get_as_far_as_the_warehouse(warehouse_url: str, tmp_path: Path) -> None:
    """No model was built in this warehouse: the answer is the server's, not one about a key."""
    for words in (["figures"], ["evidence", "CH-CF-02"], ["fingerprint"]):
        done = huimin(warehouse_url, tmp_path, *words)
        assert "HUIMIN_PII_KEY" not in done.stderr and "does not exist" in done.stderr, words
