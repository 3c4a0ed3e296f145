"""docker-compose.yml as Compose reads it: anchors merged, variables replaced, files of variables beside it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
_VARIABLE = re.compile(r"\$(?:(?P<escaped>\$)|\{(?P<name>\w+)(?:(?P<kind>:[?+-])(?P<rest>[^}]*))?\})")
_LINE = re.compile(r"#?([A-Z][A-Z0-9_]+)=(.*)")


def variables_of(file: Path) -> dict[str, str]:
    """Returns the variables of a file of lines, including those behind a #, by name."""
    found = (_LINE.fullmatch(line) for line in file.read_text(encoding="utf-8").splitlines())
    return {match[1]: match[2] for match in found if match}


def example() -> dict[str, str]:
    """Returns the variables of docker/.env.example."""
    return variables_of(ROOT / "docker" / ".env.example")


def raw() -> dict[str, Any]:
    """Returns the file with its variables as they are."""
    content: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    return content


def env_files(service: dict[str, Any]) -> list[str]:
    """Returns the files of variables that a service reads, as the compose file names them; none of them need exist."""
    return [one["path"] for one in service.get("env_file", [])]


def variables(value: Any) -> set[tuple[str, str]]:
    """Returns every variable below a value, with the operator after its name (`:?`, `:-`, `:+` or none)."""
    if isinstance(value, dict):
        return set().union(*map(variables, value.values())) if value else set()
    if isinstance(value, list):
        return set().union(*map(variables, value)) if value else set()
    return {(m["name"], m["kind"] or "") for m in _VARIABLE.finditer(value) if m["name"]} if isinstance(value, str) else set()


def filled(value: Any, given: dict[str, str]) -> Any:
    """Replaces the variables in a value as Compose does."""
    if isinstance(value, dict):
        return {name: filled(inner, given) for name, inner in value.items()}
    if isinstance(value, list):
        return [filled(inner, given) for inner in value]
    return _VARIABLE.sub(lambda match: _put_in(match, given), value) if isinstance(value, str) else value


def _put_in(match: re.Match[str], given: dict[str, str]) -> str:
    if match["escaped"]:
        return "$"
    value, kind = given.get(match["name"]), match["kind"]
    if kind == ":+":
        return str(match["rest"]) if value else ""
    if value:
        return value
    if kind != ":-":
        raise KeyError(f"{match['name']}: {match['rest']}")
    return str(match["rest"])
