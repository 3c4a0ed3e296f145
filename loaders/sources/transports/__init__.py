"""Transports of files that own code speaks, where fsspec's have no time-outs, names in one encoding or no modification times."""
