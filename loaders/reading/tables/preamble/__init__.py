"""Preamble: the reporting unit, the period and the units of measure in the lines around a table."""
