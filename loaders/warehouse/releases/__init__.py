"""Releases in the warehouse: the values that are or would be frozen, the log of drafts and releases, and what a draft tells."""

from loaders.warehouse.releases.current_values import current_values, period_codes
from loaders.warehouse.releases.dictionary import dictionary
from loaders.warehouse.releases.draft_facts import DraftFacts, draft_facts
from loaders.warehouse.releases.release_log import CannotBeReleased, Draft, Publication, ReleaseLog
from loaders.warehouse.releases.restatements import add_note, restatement_causes

__all__ = [
    "CannotBeReleased",
    "Draft",
    "DraftFacts",
    "Publication",
    "ReleaseLog",
    "add_note",
    "current_values",
    "dictionary",
    "draft_facts",
    "period_codes",
    "restatement_causes",
]
