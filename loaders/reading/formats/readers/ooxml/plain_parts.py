"""Parts of a workbook in the form that spreadsheet programs write, read by regular expressions: faster than by a parser of XML.

Nothing is guessed. A part is taken only if every character of it fits the form; any other part is left to the parser of XML,
which reads or refuses it. What lies around the cells of a worksheet (columns, merges) always goes through the parser.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_MOST_BYTES = 16 * 1024 * 1024
# A part without a declaration is UTF-8.
_DECLARATION = re.compile(
    r"""(?:<\?xml version=["']1\.0["'] encoding=["'](?:UTF|utf)-8["'](?: standalone=["'](?:yes|no)["'])?\?>)?[ \t\n]*"""
)
# What XML forbids in a text, or what its parser changes; comments, instructions, document types and CDATA.
_NOT_PLAIN = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]|<[!?]|]]>")
_NOT_PREDEFINED = re.compile("&(?!(?:amp|lt|gt|quot|apos);)")
_ATTRIBUTES = r'(?: (?:{names})="[^"<&]*")*+'

# `<si><t xml:space="preserve"> 惠城区</t></si>`
_STRING = r'<si><t(?: xml:space="preserve")?>({group}[^<]*+)</t></si>'
_EACH_STRING = re.compile(_STRING.format(group=""))
_STRINGS = re.compile(
    f"<sst{_ATTRIBUTES.format(names='xmlns(?::[a-z]+)?|count|uniqueCount')}>(?:{_STRING.format(group='?:')})*+</sst>\\s*"
)
# `<c r="B7" s="3" t="s"><v>12</v></c>`, `<c r="B7" s="3"/>`, `<c r="B7" t="inlineStr"><is><t>惠城区</t></is></c>`
_CELL = (
    r'<c r="({group}[A-Z]{{1,3}})({group}[1-9][0-9]{{0,6}})"(?: s="({group}[0-9]{{1,5}})")?(?: t="({group}[A-Za-z]{{1,9}})")?'
    r'(?:/>|>({group}<f(?: [A-Za-z]+="[^"<&]*")*+(?:/>|>[^<]*+</f>))?'
    r'(?:<v>({group}[^<]++)</v>|<is><t(?: xml:space="preserve")?>({group}[^<]++)</t></is>)?</c>)'
)
_EACH_CELL = re.compile(_CELL.format(group=""))
_DESCENT = "x14ac:dyDescent"
_ROW_ATTRIBUTES = "r|spans|s|customFormat|ht|hidden|customHeight|outlineLevel|collapsed|thickTop|thickBot|" + _DESCENT
_ROW = re.compile(f"<row({_ATTRIBUTES.format(names=_ROW_ATTRIBUTES)})(?:/>|>((?:{_CELL.format(group='?:')})*+)</row>)")
_ATTRIBUTE = re.compile(r' ([\w:]+)="([^"]*)"')
_OPEN, _CLOSE = "<sheetData>", "</sheetData>"


class NotPlain(Exception):
    """A part in another form than spreadsheet programs write."""


class PlainRow(NamedTuple):
    """A row as it is written: its attributes, and its cells.

    A cell has the letters and digits of its place, its style, its kind, the element of its formula, its value, and its escaped
    inline text. What it does not have is empty.
    """

    attributes: dict[str, str]
    cells: list[tuple[str, str, str, str, str, str, str]]


class PlainSheet:
    """Worksheet in the form that spreadsheet programs write. `rest` is its part without the rows, for the parser of XML."""

    def __init__(self, content: bytes) -> None:
        """Takes the content of a part.

        Raises:
            NotPlain: it has another form.
        """
        self._text = _plain_text(content)
        if self._text.count(_OPEN) != 1 or self._text.count(_CLOSE) != 1:
            raise NotPlain
        self._start, self._end = self._text.index(_OPEN) + len(_OPEN), self._text.index(_CLOSE)
        self.rest = (self._text[: self._start] + self._text[self._end :]).encode()

    def rows(self) -> Iterator[PlainRow]:
        """Yields each row.

        Raises:
            NotPlain: something else follows.
        """
        place = self._start
        declares_descent = "xmlns:x14ac=" in self._text[:place]
        while place < self._end:
            match = _ROW.match(self._text, place, self._end)
            if match is None:
                raise NotPlain
            pairs = _ATTRIBUTE.findall(match[1])
            attributes = dict(pairs)
            if len(attributes) != len(pairs) or (_DESCENT in attributes and not declares_descent):
                raise NotPlain
            yield PlainRow(attributes, _EACH_CELL.findall(match[2] or ""))
            place = match.end()


def plain_strings(content: bytes) -> list[str]:
    """Returns the texts of shared strings. The escapes of spreadsheets (`_x000D_`) stay.

    Raises:
        NotPlain: the part has another form, such as one with several fonts in a string.
    """
    text = _plain_text(content)
    if _STRINGS.fullmatch(text, _after_declaration(text)) is None:
        raise NotPlain
    return [without_escapes(one) for one in _EACH_STRING.findall(text)]


def without_escapes(text: str) -> str:
    """Replaces the five escapes that XML predefines. A plain part has no other."""
    if "&" not in text:
        return text
    for escape, character in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&")):
        text = text.replace(escape, character)
    return text


def _plain_text(content: bytes) -> str:
    """Returns a part as a text that a parser of XML takes as it is.

    Raises:
        NotPlain: that is not certain.
    """
    if len(content) > _MOST_BYTES:
        raise NotPlain
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotPlain from error
    if _NOT_PLAIN.search(text, _after_declaration(text)) or _NOT_PREDEFINED.search(text):
        raise NotPlain
    return text


def _after_declaration(text: str) -> int:
    match = _DECLARATION.match(text)
    return match.end() if match else 0
