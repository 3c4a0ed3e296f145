"""Rows: writes accepted rows to raw tables and quarantines rows whose key is taken."""
