"""Read-only database views: one document per period, pulled in one snapshot."""
