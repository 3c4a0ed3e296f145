"""Containers: zip, gz and tar files and mails, whose members are documents. Runs in worker processes only."""
