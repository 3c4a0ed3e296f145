import atexit
import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Airflow reads its home when it is first imported, and makes files there.
_HOME = tempfile.TemporaryDirectory(prefix="huimin-airflow-", ignore_cleanup_errors=True)
atexit.register(_HOME.cleanup)
os.environ.setdefault("AIRFLOW_HOME", _HOME.name)
os.environ.setdefault("AIRFLOW__CORE__LOAD_EXAMPLES", "False")
os.environ.setdefault("AIRFLOW__CORE__PLUGINS_FOLDER", str(ROOT / "dags" / "plugins"))
sys.path[:0] = [str(ROOT / "dags"), str(ROOT / "dags" / "plugins")]
