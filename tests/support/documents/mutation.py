"""Reproducible random mutations of documents: bytes flipped, parts removed, truncated or replaced."""

from __future__ import annotations

import io
import random
import re
import zipfile

_NUMBER = re.compile(rb'"\d+"|>\d+<')
_NUMBERS = (b"-1", b"99999999999", b"1048577", b"NaN", b"1e309", b"x", b"", b"0")
_WORDS = (b"\xff\xff\xff\xff", b"\x00\x00\x00\x00", b"9999", b"-1  ")


def mutated(content: bytes, chance: random.Random) -> bytes:
    """Damages a document. In a package, it mostly damages one part, so that the package still opens."""
    if content.startswith(b"PK") and chance.random() < 0.7:
        return _with_damaged_part(content, chance)
    return _flipped(content, chance) if chance.random() < 0.8 else content[: chance.randrange(len(content))]


def _flipped(content: bytes, chance: random.Random) -> bytes:
    damaged = bytearray(content)
    for _ in range(chance.randrange(1, 25)):
        place = chance.randrange(len(damaged)) if damaged else 0
        match chance.randrange(4):
            case 0:
                damaged[place : place + 1] = chance.randbytes(1)
            case 1:
                del damaged[place : place + chance.randrange(1, 20)]
            case 2:
                damaged[place:place] = chance.randbytes(chance.randrange(1, 8))
            case _:
                damaged[place : place + 4] = chance.choice(_WORDS)
    return bytes(damaged)


def _with_damaged_part(content: bytes, chance: random.Random) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(buffer, "w") as target:
        victim = chance.choice(source.namelist())
        for name in source.namelist():
            part: bytes | None = source.read(name)
            if name == victim:
                part = _damaged_part(source.read(name), chance)
            if part is not None:
                target.writestr(name, part)
    return buffer.getvalue()


def _damaged_part(part: bytes, chance: random.Random) -> bytes | None:
    numbers = list(_NUMBER.finditer(part))
    match chance.randrange(4):
        case 0:
            return None
        case 1:
            return part[: chance.randrange(len(part) + 1)]
        case 2 if numbers:
            place = chance.choice(numbers)
            return part[: place.start() + 1] + chance.choice(_NUMBERS) + part[place.end() - 1 :]
        case _:
            return _flipped(part, chance)
