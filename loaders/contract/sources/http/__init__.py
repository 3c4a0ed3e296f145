"""The parts of an HTTP source: its requests, who asks, and how pages follow each other."""
