"""Takes the records out of an answer as the contract says, or says which field of the contract does not fit it."""

from __future__ import annotations

from lxml import etree

from loaders.contract.sources.soap import EmbeddedText, Soap
from loaders.sources.errors import SourceError
from loaders.sources.http.auth.answer_path import PathError, value_at
from loaders.sources.http.server_message import shown_message
from loaders.sources.soap.envelope import NotAnEnvelope, SoapError, content_of, parse_xml
from loaders.sources.soap.records import Record, RecordsError, elements_at, json_records_at, parse_json, record_of, text_at


class AnswerReader:
    """Reads the answers of one operation."""

    def __init__(self, source: Soap) -> None:
        self._source = source

    def records(self, body: bytes) -> list[Record]:
        """Returns the records of an answer.

        Raises:
            SourceError: the service reports an error, or the answer is not as the contract says.
        """
        content = self._content(body)
        embedded = self._source.embedded
        if embedded is None:
            return self._xml_records(content)
        text = text_at(content, embedded.path)
        if text is None:
            raise self._error(f'holds nothing at "{embedded.path}"', "correct source.embedded.path")
        return self._embedded_records(text, embedded)

    def _content(self, body: bytes) -> etree._Element:
        try:
            return content_of(body)
        except SoapError as error:
            raise self._error(
                f"reports the fault {shown_message(error.code)}: {shown_message(error.text)}",
                "check source.arguments, source.auth, and user and password of the connection",
            ) from None
        except NotAnEnvelope as error:
            raise self._error(f"is {error}", "check source.path and the path of the connection's URL") from None

    def _embedded_records(self, text: str, embedded: EmbeddedText) -> list[Record]:
        next_step = "correct source.embedded.path or source.embedded.format"
        if embedded.format == "xml":
            try:
                # As bytes, because a text may state the encoding that its bytes had elsewhere.
                root = parse_xml(text.split("?>", 1)[-1].encode() if text.lstrip().startswith("<?xml") else text.encode())
            except NotAnEnvelope as error:
                raise self._error(f'holds {error} at "{embedded.path}"', next_step) from None
            return self._xml_records(root)
        try:
            content = parse_json(text)
        except (ValueError, RecursionError):
            raise self._error(f'holds no JSON at "{embedded.path}"', next_step) from None
        success = self._source.success
        try:
            if success is not None:
                self._check_code(value_at(content, success.path))
            return json_records_at(content, self._source.records)
        except PathError as error:
            raise self._error(f"holds {error}", "correct source.success.path") from None
        except RecordsError as error:
            raise self._error(f"holds {error}", "correct source.records") from None

    def _xml_records(self, root: etree._Element) -> list[Record]:
        if self._source.success is not None:
            code = text_at(root, self._source.success.path)
            if code is None:
                names = ", ".join(sorted({etree.QName(child).localname for child in root})[:20])
                raise self._error(
                    f'holds nothing at "{self._source.success.path}", but {names or "no elements"}', "correct source.success.path"
                )
            self._check_code(code.strip())
        try:
            return [record_of(element) for element in elements_at(root, self._source.records)]
        except RecordsError as error:
            raise self._error(f"holds {error}", "correct source.records") from None

    def _check_code(self, code: object) -> None:
        success = self._source.success
        if success is not None and not success.matches(code):
            raise self._error(
                f'has {success.path} "{shown_message(str(code))}", expected one of {", ".join(map(str, success.values))}',
                "check source.arguments; else correct source.success",
            )

    def _error(self, what: str, next_step: str) -> SourceError:
        return SourceError(self._source.connection, f"the answer of {self._source.operation} {what}", next_step=next_step)
