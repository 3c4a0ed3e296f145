"""Read-only queries of the ledger and of the indicator tables."""
