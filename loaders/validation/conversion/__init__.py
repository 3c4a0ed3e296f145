"""Text to typed values: parses cells, casts columns, replaces personal values by pseudonyms."""
