"""Apache Superset on this machine, over the warehouse. `superset_config.py` and `prepare.py` run in its own environment."""
