"""Kinds of cross-report rules in the warehouse, one module each: SQL and sentences. `registry` finds every module here."""
