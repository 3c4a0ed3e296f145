"""Drivers of the warehouse."""
