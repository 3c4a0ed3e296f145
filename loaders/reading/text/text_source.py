"""Text source: a text document as UTF-8 bytes, with the results of one scan over all of it.

A document in another encoding is transcoded to UTF-8 in an unnamed file first, strictly. All later modules see one encoding, and
no document needs to fit into memory. The scan finds line counts, corruption, and steps that this text does not need.
"""

from __future__ import annotations

import codecs
import io
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from loaders.characters.gb18030 import modernize
from loaders.reading.text.quotes import QuoteScan
from loaders.reading.text.text_scan import TextScan

BLOCK_BYTES = 8 * 1024**2
HEAD_BYTES = 256 * 1024
_BUFFER_BYTES = 128 * 1024
_BYTE_ORDER_MARKS = {
    "utf-8": (codecs.BOM_UTF8,),
    "gb18030": (b"\x84\x31\x95\x33",),
    "utf-16-le": (codecs.BOM_UTF16_LE,),
    "utf-16-be": (codecs.BOM_UTF16_BE,),
}
_PRIVATE_LEAD = b"\xee"  # begins U+E000-EFFF


class Undecodable(ValueError):
    """Decoding error of a document in its declared encoding; `line` counts from 1."""

    def __init__(self, line: int, byte: int) -> None:
        super().__init__(f"line {line}: byte 0x{byte:02x}")
        self.line = line
        self.byte = byte


class _PositionedReader(io.RawIOBase):
    """Reader of an open file with a position of its own.

    Arrow reads ahead in a thread and may continue after its caller has stopped. With a shared file position, the next reader
    would miss the bytes that Arrow consumed.
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
    """Text document as UTF-8 bytes that can be read repeatedly. Close it after use."""

    def __init__(self, path: Path, codec: str, delimiter: str = ",") -> None:
        """Opens and scans the document. `codec` is one of utf-8, gb18030, utf-16-le, utf-16-be.

        Raises:
            Undecodable: the bytes are not in this encoding. (UTF-8 is not checked here but when it is read.)
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
        """Returns the first characters, up to a line end if possible.

        Raises:
            Undecodable: they are no UTF-8.
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
        """Returns a reader of the document from its first character on."""
        return io.BufferedReader(_PositionedReader(self._file.fileno(), self.start), _BUFFER_BYTES)

    def skip_lines(self, lines: int) -> BinaryIO:
        """Returns a reader of the document after this many physical lines that end in a line feed."""
        file = self.rewind()
        for _ in range(lines):
            file.readline()
        return file

    def find_undecodable(self) -> Undecodable | None:
        """Finds the first byte that is no UTF-8."""
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
        """Closes the file."""
        self._file.close()


def _skip_bom(file: BinaryIO, codec: str) -> int:
    """Skips the byte-order mark of this encoding, if the file begins with it."""
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
        except UnicodeEncodeError as error:  # half a surrogate pair, which UTF-16 can write and no text contains
            raise Undecodable(line + text.count("\n", 0, error.start), pending[0] if pending else block[0]) from error
        line += text.count("\n")
        yield piece
    rest = decoder.getstate()[0]
    if rest:
        raise Undecodable(line, rest[0])


def _line_feeds(piece: bytes, codec: str) -> int:
    return piece.decode(codec, errors="ignore").count("\n")
