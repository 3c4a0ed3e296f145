"""One expectations file -> its contract, or every fault that keeps it from being one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from loaders.contract.deployment import Deployment, deployment_of
from loaders.contract.renamed_keys import new_kind, new_name
from loaders.contract.report import Report
from loaders.contract.strict_model import StrictModel


def _parts(base: type[StrictModel]) -> Iterator[type[StrictModel]]:
    """Every model of a part of a contract."""
    for part in base.__subclasses__():
        yield part
        yield from _parts(part)


_FIELDS = tuple(dict.fromkeys(field.alias or name for part in _parts(StrictModel) for name, field in part.model_fields.items()))
_MAX_SHOWN_CHARS = 80
_UPGRADE = "`huimin contracts upgrade FILE` rewrites it"
_INVALID_CHARACTER = re.compile("[\0\ud800-\udfff]")
# What sound files were last read as: a load asks for the same contracts again and again.
_SOUND: dict[Path, tuple[str, Deployment, Report]] = {}


@dataclass(frozen=True, slots=True)
class ContractErrorDetail:
    """One fault of one expectations file: `charity/community_fund.yml`, the field, what is wrong and what to do.

    `declared` is the report that the file says it is of, where that can be read and is not the file's name.
    """

    file: str
    field: str
    message: str
    declared: str | None = None

    @property
    def reports(self) -> frozenset[str]:
        """The reports that the file may be of: the one that its name says, and the one that it says itself."""
        return frozenset(filter(None, (Path(self.file).stem, self.declared)))

    def __str__(self) -> str:
        return f"{self.file}: {self.field}: {self.message}"


def read_contract(path: Path, deployment: Deployment | None = None) -> tuple[Report | None, list[ContractErrorDetail]]:
    """The contract in a file; None when it has faults of its own, all of which are listed.

    Args:
        deployment: of the folder that holds the systems' folders; read from its file where it is left out.

    Raises:
        DeploymentError: the deployment is left out, and its file is missing or wrong.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        message = f"expected text in utf-8, found bytes that are none from place {error.start} on; save the file as UTF-8"
        return None, [ContractErrorDetail(file_name(path), "file", message)]
    except OSError as error:
        message = f"cannot be read ({error.strerror or error}); let the pipeline's user read it"
        return None, [ContractErrorDetail(file_name(path), "file", message)]
    own = deployment or deployment_of(path.parent.parent)
    kept = _SOUND.get(path)
    if kept is not None and kept[:2] == (text, own):
        return kept[2], []
    report, errors = report_from(path, text, own)
    if report is not None:
        _SOUND[path] = text, own, report
    return report, errors


def report_from(path: Path, text: str, deployment: Deployment | None = None) -> tuple[Report | None, list[ContractErrorDetail]]:
    """The contract that a text is, as if it stood in a file; None when it has faults of its own, all of which are listed."""
    file, own = file_name(path), deployment or deployment_of(path.parent.parent)
    content: Any = None
    try:
        content = yaml.load(text, _Loader)  # noqa: S506 - a safe loader, in C
        unstorable = [ContractErrorDetail(file, location, message) for location, message in _unstorable("report", content)]
        if unstorable:
            return None, unstorable
        report = Report.model_validate(_with_units(content, own))
        errors = [ContractErrorDetail(file, location, message) for location, message in own.report_errors(report)]
        return (None, errors) if errors else (report, [])
    except ValidationError as error:
        messages = [location_and_message for detail in error.errors() for location_and_message in _describe(detail, content)]
        return None, [ContractErrorDetail(file, location, message) for location, message in messages]
    # Whatever an editor left behind can break a parser in ways that it has no name for; it must not cost the other reports.
    except Exception as error:
        return None, [ContractErrorDetail(file, "file", " ".join(str(error).split()) or type(error).__name__)]


def _with_units(content: Any, deployment: Deployment) -> Any:
    """Returns a contract whose reporting unit is the root division where it names none."""
    return {"units": [deployment.root_division]} | content if isinstance(content, dict) else content


def file_name(path: Path) -> str:
    """The file as faults name it."""
    return f"{path.parent.name}/{path.name}"


def _unstorable(location: str, content: Any) -> Iterator[tuple[str, str]]:
    """Texts that neither a database nor a mail can hold: NUL and halves of characters, which only escapes bring in."""
    if isinstance(content, str):
        if _INVALID_CHARACTER.search(content):
            yield location, "holds a character that is none (NUL or half of one); take it out"
    elif isinstance(content, dict):
        for name, part in content.items():
            yield from _unstorable(str(name) if location == "report" else f"{location}.{name}", part)
    elif isinstance(content, list):
        for number, part in enumerate(content):
            yield from _unstorable(f"{location}.{number}", part)


class _Loader(yaml.CSafeLoader):
    """YAML in which no field may be said twice: the first of the two would be lost without a word."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key, _ in node.value:
            name = key.value
            if name in seen:
                raise yaml.constructor.ConstructorError(None, None, f"{name} is said twice", key.start_mark)
            seen.add(name)
        return super().construct_mapping(node, deep)


def _describe(detail: Mapping[str, Any], content: Any) -> Iterator[tuple[str, str]]:
    """The place and the words of a fault; one that lists several is told as several."""
    location = _location(detail["loc"], content)
    if detail["type"] == "value_error":
        for message in str(detail["ctx"]["error"]).split("; "):
            yield location, message
    elif detail["type"] == "missing":
        yield location, "is missing"
    elif detail["type"] == "extra_forbidden":
        yield location, f"is no field here{_suggestion(detail['loc'])}"
    elif detail["type"] == "union_tag_invalid" and (kind := new_kind(detail["ctx"]["tag"])):
        yield location, f"kind: {detail['ctx']['tag']} is now {kind}; {_UPGRADE}"
    else:
        yield location, f"{detail['msg']}, found {_shorten(detail['input'])}"


def _location(location: tuple[int | str, ...], content: Any) -> str:
    """The field, with the name of the column or rule beside its number: `columns.3 (town_code).header`."""
    parts = []
    for part in location:
        content = content.get(part) if isinstance(content, dict) else _item(content, part)
        named = content.get("name") or content.get("expect") if isinstance(content, dict) and isinstance(part, int) else None
        parts.append(f"{part} ({named})" if named else str(part))
    return ".".join(parts) or "report"


def _item(content: Any, part: int | str) -> Any:
    return content[part] if isinstance(content, list) and isinstance(part, int) and part < len(content) else None


def _suggestion(location: tuple[int | str, ...]) -> str:
    renamed = new_name(location, location[2] if location[0] == "cross_rules" and len(location) > 2 else None)
    if renamed is not None:
        return f'; it is now "{renamed}"; {_UPGRADE}'
    name = str(location[-1])
    # A field of another part of the contract is no suggestion for itself.
    close = get_close_matches(name, [field for field in _FIELDS if field != name], n=1)
    return f'; did you mean "{close[0]}"?' if close else ""


def _shorten(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _MAX_SHOWN_CHARS else f"{text[:_MAX_SHOWN_CHARS]}…"
