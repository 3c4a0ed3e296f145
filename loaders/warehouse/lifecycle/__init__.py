"""The life of a report in the warehouse: it goes on under another name, or it is purged."""
