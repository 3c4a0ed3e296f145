"""What watches over the product reads and keeps: numbers of the ledger, signs of life, accounts, runs of which lineage told."""
