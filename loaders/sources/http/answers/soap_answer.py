"""Answers of SOAP services: what is in the envelope, or in a text within it that is XML or JSON itself."""

from __future__ import annotations

from loaders.contract import Soap
from loaders.sources.http.answers.envelope import NotAnEnvelope, SoapError, content_of
from loaders.sources.http.answers.json_answer import JsonAnswer
from loaders.sources.http.answers.tree import AnswerMismatch, AnswerTree
from loaders.sources.http.answers.xml_answer import XmlAnswer
from loaders.sources.http.server_message import shown_message


def soap_answer(source: Soap, body: bytes) -> AnswerTree:
    """Returns what an envelope holds.

    Raises:
        AnswerMismatch: the service reports a fault, the bytes are no envelope, or the embedded text is not as the contract says.
    """
    try:
        content = XmlAnswer.of(content_of(body))
    except SoapError as error:
        raise AnswerMismatch(
            f"the service reports the fault {shown_message(error.code)}: {shown_message(error.text)}",
            "check source.arguments, source.auth, and user and password of the connection",
        ) from None
    except NotAnEnvelope as error:
        raise AnswerMismatch(f"the answer is {error}", "check source.path and the path of the connection's URL") from None
    embedded = source.embedded
    if embedded is None:
        return content
    text = content.find(embedded.path)
    if not isinstance(text, str):
        raise AnswerMismatch(
            f"expected a text at `embedded.path: {embedded.path}`, found {content.keys()}", "change source.embedded.path"
        )
    try:
        # As bytes, because XML may state the encoding that its bytes had elsewhere.
        return JsonAnswer(text) if embedded.format == "json" else XmlAnswer(_without_declaration(text).encode())
    except ValueError:
        form = embedded.format.upper()
        raise AnswerMismatch(
            f"found no {form} in the text at `embedded.path: {embedded.path}`", "change source.embedded.path or format"
        ) from None


def _without_declaration(text: str) -> str:
    return text.split("?>", 1)[-1] if text.lstrip().startswith("<?xml") else text
