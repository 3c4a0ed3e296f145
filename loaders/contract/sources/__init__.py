"""Where the documents of a report come from: one module per kind of source."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from loaders.contract.sources.asked_source import AskedSource
from loaders.contract.sources.container import Container
from loaders.contract.sources.database import Database
from loaders.contract.sources.file_drop import FileDrop, Manifest, Marker
from loaders.contract.sources.http_api import HttpApi
from loaders.contract.sources.mailbox import Mailbox, MoveMail
from loaders.contract.sources.soap import Soap

Source = Annotated[FileDrop | HttpApi | Database | Mailbox | Soap, Field(discriminator="kind")]

__all__ = [
    "AskedSource",
    "Container",
    "Database",
    "FileDrop",
    "HttpApi",
    "Mailbox",
    "Manifest",
    "Marker",
    "MoveMail",
    "Soap",
    "Source",
]
