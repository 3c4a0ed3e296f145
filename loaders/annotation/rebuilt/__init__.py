"""A new workbook of what was read, for documents that cannot hold marks: old workbooks, web pages, texts, records."""
