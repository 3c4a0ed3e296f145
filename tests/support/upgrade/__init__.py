"""A warehouse of an earlier release of the program, and how it was made."""
