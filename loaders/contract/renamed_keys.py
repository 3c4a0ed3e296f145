"""Keys of a contract that had another name, and the rewriting of a file that still has the old ones.

The text is edited where the keys are, so that comments, order and layout stay as they were.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import yaml

_REPORT_KEYS = {"report": "name", "left_out": "ignored_headers"}
_CROSS_RULE_KEYS = {"told": "responsible", "while": "valid_during", "at": "other_columns", "in": "other_report", "by": "join_on"}
_KINDS = {
    "exists_in": "references",
    "agrees_with": "matches",
    "never_falls": "non_decreasing",
    "sum_agrees": "reconciles",
}
_RESPONSIBLE = {"own": "this"}
_SOURCE_KEYS = {"periods_back": "periods"}
# Named values of a SOAP service, as an HTTP request writes them. `{period_compact}` is by the kind of the periods.
_SOAP_VALUES = {"{window_start_compact}": "{window_start:%Y%m%d}", "{window_end_compact}": "{window_end:%Y%m%d}"}
_GROUPED_KINDS = frozenset({"never_falls", "non_decreasing"})


class UpgradeError(ValueError):
    """A file that cannot be rewritten: it is no YAML, no contract, or has a key under both names."""


def new_name(location: Sequence[int | str], kind: object = None) -> str | None:
    """The present name of a key by its place (`("cross_rules", 0, "references", "at")`); None when it never had another.

    `kind` is the kind of the cross-report rule that the key is in.
    """
    key = str(location[-1])
    if location[0] == "cross_rules":
        return "group_by" if key == "by" and kind in _GROUPED_KINDS else _CROSS_RULE_KEYS.get(key)
    if location[0] == "source":
        return _SOURCE_KEYS.get(key)
    return _REPORT_KEYS.get(key) if len(location) == 1 else None


def new_kind(kind: str) -> str | None:
    """The present name of a kind of cross-report rules; None when it never had another."""
    return _KINDS.get(kind)


@dataclass(frozen=True, slots=True)
class _Edit:
    start: int
    end: int
    old: str
    new: str


def upgraded(text: str) -> tuple[str, list[str]]:
    """The text of a contract with the present keys, and what was changed: `by -> join_on (2 times)`.

    Raises:
        UpgradeError: the text is no contract.
    """
    try:
        root = yaml.compose(text, yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError) as error:
        raise UpgradeError(f"is no YAML: {' '.join(str(error).split())}") from error
    if not isinstance(root, yaml.MappingNode):
        raise UpgradeError("is no contract: expected keys and values")
    # By place, because an alias shows one node several times.
    edits = {edit.start: edit for edit in _edits(root)}
    for start in sorted(edits, reverse=True):
        text = text[:start] + edits[start].new + text[edits[start].end :]
    counts = Counter(f"{edit.old} -> {edit.new}" for _, edit in sorted(edits.items()))
    return text, [change if count == 1 else f"{change} ({count} times)" for change, count in counts.items()]


def _edits(root: yaml.MappingNode) -> Iterator[_Edit]:
    yield from _renamed(root, _REPORT_KEYS)
    for key, rules in root.value:
        if key.value == "cross_rules" and isinstance(rules, yaml.SequenceNode):
            yield from (edit for rule in rules.value if isinstance(rule, yaml.MappingNode) for edit in _edits_of_rule(rule))
    parts = {key.value: value for key, value in root.value}
    source, kind = parts.get("source"), parts.get("period_kind")
    if isinstance(source, yaml.MappingNode):
        yield from _edits_of_source(source, is_monthly=kind is not None and kind.value == "month")


def _edits_of_source(source: yaml.MappingNode, *, is_monthly: bool) -> Iterator[_Edit]:
    """Writes a SOAP service's periods and named values as those of an HTTP API."""
    for key, value in source.value:
        if key.value == "periods_back":
            yield _edit(key, "periods")
            back = int(value.value)
            yield _edit(value, f"{{back: {max(1, back)}, again: {back}, current: true}}")
        if key.value == "arguments":
            values = _SOAP_VALUES | {"{period_compact}": "{period:%Y%m}" if is_monthly else "{period}"}
            for node in _scalars(value):
                new = node.value
                for old, present in values.items():
                    new = new.replace(old, present)
                if new != node.value:
                    yield _Edit(node.start_mark.index, node.end_mark.index, node.value, json.dumps(new, ensure_ascii=False))


def _scalars(node: yaml.Node) -> Iterator[yaml.ScalarNode]:
    if isinstance(node, yaml.ScalarNode):
        yield node
    elif isinstance(node, yaml.MappingNode):
        for _, value in node.value:
            yield from _scalars(value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _scalars(value)


def _edits_of_rule(rule: yaml.MappingNode) -> Iterator[_Edit]:
    values = {key.value: value for key, value in rule.value}
    kind = values["kind"].value if "kind" in values else None
    yield from _renamed(rule, _CROSS_RULE_KEYS | ({"by": "group_by"} if kind in _GROUPED_KINDS else {}))
    for name, renamed in (("kind", _KINDS), ("told", _RESPONSIBLE), ("responsible", _RESPONSIBLE)):
        value = values.get(name)
        if isinstance(value, yaml.ScalarNode) and value.value in renamed:
            yield _edit(value, renamed[value.value])


def _renamed(mapping: yaml.MappingNode, names: dict[str, str]) -> Iterator[_Edit]:
    present = {key.value for key, _ in mapping.value if isinstance(key, yaml.ScalarNode)}
    for key, _ in mapping.value:
        if isinstance(key, yaml.ScalarNode) and key.value in names:
            if names[key.value] in present:
                raise UpgradeError(f"has both {key.value} and {names[key.value]}: take out one of them")
            yield _edit(key, names[key.value])


def _edit(node: yaml.ScalarNode, new: str) -> _Edit:
    return _Edit(node.start_mark.index, node.end_mark.index, node.value, new)
