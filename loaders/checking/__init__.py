"""Checking documents before they are sent: the reader and the validator, without a database and without a scheduler.

What a report owner or a county clerk runs. The findings are the same that the pipeline would have.
"""

from __future__ import annotations

from loaders.checking.accepted_csv import write_accepted
from loaders.checking.annotated_document import annotated_copy
from loaders.checking.check_session import check_files
from loaders.checking.checked_document import CheckedDocument
from loaders.checking.marked_sheets import MarkedSheet, marked_sheets
from loaders.checking.redacted_cells import redacted_cells
from loaders.reading import cells_as_json

__all__ = [
    "CheckedDocument",
    "MarkedSheet",
    "annotated_copy",
    "cells_as_json",
    "check_files",
    "marked_sheets",
    "redacted_cells",
    "write_accepted",
]
