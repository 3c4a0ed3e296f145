"""One module per page: what it takes from the address, what it asks the warehouse, and which template it fills."""
