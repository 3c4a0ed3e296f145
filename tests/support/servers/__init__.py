"""Servers that fail on request."""
