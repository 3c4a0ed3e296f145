"""Commands for those who write contracts, models and deployments."""
