"""Documents validated again by today's contract, and quarantined rows that it, or a person, lets through."""
