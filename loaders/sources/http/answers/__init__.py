"""Answers of HTTP APIs: where in them the records, the total and the next page are."""
