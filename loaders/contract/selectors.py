"""Which rows a rule is for: those in which a column has one of some values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from loaders.contract.columns import Column, ColumnType

_BOOLEANS = frozenset({"TRUE", "FALSE", "是", "否"})
_COMPARABLE = frozenset({ColumnType.TEXT, ColumnType.CHOICE, ColumnType.BOOLEAN, ColumnType.USCC, ColumnType.DIVISION_CODE})


def selector_errors(rule: str, where: Mapping[str, tuple[str, ...]], known: Mapping[str, Column]) -> Iterator[str]:
    """What is wrong with the values by which a rule chooses its rows; `rule` names it in the sentence."""
    for name, texts in where.items():
        if name in known:
            yield from _value_errors(f"{rule} where {name}", known[name], texts)


def _value_errors(where: str, column: Column, texts: tuple[str, ...]) -> Iterator[str]:
    if column.type not in _COMPARABLE:
        yield f"{where}: values of type {column.type} cannot be chosen"
    known = {ColumnType.CHOICE: frozenset(column.choices), ColumnType.BOOLEAN: _BOOLEANS}.get(column.type)
    for text in sorted(set(texts) - known) if known is not None else ():
        yield f"{where}: {text} is no value of the column; there are: {', '.join(sorted(known or ()))}"
