"""What an auditor asks: whether the log is whole, and who may do what."""
