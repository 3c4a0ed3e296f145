import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Airflow reads its home when it is first imported, and makes files there.
os.environ.setdefault("AIRFLOW_HOME", tempfile.mkdtemp(prefix="huimin-airflow-"))
os.environ.setdefault("AIRFLOW__CORE__LOAD_EXAMPLES", "False")
sys.path.insert(0, str(ROOT / "dags"))
