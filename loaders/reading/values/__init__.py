"""Values: what a cell shows under its number format, and what a typed column takes of it."""
