import subprocess
import sys


def test_validation_is_light_until_a_row_is_validated() -> None:
    code = "import sys, loaders.validation; print(sorted({'great_expectations', 'pandas', 'airflow'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"
