"""What the pages show of figures: what is asked for, its charts, and where areas are on a map."""
