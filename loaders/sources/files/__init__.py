"""Folders of files (local, SFTP, S3): matches names, waits until files are complete, copies bytes."""
