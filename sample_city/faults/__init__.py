"""Fault injection: the kinds of faults, how each is made, where it goes, and the log of expected issues."""
