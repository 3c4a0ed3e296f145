"""A synthetic Huizhou: three source systems as real servers over real protocols, deterministic from one seed."""
