"""Web pages and web archives that hold tables: HTML and MHTML."""
