"""Commands about what came and what did not: issues, obligations, decisions of people, the ledger and its verification."""
