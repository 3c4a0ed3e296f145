"""A SOAP service as its contract describes it: one operation is asked, and its answers are read as those of an HTTP API."""

from __future__ import annotations

from pathlib import Path

from loaders.contract import Report, Soap
from loaders.sources.http.api_source import AnsweringSource
from loaders.sources.soap.operation import Operation


class SoapSource(AnsweringSource):
    """The documents of one report at one service; `folder` is that of the contract, where its WSDL lies."""

    def __init__(self, report: Report, source: Soap, url: str, timeout: float, folder: Path) -> None:
        super().__init__(report, source, Operation(source, url, timeout, folder))
