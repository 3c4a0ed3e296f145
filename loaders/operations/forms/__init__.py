"""Forms that officers fill in: what they ask for more than once, and what is known before."""
