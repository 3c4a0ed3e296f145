"""A text document as UTF-8 bytes, with what one look over all of it tells: lines, damage, and which work it will not need.

A document in another encoding is turned into UTF-8 in an unnamed file first, strictly, so that everything behind this module
knows one encoding and no document has to fit into memory.
"""

from __future__ import annotations

import codecs
import io
import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from loaders.characters.gb18030 import modernize
from loaders.reading.text.quotes import QuoteScan

BLOCK_BYTES = 8 * 1024**2
HEAD_BYTES = 256 * 1024
_BUFFER_BYTES = 128 * 1024
_OVERLAP = 16
_BYTE_ORDER_MARKS = {
    "utf-8": (codecs.BOM_UTF8,),
    "gb18030": (b"\x84\x31\x95\x33",),
    "utf-16-le": (codecs.BOM_UTF16_LE,),
    "utf-16-be": (codecs.BOM_UTF16_BE,),
}
_PRIVATE_LEAD = b"\xee"  # begins U+E000-EFFF
_WIDE_COLON = "：".encode()
# Words of totals, by the character in all of them; 共10人 and 总金额：10 are looked for at the beginning of a line alone.
_TOTAL_WORDS = {
    "计".encode(): tuple(word.encode() for word in ("合计", "小计", "总计", "共计", "累计")),
    "共".encode(): tuple(word.encode() for word in ("\n共", '\n"共', "共有", "总共", "以上共", "本表共", "本次共", "本期共")),
    "总".encode(): tuple(word.encode() for word in ("\n总", '\n"总')),
}
# Lead byte -> sequences that begin what cleaning changes: ="; U+0085, U+00A0, U+00AD; U+180E; U+2000-206F; U+3000; U+FEFF, U+FFFE
# and a full-width equals sign. (A blank, or a control character, is found by itself.)
_INVISIBLE_SEQUENCES = {
    b"=": (b'="', b"=\xe2\x80\x9c", b"=\xef\xbc\x82"),
    b"\xc2": (b"\xc2\x85", b"\xc2\xa0", b"\xc2\xad"),
    b"\xe1": (b"\xe1\xa0\x8e",),
    b"\xe2": (b"\xe2\x80", b"\xe2\x81"),
    b"\xe3": (b"\xe3\x80\x80",),
    b"\xef": (b"\xef\xbb\xbf", b"\xef\xbf", b"\xef\xbc\x9d"),
}


class Undecodable(ValueError):
    """A document is not in the encoding that it is read in; `line` counts from 1."""

    def __init__(self, line: int, byte: int) -> None:
        super().__init__(f"line {line}: byte 0x{byte:02x}")
        self.line = line
        self.byte = byte


@dataclass(slots=True)
class TextScan:
    """What one look over a text tells.

    `lines` are physical lines; `trailing_blank_lines` those of them that close the document and hold nothing. `lone_cr` counts
    carriage returns that end a line alone; `quotes` are the quotation marks. `needs_cleaning`, `has_totals` and `has_labels` are
    true when something may be there, false when surely nothing is.
    """

    lines: int = 0
    trailing_blank_lines: int = 0
    lone_cr: int = 0
    needs_cleaning: bool = False
    has_totals: bool = False
    has_labels: bool = False
    nuls: int = 0
    first_nul_line: int = 0
    quotes: QuoteScan = field(default_factory=lambda: QuoteScan(","))
    _newlines: int = field(default=0, repr=False)
    _tail: bytes = field(default=b"", repr=False)

    def feed(self, block: bytes) -> None:
        """Look at the next block."""
        newlines = block.count(b"\n")
        returns = block.count(b"\r") if b"\r" in block else 0
        self._count_nuls(block)
        if returns:
            # A pair that two blocks share is counted as a bare return: the careful way then reads it rightly.
            self.lone_cr += returns - block.count(b"\r\n")
        if not self.needs_cleaning:
            controls = int(np.count_nonzero(np.frombuffer(block, np.uint8) < 0x20))
            self.needs_cleaning = (
                controls != newlines + returns or b" " in block or b"\x7f" in block or self._contains(block, _contains_invisible)
            )
        self.has_totals = self.has_totals or self._contains(block, _contains_total)
        self.has_labels = self.has_labels or b":" in block or _WIDE_COLON in block
        self.quotes.feed(block)
        self._newlines += newlines
        self._tail = (self._tail + block)[-4096:] if len(block) < 4096 else block[-4096:]

    def close(self) -> None:
        """Count the lines once the last block was seen."""
        self.quotes.close()
        kept = self._tail.rstrip(b"\r\n")
        closing = self._tail[len(kept) :]
        self.trailing_blank_lines = max(0, closing.count(b"\n") - 1)
        self.lines = self._newlines + (0 if closing.endswith(b"\n") or not self._tail else 1)

    def _contains(self, block: bytes, contains: Callable[[bytes], bool]) -> bool:
        """Whether something stands in the block, or across the seam to the one before."""
        return contains(block) or contains(self._tail[-_OVERLAP:] + block[:_OVERLAP])

    def _count_nuls(self, block: bytes) -> None:
        place = block.find(b"\0")
        if place < 0:
            return
        if not self.nuls:
            self.first_nul_line = self._newlines + block.count(b"\n", 0, place) + 1
        self.nuls += block.count(b"\0")


