"""Documents written for tests."""
