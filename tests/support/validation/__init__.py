"""Contracts and readings for the validation tests."""
