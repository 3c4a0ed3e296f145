"""Sandbox: runs each reading in a worker process that can be killed."""
