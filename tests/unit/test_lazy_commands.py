"""The list of commands says of each what its own help says, and asking for help imports none of them."""

import json
import subprocess
import sys

import pytest

from loaders.commands.lazy_group import COMMANDS, import_command

# What neither help nor the version has a use for.
HEAVY = ("loaders.contract", "loaders.divisions", "loaders.messages", "pandas", "psycopg", "pyarrow", "pydantic", "rich", "yaml")


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_listed_by_the_first_words_of_its_help(name: str) -> None:
    command = import_command(name)
    assert command.name == name
    assert COMMANDS[name].summary == command.get_short_help_str(1_000)


@pytest.mark.parametrize("word", ["--help", "--version"])
def test_help_imports_no_command(word: str) -> None:
    code = f"""
import atexit, json, sys
atexit.register(lambda: print(json.dumps([name for name in {HEAVY!r} if name in sys.modules]), file=sys.stderr))
sys.argv = ["huimin", {word!r}]
from loaders.cli import main
main()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert json.loads(done.stderr.splitlines()[-1]) == []
