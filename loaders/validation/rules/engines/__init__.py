"""Engines: find the rows that break each rule, by Great Expectations or by pandas alone."""
