"""The load: writes a batch of submissions of one report in one transaction."""
