"""SOAP services: zeep writes the request, and the records are taken from the answer as it came."""
