"""Values of settings: their types, and how each is read from variables. `loaders.settings` gives the environment."""
