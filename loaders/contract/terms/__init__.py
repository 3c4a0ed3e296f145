"""What a contract agrees on about a report as a whole: the scope of its keys, its owners, the life of the report itself."""
