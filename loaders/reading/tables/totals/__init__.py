"""Totals that a document prints, checked against its rows."""
