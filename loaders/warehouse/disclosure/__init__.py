"""Disclosures in the warehouse: what is counted, read as the role of dbt; what was shown, kept by the loader."""
