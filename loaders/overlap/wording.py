"""What the words of a header mean: nouns, attributes, and the words by which two headers differ."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from loaders.characters.confusables import comparison_form

# `（万元）`, `（副）`: a unit behind the words.
_UNIT = re.compile(r"\((?:[百千万亿]?元|人次?|个|件|次|场次?|节|户|亩|副|份|分钟|公里|家|分|项|%)\)$")
_PUNCTUATION = re.compile(r"[\s\"'·,，、:：;；/()\-+]+")
# `一个月一行`, `一年一行`
_PER_PERIOD = re.compile("一个?(?:月|季度|季|半年|年度|年|周|天|日)(?=一行)")
# `一个慈善组织一行`, `一名社工一个年度一行`
_ROW = re.compile("一(?:个|家|名|位|条|项|笔|次|场|户)?(?P<thing>[^一,]{2,12}?)(?:一|,|$)")
_ONE_LETTER = 0.5
_WEIGHTS = {"attribute": 1.0, "noun": 0.4, "opposite": 0.8}


@dataclass(frozen=True, slots=True)
class Term:
    """One meaning of words: its kind (`attribute`, `noun`, `opposite`, `filler`), its group, and its name in it."""

    kind: str
    group: str
    name: str


@dataclass(frozen=True)
class Wording:
    """A text taken apart: meanings with their weights, the nouns, and per dimension of opposites what it says.

    `head` is the last noun, which is what the others belong to: of `社区社会组织数`, the organization.
    """

    weights: Mapping[str, float]
    nouns: frozenset[str]
    head: frozenset[str]
    opposites: Mapping[str, frozenset[str]]

    @property
    def letters(self) -> tuple[str, ...]:
        """What is in no list of words, letter by letter, in its order."""
        return tuple(name for name in self.weights if ":" not in name)

    def similarity(self, other: Wording) -> float:
        """Dice's coefficient of the weighted meanings, from 0 to 1; nouns count less, because forms leave them out."""
        both = sum(min(weight, other.weights[name]) for name, weight in self.weights.items() if name in other.weights)
        total = sum(self.weights.values()) + sum(other.weights.values())
        return 2 * both / total if total else 0.0


@dataclass(frozen=True)
class Terms:
    """The words of `texts/terms.yml`."""

    by_word: Mapping[str, tuple[Term, ...]]
    defaults: Mapping[str, str]
    dimensions: tuple[str, ...]
    events: frozenset[str]
    people: frozenset[str]
    closing: frozenset[str]
    later: frozenset[str]
    general: frozenset[str]
    titles: tuple[str, ...]
    longest: int


@cache
def terms() -> Terms:
    """Reads the words once."""
    text = (files("loaders.overlap") / "texts" / "terms.yml").read_text(encoding="utf-8")
    content: dict[str, Any] = yaml.safe_load(text)
    by_word: dict[str, tuple[Term, ...]] = {}
    for term, word in _entries(content):
        form = _letters(word)
        by_word[form] = (*by_word.get(form, ()), term)
    opposites = content["opposites"]
    return Terms(
        by_word,
        {name: members["default"] for name, members in opposites.items() if "default" in members},
        tuple(opposites),
        frozenset(content["events"]),
        frozenset(content["people"]),
        frozenset(content["closing"]),
        frozenset(content["later"]),
        frozenset(f"attribute:{name}" for name in content["general"]),
        tuple(sorted(map(comparison_form, content["titles"]), key=len, reverse=True)),
        max(map(len, by_word)),
    )


def _entries(content: Mapping[str, Any]) -> Iterator[tuple[Term, str]]:
    for kind in ("attribute", "noun"):
        for name, words in content[f"{kind}s"].items():
            yield from ((Term(kind, "", name), word) for word in words)
    for group, members in content["opposites"].items():
        for name, words in members.items():
            if name != "default":
                yield from ((Term("opposite", group, name), word) for word in words)
    yield from ((Term("filler", "", word), word) for word in content["fillers"])


@cache
def wording_of(header: str, *, is_number: bool = False) -> Wording:
    """Takes a header apart, by the longest words that are known; what is not known counts letter by letter.

    Args:
        header: the text.
        is_number: whether its column holds numbers, so that `新开个案` asks how many.
    """
    known = terms()
    text = _letters(header)
    weights: dict[str, float] = {}
    nouns: set[str] = set()
    opposites: dict[str, set[str]] = {}
    is_noun_last, head = False, ""
    for word, meanings in _words(text, known):
        for term in meanings:
            if term.kind == "noun":
                nouns.add(term.name)
                head = term.name
            elif term.kind == "opposite":
                opposites.setdefault(term.group, set()).add(term.name)
            if term.kind in _WEIGHTS and term.name != known.defaults.get(term.group):
                weights[f"{term.kind}:{term.name}"] = _WEIGHTS[term.kind]
        if not meanings:
            weights[word] = _ONE_LETTER
        is_noun_last = any(term.kind == "noun" for term in meanings)
    if not any(name.startswith("attribute:") for name in weights):
        # `主办组织` asks for a name as `组织名称` does, and `党组织书记` as `党组织负责人姓名`.
        if opposites.get("person_role") and all(":" in name for name in weights):
            weights["attribute:person_name"] = _WEIGHTS["attribute"]
        elif is_noun_last:
            weights["attribute:number" if is_number else "attribute:name"] = _WEIGHTS["attribute"]
    says = {name: frozenset(opposites.get(name) or _default(known, name)) for name in known.dimensions}
    return Wording(weights, frozenset(nouns), frozenset({head} - {""}), says)


def _default(known: Terms, dimension: str) -> set[str]:
    """What a header says in a dimension that it does not mention."""
    return {known.defaults[dimension]} if dimension in known.defaults else set()


def subject_of(grain: str) -> frozenset[str]:
    """The nouns of what a row stands for: of `一名服务对象一行`, the client; of `一次探访一行`, none that is known."""
    return wording_of(_PER_PERIOD.split(grain)[0].split("一行")[0]).nouns


def phrase_of(grain: str) -> str:
    """The words for what a row stands for: `示范点` of `一个示范点一个月一行`."""
    match = _ROW.match(comparison_form(grain))
    return match["thing"] if match else ""


def stands_for_thing_in_period(grain: str) -> bool:
    """Whether a row stands for a thing in a period (`一个个案一个月一行`) and not for an event (`一次探访一行`)."""
    return _PER_PERIOD.search(grain) is not None


def title_words(title: str) -> Wording:
    """What a report's title says beside that it is a report."""
    text = comparison_form(title)
    for word in terms().titles:
        text = text.removesuffix(word)
    return wording_of(text)


def _letters(text: str) -> str:
    """The text without its unit and punctuation: `镇街道` of `镇（街道）`, `救助金额` of `救助金额（元）`."""
    return _PUNCTUATION.sub("", _UNIT.sub("", comparison_form(text)))


def _words(text: str, known: Terms) -> Iterator[tuple[str, tuple[Term, ...]]]:
    at = 0
    while at < len(text):
        for length in range(min(known.longest, len(text) - at), 0, -1):
            word = text[at : at + length]
            if word in known.by_word:
                yield word, known.by_word[word]
                break
        else:
            length = 1
            yield text[at], ()
        at += length
