"""The source systems as real servers: SFTP, HTTP API, PostgreSQL, SMTP."""
