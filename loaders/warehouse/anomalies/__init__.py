"""Anomalies in the warehouse: the series and columns that are judged, and what was found in them."""
