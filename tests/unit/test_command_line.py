"""`huimin` itself: its version, and commands that other installed packages add."""

import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from loaders.cli import COMMANDS_GROUP

PLUGIN = '''
class GreetingError(Exception):
    pass

def add_commands(app):
    @app.command()
    def greet(name: str) -> None:
        """Print a greeting."""
        if name == "nobody":
            raise GreetingError("nobody is there")
        print("hello", name)
'''


def huimin(*words: str, path: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from loaders.cli import main; main()", *words]
    root = str(Path(__file__).resolve().parents[2])
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(path), root] if path else [root])}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A folder into which a package with a command was installed."""
    (tmp_path / "greeting.py").write_text(PLUGIN, encoding="utf-8")
    metadata = tmp_path / "greeting-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: greeting\nVersion: 1.0\n", encoding="utf-8")
    (metadata / "entry_points.txt").write_text(f"[{COMMANDS_GROUP}]\ngreeting = greeting:add_commands\n", encoding="utf-8")
    return tmp_path


def test_it_prints_its_version() -> None:
    done = huimin("--version")
    assert (done.returncode, done.stdout) == (0, f"huimin {version('huimin')}\n")


def test_an_installed_package_adds_its_commands(installed: Path) -> None:
    assert "greet " in huimin("--help", path=installed).stdout
    assert huimin("greet", "you", path=installed).stdout == "hello you\n"
    assert huimin("greet", "you").returncode == 2, "where the package is not installed there is no such command"


def test_errors_of_its_commands_are_messages(installed: Path) -> None:
    done = huimin("greet", "nobody", path=installed)
    assert (done.returncode, done.stderr) == (1, "GreetingError: nobody is there\n")
