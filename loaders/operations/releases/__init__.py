"""Releases: prepared by the program, decided by a person, frozen for good, and verified by their hashes."""

from loaders.operations.releases.approval import Answer, notify_approvers, prepare_draft, record_approval, record_return
from loaders.operations.releases.comparison import ReleaseComparison, ValueDifference, compare_releases
from loaders.operations.releases.draft_page import draft_page, draft_subject
from loaders.operations.releases.drafting import prepare
from loaders.operations.releases.export import ExportError, export
from loaders.operations.releases.publishing import note, publish, return_draft
from loaders.operations.releases.verification import verify_releases
from loaders.warehouse.releases import CannotBeReleased

__all__ = [
    "Answer",
    "CannotBeReleased",
    "ExportError",
    "ReleaseComparison",
    "ValueDifference",
    "compare_releases",
    "draft_page",
    "draft_subject",
    "export",
    "note",
    "notify_approvers",
    "prepare",
    "prepare_draft",
    "publish",
    "record_approval",
    "record_return",
    "return_draft",
    "verify_releases",
]
