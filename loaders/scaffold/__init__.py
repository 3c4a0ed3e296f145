"""Scaffolding: writes the files of a new report from a sample document."""
