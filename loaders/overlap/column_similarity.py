"""Whether two columns ask for the same attribute, by their words, types, units and lists of choices."""

from __future__ import annotations

from collections.abc import Iterator, Set
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
_SAME_WORDS = 0.9
_ENOUGH_CHOICES = _ENOUGH_LETTERS = 0.5
# What a header may say of its subject's place, role or time by itself.
# `净资产` is there at a time, whether a header says so or not.
_STOCK = {"current", "at_end"}
_DECIDING = ("span", "person_role", "plan", "restriction", "change")


def column_similarity(
    one: Column, other: Column, subject: Set[str] = frozenset(), phrases: tuple[str, str] = ("", "")
) -> tuple[float, tuple[Evidence, ...]]:
    """How surely two columns mean the same, from 0 to 1, with the reasons.

    Args:
        one: a column.
        other: a column of another report.
        subject: the nouns of what both are about, which headers leave out.
        phrases: the words for it in the contracts of both, which headers may begin with.
    """
    if not _are_compatible(one, other):
        return 0.0, ()
    if one.unit and other.unit and one.unit != other.unit:
        return 0.0, ()
    words, texts = max(_by_headers(one, other, subject, phrases), key=lambda found: found[0])
    shared = _shared_choices(one, other)
    if shared is not None and not shared:
        return 0.0, ()
    evidence = [Evidence("words", round(words, 2), (("asked", texts[0]), ("known", texts[1])))]
    similarity = words
    if shared is not None:
        share = len(shared) / min(len(_choices(one)), len(_choices(other)))
        listed = (("choices", "、".join(sorted(shared)[:6])),)
        if share >= _ENOUGH_CHOICES and (len(shared) > 2 or words >= _SAME_WORDS):
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


def _by_headers(
    one: Column, other: Column, subject: Set[str], phrases: tuple[str, str]
) -> Iterator[tuple[float, tuple[str, str]]]:
    is_number = one.type in _NUMBERS
    for here, there in product(_shortened(one, phrases[0]), _shortened(other, phrases[1])):
        first, second = (wording_of(header, is_number=is_number) for header in (here, there))
        factor = opposition(first, second, is_number=is_number) * _noun_factor(
            first, second, subject, is_number=one.type in _NUMBERS
        )
        if one.type is not other.type:
            factor *= _factor_of_types(one, other, first, second)
        yield first.similarity(second) * factor, (here, there)


def _shortened(column: Column, phrase: str) -> Iterator[str]:
    """Yields the headers, and what is left of them behind the words for what all rows are about: `名称` of `示范点名称`."""
    for header in column.headers:
        yield header
        rest = header.removeprefix(phrase) if phrase else header
        if rest and rest != header:
            yield rest


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
        # The name of a child and the name of a client are names of persons; the numbers of both differ.
        if here == there or (name == "restriction" and not is_number):
            continue
        if not here or not there:
            # All workers, and those who left.
            factor *= _OTHER_NUMBER if is_number else _ONE_SAYS_NOTHING
        elif here | there == _STOCK:
            factor *= _ONE_SAYS_NOTHING
        elif not here & there or (name in _DECIDING and not (here < there or there < here)):
            return 0.0
        else:
            factor *= _PARTLY_OPPOSED
    return factor * _factor_of_letters(one, other) * (_factor_of_parts(one, other) if is_number else 1.0)


def _factor_of_parts(one: Wording, other: Wording) -> float:
    """The factor for a number that is a part of the other: `捐赠收入` and `收入`."""
    apart = {name for name in one.weights.keys() ^ other.weights.keys() if name.startswith("attribute:")}
    return _PARTLY_OPPOSED if apart - terms().general else 1.0


def _factor_of_letters(one: Wording, other: Wording) -> float:
    """The factor for words that are in no list: `联合会成立时间` and `协会成立日期`, or `评估机构` and `机构名称`."""
    shared = 2 * len({*one.letters} & {*other.letters})
    if one.letters and other.letters:
        return _PARTLY_OPPOSED if shared < _ENOUGH_LETTERS * (len(one.letters) + len(other.letters)) else 1.0
    is_name = "attribute:name" in one.weights and "attribute:name" in other.weights
    return _PARTLY_OPPOSED if is_name and max(len(one.letters), len(other.letters)) > 1 else 1.0


def _noun_factor(one: Wording, other: Wording, subject: Set[str], *, is_number: bool) -> float:
    """The factor for headers that name different things: `项目名称` and `社会组织名称`; `学生姓名` is that of a person.

    Of `建立党组织时间` and `成立日期`, the second is about the subject itself.
    """
    here, there = (one.head or subject, other.head or subject) if one.head or other.head else (frozenset(), frozenset())
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
