"""Model of reading: sheets and cells, requests, refusals, the row schema and the row spool."""
