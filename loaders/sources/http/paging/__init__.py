"""Pages of HTTP APIs, put together to one state of what was asked for."""
