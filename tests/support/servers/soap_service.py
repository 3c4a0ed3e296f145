"""A SOAP service with one operation, in both versions of the protocol, that reads its requests by itself."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web
from lxml import etree

from tests.support.servers.guarded_api import Seen

NAMESPACE = "http://register.example/ws"
ENVELOPES = {
    "1.1": "http://schemas.xmlsoap.org/soap/envelope/",
    "1.2": "http://www.w3.org/2003/05/soap-envelope",
}
_MEDIA = {"1.1": "text/xml", "1.2": "application/soap+xml"}
_WSSE = "{*}Security/{*}UsernameToken/{*}"

WSDL = f"""<?xml version="1.0" encoding="UTF-8"?>
<wsdl:definitions xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:xsd="http://www.w3.org/2001/XMLSchema"
    xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:soap12="http://schemas.xmlsoap.org/wsdl/soap12/"
    xmlns:tns="{NAMESPACE}" targetNamespace="{NAMESPACE}">
  <wsdl:types>
    <xsd:schema targetNamespace="{NAMESPACE}">
      <xsd:include schemaLocation="register.xsd"/>
    </xsd:schema>
  </wsdl:types>
  <wsdl:message name="QueryIn"><wsdl:part name="parameters" element="tns:Query"/></wsdl:message>
  <wsdl:message name="QueryOut"><wsdl:part name="parameters" element="tns:QueryResponse"/></wsdl:message>
  <wsdl:portType name="RegisterPort">
    <wsdl:operation name="Query"><wsdl:input message="tns:QueryIn"/><wsdl:output message="tns:QueryOut"/></wsdl:operation>
  </wsdl:portType>
  <wsdl:binding name="Binding11" type="tns:RegisterPort">
    <soap:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>
    <wsdl:operation name="Query"><soap:operation soapAction="urn:Query"/>
      <wsdl:input><soap:body use="literal"/></wsdl:input><wsdl:output><soap:body use="literal"/></wsdl:output>
    </wsdl:operation>
  </wsdl:binding>
  <wsdl:binding name="Binding12" type="tns:RegisterPort">
    <soap12:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>
    <wsdl:operation name="Query"><soap12:operation soapAction="urn:Query"/>
      <wsdl:input><soap12:body use="literal"/></wsdl:input><wsdl:output><soap12:body use="literal"/></wsdl:output>
    </wsdl:operation>
  </wsdl:binding>
  <wsdl:service name="Register">
    <wsdl:port name="Soap11" binding="tns:Binding11"><soap:address location="http://elsewhere.example/ws"/></wsdl:port>
    <wsdl:port name="Soap12" binding="tns:Binding12"><soap12:address location="http://elsewhere.example/ws"/></wsdl:port>
  </wsdl:service>
</wsdl:definitions>
"""
XSD = f"""<?xml version="1.0" encoding="UTF-8"?>
<xsd:schema xmlns:xsd="http://www.w3.org/2001/XMLSchema" targetNamespace="{NAMESPACE}" elementFormDefault="qualified">
  <xsd:element name="Query"><xsd:complexType><xsd:sequence>
    <xsd:element name="areaCode" type="xsd:string" minOccurs="0"/>
    <xsd:element name="month" type="xsd:string" minOccurs="0"/>
    <xsd:element name="page" type="xsd:int" minOccurs="0"/>
    <xsd:element name="limit" type="xsd:int" minOccurs="0"/>
  </xsd:sequence></xsd:complexType></xsd:element>
  <xsd:element name="QueryResponse"><xsd:complexType><xsd:sequence>
    <xsd:any processContents="lax"/>
  </xsd:sequence></xsd:complexType></xsd:element>
</xsd:schema>
"""


def write_wsdl(folder: Path) -> None:
    """Writes the WSDL file and the schema that it includes."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "register.wsdl").write_text(WSDL, encoding="utf-8")
    (folder / "register.xsd").write_text(XSD, encoding="utf-8")


@dataclass(frozen=True)
class Question:
    """What a request asked, and in which version."""

    version: str
    arguments: dict[str, str]
    user: str | None = None


def envelope(version: str, content: str, status: int = 200) -> web.Response:
    """Makes an answer with `content` in its body."""
    text = f'<s:Envelope xmlns:s="{ENVELOPES[version]}"><s:Body>{content}</s:Body></s:Envelope>'
    return web.Response(text=f'<?xml version="1.0" encoding="UTF-8"?>{text}', status=status, content_type=_MEDIA[version])


def response(version: str, content: str) -> web.Response:
    """Makes the answer of the operation."""
    return envelope(version, f'<QueryResponse xmlns="{NAMESPACE}">{content}</QueryResponse>')


def fault(version: str, code: str, text: str) -> web.Response:
    """Makes an answer with a fault."""
    if version == "1.1":
        parts = f"<faultcode>s:{code}</faultcode><faultstring>{text}</faultstring>"
    else:
        parts = f'<s:Code><s:Value>s:{code}</s:Value></s:Code><s:Reason><s:Text xml:lang="zh">{text}</s:Text></s:Reason>'
    return envelope(version, f"<s:Fault>{parts}</s:Fault>", 500)


def soap_service(
    answer: Callable[[Question], web.Response], secrets: dict[str, str] | None = None
) -> Callable[[Seen], web.Response]:
    """Makes the handler of a server. With `secrets` (user to password) a request needs a valid UsernameToken."""
    nonces: set[str] = set()

    def handle(seen: Seen) -> web.Response:
        root = etree.fromstring(seen.body)
        version = next(name for name, space in ENVELOPES.items() if root.tag == f"{{{space}}}Envelope")
        assert seen.headers["Content-Type"].startswith(_MEDIA[version]), seen.headers
        assert "urn:Query" in (seen.headers["SOAPAction"] if version == "1.1" else seen.headers["Content-Type"])
        user = _user(root, secrets, nonces) if secrets is not None else None
        if secrets is not None and user is None:
            return fault(version, "Client" if version == "1.1" else "Sender", "口令不正确 13800138000")
        content = root.find("{*}Body/*")
        assert content is not None and content.tag == f"{{{NAMESPACE}}}Query"
        return answer(Question(version, {etree.QName(child).localname: child.text or "" for child in content}, user))

    return handle


def _user(root: etree._Element, secrets: dict[str, str], nonces: set[str]) -> str | None:
    header = root.find("{*}Header")
    if header is None:
        return None
    texts = {name: header.findtext(_WSSE + name) or "" for name in ("Username", "Password", "Nonce", "Created")}
    secret = secrets.get(texts["Username"])
    if secret is None or texts["Nonce"] in nonces:
        return None
    expected = secret
    if texts["Nonce"]:
        nonces.add(texts["Nonce"])
        data = base64.b64decode(texts["Nonce"]) + texts["Created"].encode() + secret.encode()
        expected = base64.b64encode(hashlib.sha1(data, usedforsecurity=False).digest()).decode()
    return texts["Username"] if texts["Password"] == expected else None
