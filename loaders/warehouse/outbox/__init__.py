"""The outbox: messages that are to be sent, what became of each attempt, and which servers fail."""
