"""Rule violations to issues: the sentences that the sender of a document reads."""