def _contains_invisible(block: bytes) -> bool:
    return any(lead in block and any(sequence in block for sequence in found) for lead, found in _INVISIBLE_SEQUENCES.items())


def _contains_total(block: bytes) -> bool:
    return any(character in block and any(word in block for word in words) for character, words in _TOTAL_WORDS.items())


class _PositionedReader(io.RawIOBase):
    """The bytes of an open file from a place on, with a position of its own.

    Arrow reads ahead in a thread of its own and may go on when nobody asks any more; a position that it shared with the next
    reader would make that one miss what it took.
    """

    def __init__(self, descriptor: int, start: int) -> None:
        self._descriptor = os.dup(descriptor)
        self._place = start

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        taken = os.pread(self._descriptor, len(buffer), self._place)
        buffer[: len(taken)] = taken
        self._place += len(taken)
        return len(taken)

    def close(self) -> None:
        if not self.closed:
            os.close(self._descriptor)
        super().close()


class TextSource:
    """A text document as UTF-8 bytes that can be read again and again. Close it after use."""

    def __init__(self, path: Path, codec: str, delimiter: str = ",") -> None:
        """Open and survey the document; `codec` is one of utf-8, gb18030, utf-16-le, utf-16-be.

        Raises:
            Undecodable: its bytes are none of this encoding. (UTF-8 is not checked here but where it is read.)
        """
        self.scan = TextScan(quotes=QuoteScan(delimiter))
        original = path.open("rb")
        self.start = _skip_bom(original, codec)
        if codec == "utf-8":
            self._file: Any = original
            for block in iter(lambda: original.read(BLOCK_BYTES), b""):
                self.scan.feed(block)
        else:
            with original:
                self.start = 0
                self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by close()
                for block in _as_utf8(original, codec):
                    self.scan.feed(block)
                    self._file.write(block)
                self._file.flush()
        self.scan.close()

    def head(self) -> str:
        """The first characters, up to the end of a line where possible.

        Raises:
            Undecodable: they are not UTF-8.
        """
        block = self.rewind().read(HEAD_BYTES)
        if len(block) == HEAD_BYTES:
            block = block[: block.rfind(b"\n") + 1] or block
        try:
            text = codecs.getincrementaldecoder("utf-8")().decode(block, final=len(block) < HEAD_BYTES)
        except UnicodeDecodeError as error:
            raise Undecodable(block.count(b"\n", 0, error.start) + 1, block[error.start]) from error
        return text

    def rewind(self) -> BinaryIO:
        """The document from its first character on, for one reader alone."""
        return io.BufferedReader(_PositionedReader(self._file.fileno(), self.start), _BUFFER_BYTES)

    def skip_lines(self, lines: int) -> BinaryIO:
        """The file, after so many physical lines that end in a line feed."""
        file = self.rewind()
        for _ in range(lines):
            file.readline()
        return file

    def find_undecodable(self) -> Undecodable | None:
        """The first place that is not UTF-8."""
        file = self.rewind()
        decoder = codecs.getincrementaldecoder("utf-8")()
        line = 1
        for block in iter(lambda: file.read(BLOCK_BYTES), b""):
            pending = decoder.getstate()[0]
            try:
                decoder.decode(block)
            except UnicodeDecodeError as error:
                whole = pending + block
                return Undecodable(line + whole.count(b"\n", 0, error.start), whole[error.start])
            line += block.count(b"\n")
        rest = decoder.getstate()[0]
        return Undecodable(line, rest[0]) if rest else None

    def close(self) -> None:
        """Let the file go."""
        self._file.close()


def _skip_bom(file: BinaryIO, codec: str) -> int:
    """Go past a byte-order mark of this encoding, if the file begins with one."""
    head = file.read(4)
    length = next((len(bom) for bom in _BYTE_ORDER_MARKS[codec] if head.startswith(bom)), 0)
    file.seek(length)
    return length


def _as_utf8(file: BinaryIO, codec: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(codec)()
    line = 1
    for block in iter(lambda: file.read(BLOCK_BYTES), b""):
        pending = decoder.getstate()[0]
        try:
            text = decoder.decode(block)
            piece = text.encode()
            if codec == "gb18030" and _PRIVATE_LEAD in piece:
                piece = modernize(text).encode()
        except UnicodeDecodeError as error:
            whole = pending + block
            raise Undecodable(line + _line_feeds(whole[: error.start], codec), whole[error.start]) from error
        except UnicodeEncodeError as error:  # half a character, which this encoding can write and no text holds
            raise Undecodable(line + text.count("\n", 0, error.start), pending[0] if pending else block[0]) from error
        line += text.count("\n")
        yield piece
    rest = decoder.getstate()[0]
    if rest:
        raise Undecodable(line, rest[0])


def _line_feeds(piece: bytes, codec: str) -> int:
    return piece.decode(codec, errors="ignore").count("\n")
