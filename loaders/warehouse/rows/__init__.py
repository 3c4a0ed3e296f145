"""Rows of raw tables and of the quarantine, and the keys that they hold."""
