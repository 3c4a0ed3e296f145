"""Workbook formats: bytes -> Book."""
