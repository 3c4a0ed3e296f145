"""Reports about what charities receive: donations, campaigns and community funds."""
