"""The ledger: pulls, submissions and claims."""
