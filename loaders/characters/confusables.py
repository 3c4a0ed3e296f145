"""Characters that look alike, and the form in which names and codes are compared: by it, one name has one key.

What is only another way of writing is taken out: width, case, blanks, the make of a dot, hyphen, bracket or quotation mark,
radicals for characters. What may tell two names apart stays: whether there is a dot at all, 零 and 〇, 0 and O.
"""

from __future__ import annotations

import re

from loaders.characters.footnote_marks import nfkc_keeping_marks

DOTS = ".·•∙⋅・‧․●◦⦁᛫⸱⸳ꞏㆍ˙﹒。｡"
HYPHENS = "-‐‑‒–—―−－﹣﹘⁃"
_OPENING, _CLOSING = "(（[［〔【〖﹝｛{", ")）]］〕】〗﹞｝}"
_DOUBLE, _SINGLE = '"“”„‟＂「」『』﹁﹂﹃﹄', "'‘’‚‛＇`´｀"
_ZEROS = "〇○◯"

# Kangxi radicals become characters by NFKC. The radicals of the supplement that are characters of their own do not.
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
# Blanks of every kind, what nobody sees, and the selectors that choose among the shapes of one character.
_UNWRITTEN = re.compile(r"[\s\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff\U000e0100-\U000e01ef]+")


def normalize_characters(text: str) -> str:
    """Half-width (marks stay marks), radicals as characters, one hyphen: each character as one would type it."""
    if text.isascii():
        return text
    return nfkc_keeping_marks(text.translate(_ONE_HYPHEN)).translate(_ONE_HYPHEN)


def comparison_form(text: str) -> str:
    """The form in which two writings of one name are equal: `阿依古丽．买买提` and `阿依古丽 • 买买提`, `（甲）` and `[甲]`."""
    # Before NFKC too, for it would take a dot above for a blank and a mark.
    plain = _UNWRITTEN.sub("", nfkc_keeping_marks(text.translate(_PLAIN)).translate(_PLAIN)).upper()
    return plain if plain.isascii() else nfkc_keeping_marks(plain).translate(_PLAIN)


def sql_translate_arguments() -> tuple[str, str]:
    """The same for PostgreSQL's `translate(text, from, to)`, after NFKC and without blanks."""
    pairs = {chr(character): replacement for character, replacement in _PLAIN.items() if chr(character) != replacement}
    return "".join(pairs), "".join(pairs.values())
