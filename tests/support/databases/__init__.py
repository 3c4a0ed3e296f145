"""Servers of other systems' databases, and the tests that each make must pass."""
