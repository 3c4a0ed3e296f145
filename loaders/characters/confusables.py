"""Confusable characters: the comparison form of names and codes, under which one name has one key.

The form removes differences of notation: width, case, blanks, variants of dots, hyphens, brackets and quotation marks, radicals
in place of characters. It keeps what may distinguish two names: whether there is a dot, 零 and 〇, 0 and O.
"""

from __future__ import annotations

import re

from loaders.characters.footnote_marks import nfkc_keeping_marks

DOTS = ".·•∙⋅・‧․●◦⦁᛫⸱⸳ꞏㆍ˙﹒。｡"
HYPHENS = "-‐‑‒–—―−－﹣﹘⁃"
_OPENING, _CLOSING = "(（[［〔【〖﹝｛{", ")）]］〕】〗﹞｝}"
_DOUBLE, _SINGLE = '"“”„‟＂「」『』﹁﹂﹃﹄', "'‘’‚‛＇`´｀"
_ZEROS = "〇○◯"

# NFKC turns Kangxi radicals into characters. It keeps those radicals of the supplement that are characters themselves.
_RADICALS = dict(
    zip(
        "⺁⺄⺈⺊⺒⺓⺜⺝⺟⺠⺧⺩⺬⺶⺻⺼⻁⻄⻅⻆⻉⻋⻏⻑⻓⻔⻗⻘⻙⻚⻛⻜⻝⻢⻣⻤⻥⻦⻧⻨⻩⻪⻫⻬⻭⻮⻯⻰⻱⻲⻳",
        "厂乙刀卜巳幺日月母民牛王示羊聿肉虎西见角贝车邑長长门雨青韦页风飞食马骨鬼鱼鸟卤麦黄黾斉齐歯齿竜龙龜亀龟",
        strict=True,
    )
)
_PLAIN = str.maketrans(
    _RADICALS
    | dict.fromkeys(DOTS, "·")
    | dict.fromkeys(HYPHENS, "-")
    | dict.fromkeys(_OPENING, "(")
    | dict.fromkeys(_CLOSING, ")")
    | dict.fromkeys(_DOUBLE, '"')
    | dict.fromkeys(_SINGLE, "'")
    | dict.fromkeys(_ZEROS, "〇")
)
_ONE_HYPHEN = str.maketrans(_RADICALS | dict.fromkeys(HYPHENS, "-"))
# Blanks of every kind, invisible characters, and selectors among the variants of one character.
_UNWRITTEN = re.compile(r"[\s\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff\U000e0100-\U000e01ef]+")


def normalize_characters(text: str) -> str:
    """Normalizes characters as one would type them: half-width (footnote marks are kept), radicals as characters, one hyphen."""
    if text.isascii():
        return text
    return nfkc_keeping_marks(text.translate(_ONE_HYPHEN)).translate(_ONE_HYPHEN)


def comparison_form(text: str) -> str:
    """Returns the form in which notations of a name are equal: `阿依古丽．买买提`, `阿依古丽 • 买买提`; `（甲）`, `[甲]`."""
    # Translated before NFKC, too, because NFKC decomposes a dot above into a blank and a combining mark.
    plain = _UNWRITTEN.sub("", nfkc_keeping_marks(text.translate(_PLAIN)).translate(_PLAIN)).upper()
    return plain if plain.isascii() else nfkc_keeping_marks(plain).translate(_PLAIN)


def sql_translate_arguments() -> tuple[str, str]:
    """Returns the arguments of PostgreSQL's `translate(text, from, to)` for the same form, after NFKC and without blanks."""
    pairs = {chr(character): replacement for character, replacement in _PLAIN.items() if chr(character) != replacement}
    return "".join(pairs), "".join(pairs.values())
