"""From samples of a report to the fields of its contract: formats, headers, types, units, persons, and the key."""
