"""dbt: runs the project, reads and writes its staging models."""
