"""Channels: each takes one message over its protocol, in bounded time, and says whether it was taken.

What may enter: protocols, limits of servers, answers. What may not: which messages there are, the warehouse.
"""
