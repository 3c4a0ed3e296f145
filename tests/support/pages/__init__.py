"""The pages over a loaded warehouse, asked as different people."""
