"""Keys of the hashes of personal numbers in the warehouse: which one is in force, and rows hashed by it."""
