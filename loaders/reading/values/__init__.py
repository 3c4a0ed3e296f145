"""Values: what a cell shows under its number format, and which value a typed column takes."""
