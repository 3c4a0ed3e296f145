"""Who did what, who may do what, and whose reads the server writes down."""
