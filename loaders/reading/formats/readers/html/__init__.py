"""Web pages and web archives that contain tables: HTML and MHTML."""
