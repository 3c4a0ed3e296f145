"""Text documents: bytes -> decoded records, in batches."""
