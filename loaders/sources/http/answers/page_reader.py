"""Reads one answer as its contract describes it: whether it is a good one, its records, the total, the way to the next page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import httpx

from loaders.contract import AskedSource, HttpApi, Soap
from loaders.contract.sources.answer_code import code_text
from loaders.contract.sources.answer_path import WHOLE
from loaders.contract.sources.http.paging import CursorPaging, LinkPaging, NextUrlPaging
from loaders.sources.http.answers.json_answer import JsonAnswer, JsonLinesAnswer, parse_json, replace_text
from loaders.sources.http.answers.soap_answer import soap_answer
from loaders.sources.http.answers.tree import MISSING, AnswerMismatch, AnswerTree, Record, described, likely_next
from loaders.sources.http.answers.xml_answer import XmlAnswer
from loaders.sources.http.body_cipher import BodyCipher, NotDecrypted
from loaders.sources.http.client import Answer
from loaders.sources.http.server_message import shown_message

_FORMS = {"json": "JSON", "json_lines": "JSON lines", "xml": "XML", "file": "a file"}
_MESSAGES = ("message", "msg", "error_description", "errmsg", "error")
_MOST_DIGITS = 15
_NEXT_STEPS = {
    404: "change source.request.path",
    405: "change source.request.method",
    406: "change source.request.headers (Accept)",
    415: "change source.request.body, or its content_type",
}


@dataclass(frozen=True, slots=True)
class Page:
    """What one answer holds. `next` is the token or URL of the next page, `has_more` what the answer says of it, if it does.

    `lacks_next` says that there is nothing at the place of `next`, not even a null; then `likely_next` is the path of another
    value that seems to lead on, if there is one.
    """

    records: list[Record]
    answer: Answer = field(repr=False)
    total: int | None = None
    next: str | None = None
    lacks_next: bool = False
    likely_next: str | None = None
    has_more: bool | None = None


def read_page(source: AskedSource, answer: Answer) -> Page:
    """Reads an answer with records.

    Raises:
        AnswerMismatch: it is no good answer, or not as the contract describes it.
    """
    tree = good_answer(source, answer)
    if tree is None:
        return Page([], answer, total=0 if source.total else None)
    lacks_next = isinstance(source.paging, CursorPaging | NextUrlPaging) and tree.find(source.paging.next) is MISSING
    return Page(
        tree.records(source.records),
        answer,
        find_total(source, tree),
        find_next(source, answer, tree),
        lacks_next,
        likely_next(tree) if lacks_next else None,
        find_more(source, tree),
    )


def good_answer(source: AskedSource, answer: Answer) -> AnswerTree | None:
    """Parses an answer and checks that it is a good one; None when it has no content, or is a file.

    An encrypted answer is decrypted here: `plain_body` gives the bytes of a file.

    Raises:
        AnswerMismatch: its status, or what it says itself, tells of an error; or it is of another form.
    """
    if isinstance(source, Soap):
        tree = soap_answer(source, answer.body)
        check_success(source, tree)
        return tree
    if not isinstance(source, HttpApi):
        raise TypeError(f"answers of {type(source).__name__} are not read here")
    return _http_answer(source, answer)


def form_of(source: AskedSource) -> str:
    """Returns what the body of an answer is made of: json, json_lines, xml, file or soap."""
    return source.answer if isinstance(source, HttpApi) else "soap"


def _http_answer(source: HttpApi, answer: Answer) -> AnswerTree | None:
    try:
        tree, reason = _parsed(source, answer)
    except NotDecrypted as error:
        plain = _parsed(source, replace(answer, cipher=None))[0]
        check_status(source, answer, plain)
        raise AnswerMismatch(
            f"found what is not encrypted as `source.cipher` says ({error}){_server_message(source, plain)}",
            "change source.cipher (mode, iv, encoding, answer), or the key in the URL of the connection",
        ) from None
    check_status(source, answer, tree)
    if answer.status == httpx.codes.NO_CONTENT:
        return None
    if source.answer == "file":
        if tree is not None and source.success is not None:
            check_success(source, tree)
        return None
    if tree is None:
        raise AnswerMismatch(
            f"expected {_FORMS[source.answer]}, found {_kind(answer)} ({reason})",
            "change source.answer, or source.request if this is a page for people",
        )
    check_success(source, tree)
    return tree


def check_success(source: AskedSource, tree: AnswerTree) -> str | None:
    """Returns what an answer says of its success, as text; None when the contract does not ask.

    Raises:
        AnswerMismatch: it says that the request failed, or says nothing.
    """
    success = source.success
    if success is None:
        return None
    found = tree.find(success.path)
    if found is MISSING:
        raise AnswerMismatch(
            f"expected a code at `success.path: {success.path}`, found keys {tree.keys()}", "change source.success.path"
        )
    if not success.matches(found):
        expected = ", ".join(map(code_text, success.values))
        shown = shown_message(code_text(found))
        raise AnswerMismatch(
            f"the answer says {success.path} {shown}, expected {expected}{_server_message(source, tree)}",
            f"change {source.asking_field} if it asks for what there is not, or source.success.values if this is a good answer",
        )
    return code_text(found)


def find_total(source: AskedSource, tree: AnswerTree) -> int | None:
    """Returns the number of records that the answer tells; None when the contract names no place.

    Raises:
        AnswerMismatch: there is no whole number.
    """
    if source.total is None:
        return None
    found = tree.find(source.total)
    if isinstance(found, str) and found.strip().isascii() and found.strip().isdigit() and len(found.strip()) <= _MOST_DIGITS:
        return int(found)
    what = f"keys {tree.keys()}" if found is MISSING else described(found)
    raise AnswerMismatch(f"expected a whole number at `total: {source.total}`, found {what}", "change source.total")


def find_next(source: AskedSource, answer: Answer, tree: AnswerTree) -> str | None:
    """Returns the token or the URL of the next page; None at the end.

    Raises:
        AnswerMismatch: there is an object or a list in its place.
    """
    if isinstance(source.paging, LinkPaging):
        return None if answer.next_link is None else str(answer.url.join(answer.next_link))
    if not isinstance(source.paging, CursorPaging | NextUrlPaging):
        return None
    found = tree.find(source.paging.next)
    if found is MISSING or found is None or found is False or found == "":
        return None
    if not isinstance(found, str):
        raise AnswerMismatch(
            f"expected a text at `paging.next: {source.paging.next}`, found {described(found)}", "change source.paging.next"
        )
    return found


def find_more(source: AskedSource, tree: AnswerTree) -> bool | None:
    """Returns what the answer says of further pages; None when the contract names no place.

    Raises:
        AnswerMismatch: it is neither true nor false.
    """
    path = getattr(source.paging, "more", None)
    if path is None:
        return None
    found = code_text(tree.find(path)).casefold()
    if found in {"true", "1", "false", "0"}:
        return found in {"true", "1"}
    raise AnswerMismatch(
        f"expected true or false at `paging.more: {path}`, found keys {tree.keys()}", "change source.paging.more"
    )


def _parsed(source: HttpApi, answer: Answer) -> tuple[AnswerTree | None, str]:
    """Parses the body; None, and why, when it is not of the form that the contract says."""
    parse: dict[str, Callable[[], AnswerTree]] = {
        "json": lambda: JsonAnswer(_decoded(source, answer)),
        "json_lines": lambda: JsonLinesAnswer(_decoded(source, answer)),
        "xml": lambda: XmlAnswer(plain_body(source, answer)),
        # A server that has no file says why in JSON.
        "file": lambda: JsonAnswer(_decoded(source, answer)),
    }
    try:
        return parse[source.answer](), ""
    except NotDecrypted:
        raise
    except UnicodeDecodeError as error:
        return None, f"it is not in {error.encoding} from byte {error.start} on: change source.encoding"
    except (ValueError, LookupError) as error:
        # A parser's message may quote the answer.
        return None, str(error) if type(error) is ValueError else f"no {_FORMS[source.answer]}"


def _decoded(source: HttpApi, answer: Answer) -> str:
    text = plain_body(source, answer).decode(_encoding(source, answer)).removeprefix("\ufeff")
    cipher, path = answer.cipher, source.cipher.answer if source.cipher else None
    if cipher is None or path is None or path == WHOLE:
        return text
    return replace_text(text, path, lambda encrypted: _decrypted_text(cipher, encrypted))


def plain_body(source: AskedSource, answer: Answer) -> bytes:
    """Returns the body of an answer, decrypted where the contract says that the whole of it is encrypted.

    Raises:
        NotDecrypted: it is not.
    """
    is_whole = isinstance(source, HttpApi) and source.cipher is not None and source.cipher.answer == WHOLE
    if answer.cipher is None or not is_whole or not answer.body:
        return answer.body
    # Some platforms put the text into quotation marks, as JSON.
    return answer.cipher.decrypt(answer.body.decode("latin-1").strip().strip('"'))


def _encoding(source: HttpApi, answer: Answer) -> str:
    return source.encoding or answer.charset or "utf-8"


def _decrypted_text(cipher: BodyCipher, encrypted: str) -> str:
    """Returns the JSON in an encrypted text."""
    try:
        text = cipher.decrypt(encrypted).decode().strip()
        parse_json(text)
    except NotDecrypted:
        raise
    except ValueError:
        raise NotDecrypted("decrypted, it is no JSON in UTF-8") from None
    return text


def check_status(source: HttpApi, answer: Answer, tree: AnswerTree | None) -> None:
    """Checks the HTTP status.

    Raises:
        AnswerMismatch: it tells of an error, or of a redirect.
    """
    if httpx.codes.is_success(answer.status):
        return
    message = _server_message(source, tree)
    if answer.refusal is not None:
        what, next_step = answer.refusal
        raise AnswerMismatch(f"{what}{message}", next_step)
    if httpx.codes.is_redirect(answer.status):
        target = answer.url.join(answer.location or "")
        raise AnswerMismatch(
            f"found HTTP {answer.status}, a redirect to {target.copy_with(query=None, fragment=None)}; none is followed",
            "change source.request.path, or the URL of the connection",
        )
    raise AnswerMismatch(
        f"found {_kind(answer)}{message}", _NEXT_STEPS.get(answer.status, "change source.request (path, headers, query or body)")
    )


def _kind(answer: Answer) -> str:
    return f"HTTP {answer.status}, {answer.content_type}, {len(answer.body):,} bytes"


def _server_message(source: AskedSource, tree: AnswerTree | None) -> str:
    """Returns the server's own description of an error."""
    if tree is None:
        return ""
    paths = (source.success.message, *_MESSAGES) if source.success else _MESSAGES
    found = next((text for path in paths if isinstance(text := tree.find(path), str) and text.strip()), None)
    return "" if found is None else f', saying "{shown_message(found)}"'
