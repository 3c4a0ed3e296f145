"""Rows below a header: classifies them as data or furniture and finds the end of the table."""
