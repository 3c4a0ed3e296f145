"""Makes of databases: one module per make, each with one `DatabaseMake`."""
