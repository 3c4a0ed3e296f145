"""Revision marks: how often a document was corrected, as its name or its title says.

Shared layer: pure functions on texts; imports nothing of ours.
"""

from loaders.revision.revision_marks import revision_of_lines, revision_of_place, without_revision_mark

__all__ = ["revision_of_lines", "revision_of_place", "without_revision_mark"]
