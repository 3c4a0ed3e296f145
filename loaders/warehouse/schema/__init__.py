"""Tables, roles and migrations: creates what the loader writes into and sets who may read it."""
