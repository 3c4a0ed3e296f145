"""Headers: finds the header of a table and matches it with the columns of the contract."""
