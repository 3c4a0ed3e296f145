"""URLs of all makes of databases."""

# One URL per make, as docs/databases.md writes them.
URLS = {
    "postgresql": "postgresql://u:hush@127.0.0.1:{port}/x",
    "kingbase": "kingbase://u:hush@127.0.0.1:{port}/x",
    "mysql": "mysql://u:hush@127.0.0.1:{port}/x",
    "oracle": "oracle://u:hush@127.0.0.1:{port}/?service_name=x",
    "mssql": "mssql://u:hush@127.0.0.1:{port}/x",
    "dm": "dm://u:hush@127.0.0.1:{port}/x",
}
