"""A package whose parts are edited one by one. Entries that are not edited keep their compressed bytes."""

from __future__ import annotations

import copy
import io
import posixpath
import struct
import zipfile
from typing import Any

from lxml import etree

from loaders.annotation.ooxml.xml_text import new_element
from loaders.reading.formats.opc_package import OpcPackage

CONTENT_TYPES = "[Content_Types].xml"
_PACKAGE_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_STRICT_PREFIX = "http://purl.oclc.org/"
_STRICT_RELATIONS = "http://purl.oclc.org/ooxml/officeDocument/relationships"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
# Trees take up to ten times as much memory as their text.
_MOST_PART_BYTES = 32 * 1024**2
_HAS_DATA_DESCRIPTOR = 0x08
_LOCAL_HEADER = struct.Struct("<26x2H")


class PartTooLarge(Exception):
    """Signal that a part is too large to be edited."""


class PackageEditor:
    """The parts of a workbook package, with those that were edited, added and removed."""

    def __init__(self, content: bytes) -> None:
        """Opens the package.

        Raises:
            Refusal: it is too large, or its members are encrypted.
            zipfile.BadZipFile: it is no zip file.
        """
        self._content = content
        self._package = OpcPackage(io.BytesIO(content))
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            self._entries = package.infolist()
        self._names = {_normalized(entry.filename): entry.filename for entry in self._entries}
        self._trees: dict[str, Any] = {}
        self._texts: dict[str, bytes] = {}
        self._removed: set[str] = set()
        self.workbook = self._package.main_part("xl/workbook.xml")
        is_strict = self.tree(self.workbook).tag.startswith(f"{{{_STRICT_PREFIX}")
        self.relations = _STRICT_RELATIONS if is_strict else _RELATIONS

    def has(self, part: str) -> bool:
        """Checks whether a part exists."""
        name = _normalized(part)
        return name in self._texts or name in self._trees or (name in self._names and name not in self._removed)

    def tree(self, part: str) -> Any:
        """Parses a part for reading only. Its comments are left out.

        Raises:
            PartTooLarge: it is larger than a tree in memory may be.
        """
        if _normalized(part) in self._trees or _normalized(part) in self._texts:
            return self.edit(part)
        self._refuse_large(part)
        return self._package.tree(part)

    def edit(self, part: str) -> Any:
        """Returns the root of a part that will be written anew, without its comments.

        Raises:
            ValueError: the part declares a document type.
            PartTooLarge: it is larger than a tree in memory may be.
        """
        name = _normalized(part)
        if name not in self._trees:
            self._refuse_large(part)
            parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)
            root = etree.fromstring(self._texts.pop(name, None) or self._package.bytes(part), parser)
            if root.getroottree().docinfo.internalDTD is not None:
                raise ValueError(f"the part {part} declares a document type")
            self._trees[name] = root
        return self._trees[name]

    def text(self, part: str) -> bytes:
        """Returns the bytes of a part."""
        return self._texts.get(_normalized(part)) or self._package.bytes(part)

    def write(self, part: str, text: bytes, content_type: str | None = None) -> None:
        """Adds or replaces a part. `content_type` is given for a new one."""
        self._texts[_normalized(part)] = text
        self._trees.pop(_normalized(part), None)
        self._removed.discard(_normalized(part))
        self._names.setdefault(_normalized(part), part)
        if content_type is not None:
            types = self.edit(CONTENT_TYPES)
            types.append(new_element(types, "Override", PartName=f"/{part}", ContentType=content_type))

    def remove(self, part: str) -> None:
        """Removes a part that no other one names any more."""
        self._removed.add(_normalized(part))
        self._texts.pop(_normalized(part), None)
        self._trees.pop(_normalized(part), None)

    def free_name(self, pattern: str) -> str:
        """Returns the first name of a pattern (`xl/comments{}.xml`) that no part has."""
        number = 1
        while _normalized(pattern.format(number)) in self._names:
            number += 1
        return pattern.format(number)

    def declare_extension(self, extension: str, content_type: str) -> None:
        """Declares the content type of all parts with an extension, unless it is declared."""
        types = self.edit(CONTENT_TYPES)
        if not any(one.get("Extension", "").lower() == extension for one in types.iterchildren("{*}Default")):
            types.insert(0, new_element(types, "Default", Extension=extension, ContentType=content_type))

    def main_content_type(self) -> str:
        """Returns the content type of the workbook part."""
        for one in self.tree(CONTENT_TYPES).iterchildren("{*}Override"):
            if _normalized(one.get("PartName", "")) == _normalized(self.workbook):
                return str(one.get("ContentType", ""))
        return ""

    def related(self, part: str) -> dict[str, tuple[str, str]]:
        """Returns the relationships of a part as relationship id -> (kind, target part), also those that were added."""
        rels = _relations_part(part)
        if _normalized(rels) not in self._trees:
            return self._package.related(part)
        folder = posixpath.dirname(part)
        found = {}
        for relation in self._trees[_normalized(rels)].iterchildren("{*}Relationship"):
            if relation.get("TargetMode") != "External":
                target = relation.get("Target", "").replace("\\", "/")
                path = target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target)
                found[relation.get("Id", "")] = (relation.get("Type", "").rpartition("/")[2], posixpath.normpath(path))
        return found

    def relate(self, part: str, kind: str, target: str) -> str:
        """Adds a relationship from one part to another and returns its id."""
        rels = _relations_part(part)
        if not self.has(rels):
            self.write(rels, f'<Relationships xmlns="{_PACKAGE_RELATIONS}"/>'.encode())
        root = self.edit(rels)
        taken = {relation.get("Id") for relation in root.iterchildren("{*}Relationship")}
        identity = next(name for number in range(1, len(taken) + 2) if (name := f"rIdH{number}") not in taken)
        root.append(new_element(root, "Relationship", Id=identity, Type=f"{self.relations}/{kind}", Target=f"/{target}"))
        return identity

    def to_bytes(self) -> bytes:
        """Returns the package: edited parts are compressed anew, all others are copied as they are compressed."""
        for name, root in self._trees.items():
            self._texts[name] = etree.tostring(root.getroottree(), xml_declaration=True, encoding="UTF-8", standalone=True)
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
            for entry in self._entries:
                name = _normalized(entry.filename)
                if name in self._removed:
                    continue
                if name in self._texts:
                    target.writestr(_entry_like(entry), self._texts.pop(name))
                else:
                    self._copy(entry, target, buffer)
            for name, text in self._texts.items():
                target.writestr(zipfile.ZipInfo(self._names[name], (1980, 1, 1, 0, 0, 0)), text, zipfile.ZIP_DEFLATED)
        return buffer.getvalue()

    def _copy(self, entry: zipfile.ZipInfo, target: zipfile.ZipFile, buffer: io.BytesIO) -> None:
        """Copies an entry without unpacking it. `zipfile` has no call for it, so what it does for any entry is done here."""
        name_length, extra_length = _LOCAL_HEADER.unpack_from(self._content, entry.header_offset)
        start = entry.header_offset + 30 + name_length + extra_length
        copied = copy.copy(entry)
        # The sizes stand in the header, so none follow the data.
        copied.flag_bits &= ~_HAS_DATA_DESCRIPTOR
        copied.extra = b""
        copied.header_offset = buffer.tell()
        buffer.write(copied.FileHeader(zip64=False))
        buffer.write(self._content[start : start + entry.compress_size])
        target.filelist.append(copied)
        target.NameToInfo[copied.filename] = copied
        target.start_dir = buffer.tell()

    def _refuse_large(self, part: str) -> None:
        entry = next((one for one in self._entries if _normalized(one.filename) == _normalized(part)), None)
        if entry is not None and entry.file_size > _MOST_PART_BYTES:
            raise PartTooLarge(part)


def _normalized(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").lower()


def _relations_part(part: str) -> str:
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def _entry_like(entry: zipfile.ZipInfo) -> zipfile.ZipInfo:
    like = zipfile.ZipInfo(entry.filename, entry.date_time)
    like.compress_type = zipfile.ZIP_DEFLATED
    like.external_attr = entry.external_attr
    return like
