"""Anomalies in the warehouse: the series and columns that are checked, and what was found in them."""
