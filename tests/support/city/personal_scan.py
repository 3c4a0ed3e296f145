"""Looks for plain personal numbers in all that a load, a build and their messages leave behind, whatever it is packed in."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from email import message_from_bytes
from email.message import Message
from email.policy import default
from itertools import islice
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

_ARCHIVE = b"PK\x03\x04"
# A whole run of digits: `44130219900307451X`, `13800000000`, an account of 19 digits.
_CANDIDATE = re.compile(rb"(?<![0-9])[0-9]{11,19}(?![0-9])[Xx]?")
# Views of the inner schemas show what tables hold; those of bi are what others read.
_TABLES = """
    select table_schema, table_name from information_schema.tables where table_schema !~ '^(pg_|information)'
      and (table_type = 'BASE TABLE' or table_schema = 'bi')
"""
_BINARY_COLUMNS = """
    select table_schema, table_name, column_name from information_schema.columns
    where data_type = 'bytea' and table_schema !~ '^(pg_|information)'
"""


class PersonalScan:
    """A search for some numbers, given as they are written."""

    def __init__(self, numbers: Iterable[str]) -> None:
        self._numbers = frozenset(number.upper().encode() for number in numbers)

    def found_in(self, content: bytes) -> set[str]:
        """Returns the numbers in a content, and in what it packs: members of archives, parts of mails."""
        found: set[str] = set()
        for text in texts_of(content):
            runs = {match.group().upper() for match in _CANDIDATE.finditer(text)}
            # Behind a number of 18 digits, an X is the next word.
            found |= {run.decode() for run in runs | {run.rstrip(b"X") for run in runs} if run in self._numbers}
        return found

    def tables_with_numbers(self, connection: psycopg.Connection[Any], most_rows: int = 10_000) -> list[str]:
        """Returns the tables of a database that hold a number, those in packed contents included."""
        found = []
        for schema, table in connection.execute(_TABLES).fetchall():
            if any(self.found_in(block) for block in _copied(connection, schema, table, most_rows)):
                found.append(f"{schema}.{table}")
        for schema, table, column in connection.execute(_BINARY_COLUMNS).fetchall():
            query = sql.SQL("select {} from {}").format(sql.Identifier(column), sql.Identifier(schema, table))
            if any(self.found_in(bytes(content)) for (content,) in connection.execute(query) if content is not None):
                found.append(f"{schema}.{table}.{column}")
        return found

    def files_with_numbers(self, folders: Iterable[Path]) -> list[Path]:
        """Returns the files below some folders that hold a number."""
        return [path for folder in folders for path in folder.rglob("*") if path.is_file() and self.found_in(path.read_bytes())]


def texts_of(content: bytes) -> Iterator[bytes]:
    """Yields a content and all that is packed in it: members of an archive, headers and decoded parts of a mail."""
    yield content
    # A document that was cut off in the middle begins like an archive and is none.
    if content.startswith(_ARCHIVE) and zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for name in archive.namelist():
                yield from texts_of(archive.read(name))
    elif is_mail(content):
        letter = message_from_bytes(content, policy=default)
        yield str(letter["Subject"]).encode()
        yield from (text for part in letter.walk() for text in part_texts(part))


def is_mail(content: bytes) -> bool:
    """Whether a content is a mail as servers keep it."""
    return b"\nMIME-Version: 1.0" in content[:4_096].replace(b"\r", b"")


def part_texts(part: Message) -> Iterator[bytes]:
    """Yields the decoded content of one part of a mail, its name, and what it packs."""
    payload = part.get_payload(decode=True)
    yield (part.get_filename() or "").encode()
    if isinstance(payload, bytes):
        yield from texts_of(payload)


def _copied(connection: psycopg.Connection[Any], schema: str, table: str, most_rows: int) -> Iterator[bytes]:
    query = sql.SQL("copy (select * from {}) to stdout").format(sql.Identifier(schema, table))
    with connection.cursor().copy(query) as lines:
        rows = map(bytes, lines)
        while block := b"\n".join(islice(rows, most_rows)):
            yield block
