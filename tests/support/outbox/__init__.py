"""Processes and mailboxes for tests of the outbox."""
