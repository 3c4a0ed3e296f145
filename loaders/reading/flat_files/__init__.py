"""Flat files: delimited text and JSON lines -> rows under the contract."""
