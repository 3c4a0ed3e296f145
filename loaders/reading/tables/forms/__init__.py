"""Forms of label and value pairs: one sheet is one record."""
