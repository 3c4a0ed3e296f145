"""Chinese numerals for digits: `[DBNum1]` 一百二十三, `[DBNum2]` 壹佰贰拾叁, `[DBNum3]` １２３."""

from __future__ import annotations

_DIGITS = {1: "〇一二三四五六七八九", 2: "零壹贰叁肆伍陆柒捌玖", 3: "０１２３４５６７８９", 4: "〇一二三四五六七八九"}
_SMALL = {1: ("", "十", "百", "千"), 2: ("", "拾", "佰", "仟"), 3: ("", "十", "百", "千")}
_LARGE = ("", "万", "亿", "万亿")


def digit_by_digit(text: str, numerals: int) -> str:
    """Replaces each digit of a text: `2023` is 二〇二三."""
    digits = _DIGITS.get(numerals)
    return text if digits is None else "".join(digits[int(letter)] if letter.isdecimal() else letter for letter in text)


def in_words(number: str, numerals: int) -> str:
    """Writes a plain decimal in words: `123.4` is 一百二十三.四."""
    kind = 1 if numerals == 4 else numerals
    if kind not in _SMALL:
        return number
    whole, point, places = number.partition(".")
    if len(whole) > 16:
        return digit_by_digit(number, numerals)
    return _whole(whole, kind) + point + digit_by_digit(places, kind)


def day_or_month(number: int, numerals: int) -> str:
    """Writes a month, a day or an hour as it is read: 十二, 三十一. Ten to nineteen begin with 十."""
    if not numerals:
        return str(number)
    words = in_words(str(number), numerals)
    return words[1:] if numerals in {1, 4} and words.startswith("一十") else words


def _whole(digits: str, kind: int) -> str:
    zero = _DIGITS[kind][0] if kind != 1 else "〇"
    groups = [digits[max(end - 4, 0) : end] for end in range(len(digits), 0, -4)][::-1]
    words = ""
    for place, group in enumerate(groups):
        part = _group(group, kind, zero)
        if not part:
            continue
        if words and (int(group) < 1000 or not _ends_filled(groups[place - 1])):
            words += "" if words.endswith(zero) or part.startswith(zero) else zero
        words += part + _LARGE[len(groups) - 1 - place]
    return words or zero


def _ends_filled(group: str) -> bool:
    return int(group) != 0


def _group(digits: str, kind: int, zero: str) -> str:
    """Writes up to four digits in words, without zeros at either end."""
    words, gap = "", False
    for place, digit in enumerate(digits):
        if digit == "0":
            gap = bool(words)
            continue
        words += (zero if gap else "") + _DIGITS[kind][int(digit)] + _SMALL[kind][len(digits) - 1 - place]
        gap = False
    return words
