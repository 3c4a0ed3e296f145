"""Paged JSON APIs: one register per API, pulled as JSON lines."""
