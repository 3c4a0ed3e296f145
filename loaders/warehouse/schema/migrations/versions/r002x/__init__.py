"""Revisions r0020 to r0029."""
