"""Releases: prepared by the program, decided by a person, frozen for good, and verified by their hashes."""

from loaders.operations.releases.drafting import prepare
from loaders.operations.releases.export import ExportError, export
from loaders.operations.releases.publishing import publish, return_draft
from loaders.operations.releases.verification import verify_releases

__all__ = ["ExportError", "export", "prepare", "publish", "return_draft", "verify_releases"]
