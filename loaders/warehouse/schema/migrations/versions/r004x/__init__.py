"""Revisions r0040 to r0049."""
