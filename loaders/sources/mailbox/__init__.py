"""Mailboxes by IMAP: lists mails of one folder, copies them as they came; their attachments are read elsewhere."""
