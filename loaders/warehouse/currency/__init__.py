"""Currency: decides which submission is current, and which rows are."""
