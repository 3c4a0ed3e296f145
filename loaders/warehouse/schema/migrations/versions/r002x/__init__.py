"""Ten revisions of the ledger's tables."""
