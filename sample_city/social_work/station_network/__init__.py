"""Reports about stations and their staff."""
