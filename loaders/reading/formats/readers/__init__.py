"""Readers: one module or package per workbook format, each named by its record in the registry."""
