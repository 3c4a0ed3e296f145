"""Commands of those who run the program: the upgrade of the warehouse, backups."""
