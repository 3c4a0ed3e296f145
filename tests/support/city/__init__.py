"""The sample city under test."""
