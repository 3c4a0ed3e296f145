"""Issues, notifications and notices: what is wrong, and who was notified of it."""
