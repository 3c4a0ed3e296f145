"""`huimin contracts sync`: adds the columns that a contract gained to its staging model and to the model's description.

Both files are edited where the new columns belong; what a person wrote there stays as it is, byte by byte.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path
from typing import Any

import yaml

from loaders.contract import ContractError, Report
from loaders.dbt.staging_models import staging_description, warehouse_names
from loaders.messages import phrase

_COMMENT = re.compile(r"--[^\n]*")
# `_unit_code as unit_code,`, the first line of the lineage
_LINEAGE = re.compile(r"^\s*_unit_code as unit_code,")


@dataclass(frozen=True, slots=True)
class FileEdit:
    """A file as it is and as it is to be, and the columns that it gains."""

    path: Path
    before: str
    after: str
    added: tuple[str, ...]

    def diff(self) -> str:
        """The change as a unified diff."""
        lines = unified_diff(self.before.splitlines(True), self.after.splitlines(True), str(self.path), str(self.path))
        return "".join(lines)

    def write(self) -> None:
        """Replaces the file."""
        self.path.write_bytes(self.after.encode("utf-8"))


def staging_edits(root: Path, report: Report) -> list[FileEdit]:
    """Returns the edits that bring a report's staging model up to its contract; none when it has all columns.

    Raises:
        ContractError: the model does not exist, or was rewritten so that the place of a column cannot be found; the message
            names the columns to add by hand.
    """
    name = f"stg_{report.system}__{report.report}"
    model = root / "dbt_project" / "models" / "staging" / report.system / f"{name}.sql"
    edits = []
    for path, edit in ((model, _with_sql_columns), (model.with_suffix(".yml"), _with_described_columns)):
        if not path.exists():
            message = phrase(
                "contracts_sync.no_model", model=path.name, report=report.report, system=report.system, code=report.code
            )
            raise ContractError(f"{message.zh} / {message.en}")
        # As bytes, so that line ends stay as they are.
        before = path.read_bytes().decode("utf-8")
        after, added = edit(report, path, before)
        if added:
            edits.append(FileEdit(path, before, after, added))
    return edits


def _with_sql_columns(report: Report, path: Path, text: str) -> tuple[str, tuple[str, ...]]:
    wanted = _names(report)
    bare = _COMMENT.sub("", text)
    missing = [name for name in wanted if not re.search(rf"\b{name}\b", bare)]
    lines = text.splitlines(keepends=True)
    for name in missing:
        place = _line_for(lines, wanted, name)
        if place is None:
            raise _no_place(path, missing)
        # A column behind another one is indented as that, and the first one as the next.
        neighbor = lines[max(place - 1, 0)] if _is_column(lines[max(place - 1, 0)]) else lines[place]
        indent = neighbor[: len(neighbor) - len(neighbor.lstrip())]
        lines.insert(place, f"{indent}{name},{_line_end(neighbor)}")
    return "".join(lines), tuple(missing)


def _line_for(lines: Sequence[str], names: Sequence[str], name: str) -> int | None:
    """The line before which a column belongs: behind the nearest one before it, else in front of the next, else the lineage."""
    place = names.index(name)
    for before in reversed(names[:place]):
        if (line := _line_of(lines, before)) is not None:
            return line + 1
    following = (_line_of(lines, after) for after in names[place + 1 :])
    lineage = (number for number, line in enumerate(lines) if _LINEAGE.match(line))
    return next((line for line in (*following, *lineage) if line is not None), None)


def _line_of(lines: Sequence[str], name: str) -> int | None:
    """The one line that selects a column: `name,` or `coalesce(a, b) as name,`, with or without a comment behind it."""
    form = re.compile(rf"^\s*(?:[^\s-].*\bas\s+|\w+\.)?{name},\s*(?:--.*)?$")
    found = [number for number, line in enumerate(lines) if form.match(line.rstrip("\r\n"))]
    return found[0] if len(found) == 1 else None


def _with_described_columns(report: Report, path: Path, text: str) -> tuple[str, tuple[str, ...]]:
    wanted = _names(report)
    described = {one["name"]: one for one in yaml.safe_load(staging_description(report))["models"][0]["columns"]}
    added = []
    for name in wanted:
        columns = _column_nodes(text, path.stem)
        if columns is None:
            raise _no_place(path, [name])
        if name not in columns:
            text = _inserted(text, columns, wanted[: wanted.index(name)], described[name])
            added.append(name)
    return text, tuple(added)


def _column_nodes(text: str, model: str) -> dict[str, Any] | None:
    """The nodes of the model's columns by their names, in order; None when there is no such list."""
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    models = _value(root, "models")
    for node in models.value if models is not None else ():
        columns = _value(node, "columns")
        if getattr(_value(node, "name"), "value", None) == model and columns is not None and columns.value:
            return {_value(column, "name").value: column for column in columns.value}
    return None


def _value(node: Any, key: str) -> Any:
    if not isinstance(node, yaml.MappingNode):
        return None
    return next((value for name, value in node.value if name.value == key), None)


def _inserted(text: str, columns: dict[str, Any], before: Sequence[str], entry: dict[str, Any]) -> str:
    """The text with an entry behind the nearest column before it, or in front of all."""
    previous = next((columns[name] for name in reversed(before) if name in columns), None)
    first = next(iter(columns.values()))
    line = first.start_mark.line if previous is None else _line_behind(previous)
    indent = " " * (first.start_mark.column - 2)
    lines = text.splitlines(keepends=True)
    end = _line_end(lines[0])
    dumped = yaml.safe_dump([entry], allow_unicode=True, sort_keys=False, width=120).splitlines()
    if line and line <= len(lines) and not lines[line - 1].endswith("\n"):
        lines[line - 1] += end
    lines[line:line] = [f"{indent}{one}{end}" for one in dumped]
    return "".join(lines)


def _line_behind(node: Any) -> int:
    """The line behind a node. The end of a block lies behind the comments that follow it, so that its last scalar is taken."""
    while isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        node = node.value[-1][1] if isinstance(node, yaml.MappingNode) else node.value[-1]
    line, column = node.end_mark.line, node.end_mark.column
    return int(line if column == 0 else line + 1)


def _is_column(line: str) -> bool:
    return _COMMENT.sub("", line).rstrip().endswith(",")


def _line_end(line: str) -> str:
    return "\r\n" if line.endswith("\r\n") else "\n"


def _names(report: Report) -> list[str]:
    return [name for column in report.columns for name in warehouse_names(column)]


def _no_place(path: Path, names: Sequence[str]) -> ContractError:
    message = phrase("contracts_sync.no_place", file=path.name, columns=", ".join(names))
    return ContractError(f"{message.zh} / {message.en}")
