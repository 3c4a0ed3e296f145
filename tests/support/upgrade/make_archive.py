"""Packs a warehouse as an earlier program left it: `python -m tests.support.upgrade.make_archive CHECKOUT ARCHIVE`.

CHECKOUT is a checkout of that program, which does the work in this environment. `r0029.tar.xz` was made with revision 80ae08f,
whose schema was r0029. The archive holds the dump of the database, the landing, and the figures as that program told them.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

_SCRIPT = """
import json, shutil, subprocess, sys
from pathlib import Path
from demo.embedded_postgres import EmbeddedPostgres
from demo.postgres_binaries import find_binaries
from loaders.operations import queries
from tests.integration.conftest import migrated_template
from tests.integration.test_second_deployment import QINGXI, loaded_and_built

work, out = Path(sys.argv[1]), Path(sys.argv[2])
shutil.copytree(QINGXI, work / "qingxi")
with EmbeddedPostgres(work / "server") as server:
    migrated_template(server)
    settings = loaded_and_built(server, work / "home", work / "qingxi")
    name = settings.warehouse_url.rpartition("/")[2]
    command = [find_binaries() / "pg_dump", "--format=custom", f"--file={out / 'warehouse.dump'}", server.url(name)]
    subprocess.run(command, check=True)
    periods = ("2025-01", "2025-02", "2025-03", "2025-05", "2025-06", "2025Q1", "2025Q2", "2025H1")
    rows = [row for period in periods for row in queries.figures(settings, period=period)]
    figures = sorted([row["code"], row["area_code"], row["period"], str(row["value"])] for row in rows)
    accounts = sorted(
        [row["sha256"], row["rows_total"], row["rows_loaded"], row["rows_quarantined"]] for row in queries.account(settings)
    )
    (out / "facts.json").write_text(json.dumps({"figures": figures, "accounts": accounts}, indent=0))
    shutil.copytree(settings.landing, out / "landing")
server.remove()
"""


def make_archive(checkout: Path, archive: Path) -> None:
    """Runs the program of a checkout over the deployment of the tests, and packs what it left."""
    with tempfile.TemporaryDirectory() as scratch:
        work, out = Path(scratch) / "work", Path(scratch) / "out"
        work.mkdir()
        out.mkdir()
        # Not the environment's: its editable installation is of today's program.
        environment = os.environ | {"PYTHONPATH": str(checkout), "HUIMIN_PROJECT": str(checkout)}
        command = [sys.executable, "-c", _SCRIPT, str(work), str(out)]
        subprocess.run(command, cwd=checkout, env=environment, check=True, timeout=900)
        with tarfile.open(archive, "w:xz") as packed:
            for path in sorted(out.iterdir()):
                packed.add(path, arcname=path.name)


if __name__ == "__main__":
    make_archive(Path(sys.argv[1]).absolute(), Path(sys.argv[2]).absolute())
