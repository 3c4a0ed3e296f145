"""Revisions r0030 to r0039."""
