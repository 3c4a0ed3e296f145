"""Reading in this process, without the sandbox."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from loaders.contract import Report
from loaders.model import Reading
from loaders.reading.document import read_document
from loaders.reading.model.requests import ReadRequest
from tests.support.documents.contracts import make_report


@pytest.fixture
def report() -> Callable[..., Report]:
    return make_report


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Reading]:
    """Read bytes under a contract, in this process."""

    def read(content: bytes, report: Report, **said: Any) -> Reading:
        path = tmp_path / "document"
        path.write_bytes(content)
        return read_document(ReadRequest(path, report, **said))

    return read
