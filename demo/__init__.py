"""The demo: all services of production as plain processes on one machine, with the sample city as their sources.

For a first look and for tests. Production installs neither this package nor `sample_city`. It starts, finds and stops
processes and prints the outcome; business logic belongs to `loaders`.
"""
