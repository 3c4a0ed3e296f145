"""Whether two columns ask for the same attribute, by their words, types, units and lists of choices."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from loaders.contract import Column, ColumnType
from loaders.overlap.model import Evidence
from loaders.overlap.wording import Wording, terms, wording_of

_NUMBERS = frozenset({ColumnType.INTEGER, ColumnType.DECIMAL})
_TEXTS = frozenset({ColumnType.TEXT, ColumnType.CHOICE})
_DAYS = frozenset({ColumnType.DATE, ColumnType.DATETIME})
_TEXTUAL = frozenset({ColumnType.PHONE, ColumnType.BANK_ACCOUNT, ColumnType.RESIDENT_ID, ColumnType.USCC})
_OTHER_CHOICES = frozenset({"其他", "其它", "无"})
# One header says when or of what, the other says nothing of it.
_ONE_SAYS_NOTHING = 0.75
_OTHER_NUMBER = 0.4
# Both say several things, of which one is the same.
_PARTLY_OPPOSED = 0.6
_OTHER_NOUN = 0.3
# `组织建制` of some kinds, and the name of an organization; only divisions have lists of names.
_OTHER_TYPE = 0.5
_DIVISIONS = frozenset({"village", "town", "county"})
_ENOUGH_CHOICES = _ENOUGH_LETTERS = 0.5
# What a header may say of its subject's place, role or time by itself.
_DECIDING = ("span", "person_role", "plan", "restriction", "change")


def column_similarity(one: Column, other: Column, subject: frozenset[str] = frozenset()) -> tuple[float, tuple[Evidence, ...]]:
    """How surely two columns mean the same, from 0 to 1, with the reasons.

    Args:
        one: a column.
        other: a column of another report.
        subject: the nouns of what both are about, which headers leave out.
    """
    if not _are_compatible(one, other):
        return 0.0, ()
    if one.unit and other.unit and one.unit != other.unit:
        return 0.0, ()
    words, texts = max(_by_headers(one, other, subject), key=lambda found: found[0])
    shared = _shared_choices(one, other)
    if shared is not None and not shared:
        return 0.0, ()
    evidence = [Evidence("words", round(words, 2), (("asked", texts[0]), ("known", texts[1])))]
    similarity = words
    if shared is not None:
        share = len(shared) / min(len(_choices(one)), len(_choices(other)))
        listed = (("choices", "、".join(sorted(shared)[:6])),)
        if share >= _ENOUGH_CHOICES:
            similarity = max(words, 0.4 * words + 0.6 * share)
            evidence.append(Evidence("choices", round(share, 2), listed))
    if one.name == other.name and words >= 0.5:
        similarity = max(similarity, 0.5 + similarity / 2)
        evidence.append(Evidence("name", 1.0, (("name", one.name),)))
    if one.unit and one.unit == other.unit:
        evidence.append(Evidence("unit", 1.0, (("unit", one.unit),)))
    return similarity, tuple(evidence)


def _are_compatible(one: Column, other: Column) -> bool:
    types = {one.type, other.type}
    if len(types) == 1:
        return True
    return types <= _NUMBERS or types <= _TEXTS or types <= _DAYS or (ColumnType.TEXT in types and bool(types & _TEXTUAL))


def _by_headers(one: Column, other: Column, subject: frozenset[str]) -> Iterator[tuple[float, tuple[str, str]]]:
    for here, there in product(one.headers, other.headers):
        first, second = wording_of(here), wording_of(there)
        factor = opposition(first, second, is_number=one.type in _NUMBERS) * _noun_factor(
            first, second, subject, is_number=one.type in _NUMBERS
        )
        if one.type is not other.type:
            factor *= _factor_of_types(one, other, first, second)
        yield first.similarity(second) * factor, (here, there)


def _factor_of_types(one: Column, other: Column, first: Wording, second: Wording) -> float:
    """The factor for a text beside a number of a person, and for a list of choices beside a name."""
    types = {one.type, other.type}
    if types & _TEXTUAL:
        return 1.0 if first.weights.keys() == second.weights.keys() else _OTHER_TYPE
    are_names = "attribute:name" in first.weights and "attribute:name" in second.weights
    return _OTHER_TYPE if ColumnType.CHOICE in types and are_names and not first.nouns & _DIVISIONS else 1.0


def opposition(one: Wording, other: Wording, *, is_number: bool = False) -> float:
    """The factor by which opposite words lower a similarity: zero where two headers ask for different things."""
    factor = 1.0
    for name in one.opposites:
        here, there = one.opposites[name], other.opposites[name]
        if here == there:
            continue
        if not here or not there:
            # All workers, and those who left.
            factor *= _OTHER_NUMBER if is_number else _ONE_SAYS_NOTHING
        elif not here & there or (name in _DECIDING and not (here < there or there < here)):
            return 0.0
        else:
            factor *= _PARTLY_OPPOSED
    # `联合会成立时间` and `协会成立日期`.
    shared = 2 * len({*one.letters} & {*other.letters})
    if one.letters and other.letters and shared < _ENOUGH_LETTERS * (len(one.letters) + len(other.letters)):
        factor *= _PARTLY_OPPOSED
    return factor


def _noun_factor(one: Wording, other: Wording, subject: frozenset[str], *, is_number: bool) -> float:
    """The factor for headers that name different things: `项目名称` and `社会组织名称`; `学生姓名` is that of a person.

    Of `建立党组织时间` and `成立日期`, the second is about the subject itself.
    """
    here, there = (one.nouns or subject, other.nouns or subject) if one.nouns or other.nouns else (frozenset(), frozenset())
    if not here or not there or here & there:
        return 1.0
    are_people = bool(here & terms().people and there & terms().people)
    return 1.0 if are_people and not is_number else _OTHER_NOUN


def _shared_choices(one: Column, other: Column) -> set[str] | None:
    """The choices that both lists have; None unless both columns have lists."""
    if not one.choices or not other.choices:
        return None
    return _choices(one) & (_choices(other) | set(other.aliases)) | _choices(other) & set(one.aliases)


def _choices(column: Column) -> set[str]:
    return set(column.choices) - _OTHER_CHOICES or set(column.choices)
