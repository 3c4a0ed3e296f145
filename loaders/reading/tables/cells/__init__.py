"""Cells of a table: the value that a column takes, and the issues of single cells."""
