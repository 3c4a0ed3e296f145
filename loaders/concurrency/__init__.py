"""Doing several things at once: the next value of an iterator, several names of a list."""
