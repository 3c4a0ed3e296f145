"""Reports about clients and the services that they receive."""
