"""The answer of a SOAP service: its fault, or the element that holds its content, without a conversion of any text."""

from __future__ import annotations

from lxml import etree

_ENVELOPES = ("http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope")


class NotAnEnvelope(Exception):
    """The bytes are no SOAP answer; the message says what they are instead."""


class SoapError(Exception):
    """The service answers with a fault: its code as the service wrote it, and its text."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(code)
        self.code = code
        self.text = text


def parse_xml(content: bytes) -> etree._Element:
    """Returns the root of a document without entities, external files and unbounded depth.

    Raises:
        NotAnEnvelope: it is no XML, or has a document type.
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        place = f" (line {error.lineno})" if isinstance(error, etree.XMLSyntaxError) else ""
        raise NotAnEnvelope(f"no XML{place}") from None
    if root.getroottree().docinfo.doctype:
        raise NotAnEnvelope("XML with a document type, which SOAP forbids")
    return root


def content_of(body: bytes) -> etree._Element:
    """Returns the first element of the body of an envelope.

    Raises:
        NotAnEnvelope: it is none, or its body is empty.
        SoapError: the element is a fault.
    """
    root = parse_xml(body)
    name = etree.QName(root)
    if name.localname != "Envelope" or name.namespace not in _ENVELOPES:
        raise NotAnEnvelope(f"an element {name.localname} instead of an Envelope")
    content = root.find(f"{{{name.namespace}}}Body/*")
    if content is None:
        raise NotAnEnvelope("an Envelope without content in its Body")
    if etree.QName(content) == etree.QName(name.namespace, "Fault"):
        raise _error_of(content)
    return content


def _error_of(element: etree._Element) -> SoapError:
    code, text = ("faultcode", "faultstring") if element.find("faultcode") is not None else ("Code/Value", "Reason/Text")
    return SoapError(_text(element, code), _text(element, text))


def _text(element: etree._Element, path: str) -> str:
    steps = "/".join(f"{{*}}{step}" for step in path.split("/"))
    return (element.findtext(steps) or "").strip()
