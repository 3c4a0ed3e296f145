"""Checks a file as the pipeline would, and shows it as its officer knows it. Nothing of it is kept."""

from __future__ import annotations

import base64
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from loaders.checking import CheckedDocument, MarkedSheet, annotated_copy, check_files, marked_sheets
from loaders.pages.page import OpenPage, Page
from loaders.pages.rate_limit import RateLimit
from loaders.pages.uploads import NoUpload, Upload, UploadTooLarge, read_upload
from loaders.period import Period

router = APIRouter()
_MOST_AT_A_TIME = 2
_SECONDS_IN_LINE = 20.0
_MOST_COPY_BYTES = 6 * 1024**2
_MOST_ISSUES = 200
_MEMORY_FOLDER = Path("/dev/shm")  # noqa: S108 - memory, not a disk; each document has a folder of its own
_WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_rate_limit = RateLimit()
_places = threading.BoundedSemaphore(_MOST_AT_A_TIME)


class TooBusy(Exception):
    """Too many files are being checked; a later request will do."""


@dataclass(frozen=True, slots=True)
class CheckOutcome:
    """What a check found, the document to be shown, and its annotated copy as a link that holds it."""

    checked: CheckedDocument
    sheets: tuple[MarkedSheet, ...]
    copy_name: str = ""
    copy_link: str = ""


@router.get("/check", name="check")
def show_form(page: OpenPage) -> Response:
    """Shows the form."""
    page.refuse_strangers()
    return _form(page)


@router.post("/check", name="check_file")
async def check(page: OpenPage) -> Response:
    """Checks the file of the form."""
    page.refuse_strangers()
    limits = page.services.access.check
    address = page.request.client.host if page.request.client else ""
    if _rate_limit.is_exceeded(address, limits.per_minute):
        return _form(page, "page.check.too_often", 429)
    try:
        upload = await read_upload(page.request, limits.most_megabytes)
        outcome = await run_in_threadpool(_check, page, upload)
    except UploadTooLarge:
        return _form(page, "page.check.too_large", 413)
    except NoUpload:
        return _form(page, "page.check.no_file", 400)
    except TooBusy:
        return _form(page, "page.check.busy", 503)
    issues = [*([outcome.checked.refusal] if outcome.checked.refusal else []), *outcome.checked.issues]
    return page.render(
        "checked.html.j2", outcome=outcome, checked=outcome.checked, issues=issues[:_MOST_ISSUES], issues_count=len(issues)
    )


def _form(page: Page, refusal: str = "", status: int = 200) -> Response:
    return page.render(
        "check.html.j2",
        status,
        refusal=refusal,
        limits=page.services.access.check,
        reports=page.files.reports,
    )


def _check(page: Page, upload: Upload) -> CheckOutcome:
    reports = page.files.reports
    wanted = upload.fields.get("report", "")
    contracts = {wanted: reports[wanted]} if wanted in reports else dict(reports)
    with _document(upload) as path:
        (checked,) = check_files([path], contracts, named=wanted in reports, period=_period(upload.fields.get("period", "")))
        issues = [*([checked.refusal] if checked.refusal else []), *checked.issues]
        tables = checked.reading.tables if checked.reading is not None else ()
        sheets = marked_sheets(upload.content, checked.report, issues, tables, page.lang)
        if not issues:
            return CheckOutcome(checked, sheets)
        copy = annotated_copy(checked, page.lang)
    if len(copy.content) > _MOST_COPY_BYTES:
        return CheckOutcome(checked, sheets)
    link = f"data:{_WORKBOOK};base64,{base64.b64encode(copy.content).decode()}"
    return CheckOutcome(checked, sheets, copy.file_name, link)


@contextmanager
def _document(upload: Upload) -> Iterator[Path]:
    """Gives the document a path, which the reader in its process needs, for as long as it is checked.

    Raises:
        TooBusy: other documents are being checked and do not end.
    """
    if not _places.acquire(timeout=_SECONDS_IN_LINE):
        raise TooBusy
    try:
        folder = _MEMORY_FOLDER if _MEMORY_FOLDER.is_dir() else None
        with tempfile.TemporaryDirectory(prefix="huimin-check-", dir=folder) as own:
            path = Path(own) / upload.name
            path.write_bytes(upload.content)
            yield path
    finally:
        _places.release()


def _period(text: str) -> Period | None:
    try:
        return Period.parse(text) if text.strip() else None
    except ValueError:
        return None
