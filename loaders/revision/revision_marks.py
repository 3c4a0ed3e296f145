"""The grammar of revision marks: `(修订)`, `更正2`, `第三次修订`, `rev3`, `第2版`, `_v2`.

A revision number counts corrections. `修订` is the first one, `修订2` and `rev2` are the second. A version counts the original
too: `第2版` and `v2` are the first correction. A text without a mark is the original, 0. A copy (`副本`, ` (1)`) is no
correction, and `最终版` does not tell what came before it: neither is a mark.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_WORD = "(?:更正|修订|订正|修正|重报)"
_NUMBER = "(?:[0-9]{1,2}|[一二三四五六七八九十]{1,3})"
# A mark ends a part of a name or of a title. `2021年修订` is the year of a law.
_MARK = re.compile(
    rf"第\s*(?P<time>{_NUMBER})\s*次\s*{_WORD}(?:版|稿|件)?\Z"  # 第三次修订
    rf"|第\s*(?P<ordinal>{_NUMBER})\s*[版稿]\Z"  # 第2版
    rf"|(?<!年){_WORD}(?P<form>版|稿|件|后|报表)?\s*(?:[(\[]?\s*(?P<count>{_NUMBER}))?\Z"  # 修订, 更正报表, 修订版2
    r"|(?<![a-z])(?:v|ver\.?|version)\s*(?P<version>[0-9]{1,2})\Z"  # v2
    r"|(?<![a-z])rev\.?\s*(?P<rev>[0-9]{1,2})\Z",  # rev3
    re.IGNORECASE,
)
# `更正(2)` is one mark.
_BRACKETED_COUNT = re.compile(rf"({_WORD}(?:版|稿|件)?)\s*[(\[]\s*({_NUMBER})\s*[)\]]")
_SEPARATORS = re.compile(r"([_\-—–+,、;:()\[\]{}〔〕【】<>|/\\])")
_OPENING, _CLOSING = " _-—–([【〔.", " )]】〕"
_EXTENSIONS = re.compile(r"(?:\.[a-z][a-z0-9]{1,4})+\Z", re.IGNORECASE)
# `《办法(2021年修订)》` names another document.
_QUOTED_TITLE = re.compile("《[^》]*》?")
_DIGITS = {numeral: number for number, numeral in enumerate("一二三四五六七八九", start=1)}
_LONGEST_LINE = 60
_MEMBER = "!/"


def revision_of_place(place: str, title: str = "") -> int:
    """Returns the revision number that the name of a file says, or the name of a container that it came in.

    `title` is the report's own title, which may contain such a word (`更正登记表`) and is no mark.
    """
    names = (part.rsplit("/", 1)[-1] for part in place.split(_MEMBER))
    return max(_greatest(_parts(_stem(_plain(name)), title)) for name in names)


def revision_of_lines(lines: Iterable[Iterable[str]], title: str = "") -> int:
    """Returns the revision number that the lines above a table say; prose that happens to end in such a word says none."""
    cells = (_QUOTED_TITLE.sub(" ", _plain(cell)) for line in lines for cell in line)
    return max((_greatest(_parts(cell, title), in_prose=True) for cell in cells if len(cell) <= _LONGEST_LINE), default=0)


def without_revision_mark(name: str) -> str | None:
    """Returns a path without the revision marks that end its file's name; None when there is none, or nothing else.

    `2023/441302_2023-06(修订).csv` becomes `2023/441302_2023-06.csv`.
    """
    folder, slash, file_name = name.rpartition("/")
    whole = stem = _stem(file_name)
    while (match := _MARK.search(stem.rstrip(_CLOSING))) is not None:
        stem = stem[: match.start()].rstrip(_OPENING)
    return None if stem in {whole, ""} else f"{folder}{slash}{stem}{file_name[len(whole) :]}"


def _parts(text: str, title: str) -> list[str]:
    own = _plain(title)
    if own:
        text = text.replace(own, "|")
    return _SEPARATORS.split(_BRACKETED_COUNT.sub(r"\1\2", text))


def _greatest(parts: Iterable[str], *, in_prose: bool = False) -> int:
    return max((_number(part.strip(), in_prose=in_prose) for part in parts), default=0)


def _number(part: str, *, in_prose: bool) -> int:
    match = _MARK.search(part)
    if match is None:
        return 0
    if in_prose and match.start() and not any(match[name] for name in ("time", "ordinal", "form", "count")):
        return 0
    if counted := match["time"] or match["count"] or match["rev"]:
        return _as_number(counted)
    version = match["ordinal"] or match["version"]
    return max(0, _as_number(version) - 1) if version else 1


def _as_number(text: str) -> int:
    if text.isascii():
        return int(text)
    tens, ten, ones = text.rpartition("十")
    return (_DIGITS.get(tens, 1) * 10 if ten else 0) + _DIGITS.get(ones, 0)


def _stem(name: str) -> str:
    return _EXTENSIONS.sub("", name)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()
