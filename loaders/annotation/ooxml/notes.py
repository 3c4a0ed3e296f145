"""Notes (legacy comments) of a sheet. A cell that has a note keeps it, with ours behind; a cell with a thread gets none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from loaders.annotation.ooxml.package_editor import PackageEditor
from loaders.annotation.ooxml.shapes import used_blocks, with_shapes, without_shapes
from loaders.annotation.ooxml.xml_text import cell_text, child, insert_ordered, namespace_of, new_element, required_child
from loaders.annotation.places import Mark
from loaders.messages import phrase
from loaders.reading.formats.opc_package import part_of_kind
from loaders.reading.model.sheets import address, parse_address

_COMMENTS_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"
_DRAWING_TYPE = "application/vnd.openxmlformats-officedocument.vmlDrawing"
_AFTER_LEGACY_DRAWING = frozenset(
    {"legacyDrawingHF", "drawingHF", "picture", "oleObjects", "controls", "webPublishItems", "tableParts", "extLst"}
)
_THREAD_AUTHOR = "tc="
_MOST_CHARACTERS = 2000


class Notes:
    """The notes of one worksheet part."""

    def __init__(self, editor: PackageEditor, sheet_part: str) -> None:
        self._editor = editor
        self._sheet_part = sheet_part
        self._part = part_of_kind(editor.related(sheet_part), "comments")

    def remove_own(self) -> None:
        """Removes what an earlier copy wrote: notes of ours, and our words behind the words of others."""
        if self._part is None or not self._has_own():
            return
        root = self._editor.edit(self._part)
        gone = []
        for comment in list(required_child(root, "commentList")):
            if _cut_own_words(comment):
                comment.getparent().remove(comment)
                gone.append(parse_address(comment.get("ref", "A1")))
        drawing = self._drawing_part()
        if gone and drawing is not None:
            self._editor.write(drawing, without_shapes(_text(self._editor, drawing), gone).encode())

    def add(self, marks: Sequence[Mark], free_block: Callable[[], int]) -> None:
        """Adds the notes of the marks that have one. `free_block` gives a block of shape ids that no drawing uses."""
        wanted = [mark for mark in marks if mark.note is not None]
        if not wanted:
            return
        root = self._editor.edit(self._part or self._new_part())
        comments = required_child(root, "commentList")
        existing = {comment.get("ref", "").upper(): comment for comment in comments}
        author = _author(root)
        added = []
        for mark in wanted:
            place = address(mark.row, mark.column)
            text = cell_text(mark.note or "")[:_MOST_CHARACTERS]
            if place in existing:
                if not _is_of_thread(existing[place], root):
                    _append_run(existing[place], f"\n{text}")
                continue
            comment = new_element(comments, "comment", ref=place, authorId=author)
            comment.append(new_element(comments, "text"))
            _append_run(comment, text)
            comments.append(comment)
            added.append((mark.row, mark.column, text))
        if added:
            self._draw(added, free_block)

    def _has_own(self) -> bool:
        text = self._editor.text(self._part or "")
        return any(mark.encode() in text or mark.encode("utf-16-le") in text for mark in _own_starts())

    def _new_part(self) -> str:
        space = namespace_of(self._editor.edit(self._sheet_part))
        self._part = self._editor.free_name("xl/comments{}.xml")
        self._editor.write(self._part, f'<comments xmlns="{space}"><authors/><commentList/></comments>'.encode(), _COMMENTS_TYPE)
        self._editor.relate(self._sheet_part, "comments", self._part)
        return self._part

    def _drawing_part(self) -> str | None:
        """The part that the sheet names as the drawing of its notes."""
        element = child(self._editor.edit(self._sheet_part), "legacyDrawing")
        if element is None:
            return None
        identity = next((value for key, value in element.attrib.items() if key.rpartition("}")[2] == "id"), "")
        _, part = self._editor.related(self._sheet_part).get(identity, ("", ""))
        return part if part and self._editor.has(part) else None

    def _draw(self, notes: Iterable[tuple[int, int, str]], free_block: Callable[[], int]) -> None:
        block = free_block()
        part = self._drawing_part()
        if part is not None:
            self._editor.write(part, with_shapes(_text(self._editor, part), notes, block).encode())
            return
        part = self._editor.free_name("xl/drawings/vmlDrawing{}.vml")
        self._editor.declare_extension("vml", _DRAWING_TYPE)
        self._editor.write(part, with_shapes(None, notes, block).encode())
        root = self._editor.edit(self._sheet_part)
        for broken in list(root.iterchildren("{*}legacyDrawing")):
            root.remove(broken)
        element = new_element(root, "legacyDrawing")
        element.set(f"{{{self._editor.relations}}}id", self._editor.relate(self._sheet_part, "vmlDrawing", part))
        insert_ordered(root, element, _AFTER_LEGACY_DRAWING)


def free_blocks(editor: PackageEditor, parts: Iterable[str]) -> Callable[[], int]:
    """Returns a function that gives the next block of shape ids that no drawing of these sheets uses."""
    used = [0]
    for part in parts:
        for kind, target in editor.related(part).values():
            if kind == "vmlDrawing" and editor.has(target):
                used.extend(used_blocks(_text(editor, target)))
    state = [max(used)]

    def next_block() -> int:
        state[0] += 1
        return state[0]

    return next_block


def _own_starts() -> tuple[str, ...]:
    """How our words begin, in both languages: `【惠民校验】`."""
    start = phrase("annotation.note", messages="")
    return start.zh, start.en.rstrip()


def _cut_own_words(comment: Any) -> bool:
    """Removes our words, which are the end of a note. Returns whether nothing is left."""
    runs = list(comment.iter("{*}t"))
    whole = "".join(run.text or "" for run in runs)
    starts = [whole.index(start) for start in _own_starts() if start in whole]
    if not starts:
        return False
    left = len(whole[: min(starts)].rstrip())
    is_empty = left == 0
    for run in runs:
        length = len(run.text or "")
        run.text = (run.text or "")[: max(left, 0)]
        left -= length
        if not run.text and (parent := run.getparent()).tag.endswith("}r"):
            parent.getparent().remove(parent)
    return is_empty


def _append_run(comment: Any, text: str) -> None:
    container = required_child(comment, "text")
    plain = child(container, "t")
    if plain is not None:
        # A text without runs may have no runs behind it.
        run = new_element(container, "r")
        container.replace(plain, run)
        run.append(plain)
        plain.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    run = new_element(container, "r")
    properties = new_element(container, "rPr")
    for name, value in (("sz", "9"), ("color", "FF000000"), ("rFont", "宋体")):
        properties.append(new_element(container, name, **{"rgb" if name == "color" else "val": value}))
    run.append(properties)
    words = new_element(container, "t")
    words.text = text
    words.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    run.append(words)
    last = next((one for one in reversed(list(container.iterchildren("{*}r")))), None)
    if last is None:
        container.insert(0, run)
    else:
        last.addnext(run)


def _author(root: Any) -> str:
    """The number of our name among the authors, which is added if it is not there."""
    authors = required_child(root, "authors")
    own = _own_starts()[0].strip("【】")
    names = [author.text for author in authors]
    if own in names:
        return str(names.index(own))
    element = new_element(authors, "author")
    element.text = own
    authors.append(element)
    return str(len(names))


def _is_of_thread(comment: Any, root: Any) -> bool:
    """Whether a note only stands for a thread, whose text a program shows in its place."""
    authors = [author.text or "" for author in required_child(root, "authors")]
    number = int(comment.get("authorId", "0"))
    return number < len(authors) and authors[number].startswith(_THREAD_AUTHOR)


def _text(editor: PackageEditor, part: str) -> str:
    return editor.text(part).decode("utf-8-sig", errors="replace")
