"""Room `local_stack`: everything that production runs, on one machine, as plain processes, for a first look and for tests.

What may enter: starting, finding and stopping processes, and the settings that they share. What may not: business logic.
"""
