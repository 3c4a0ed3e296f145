"""What can go wrong with a source. Messages say what, where, expected, found and the next step, and hold no secret."""

from __future__ import annotations


class SourceError(RuntimeError):
    """A source cannot be reached, refuses us, or does not keep its protocol."""

    def __init__(self, connection: str, what: str, *, next_step: str) -> None:
        super().__init__(f'connection "{connection}": {what}; {next_step}')


class StillChanging(SourceError):
    """A document changed while it was read; it is left for the next run."""

    def __init__(self, connection: str, uri: str) -> None:
        super().__init__(connection, f"{uri} changed while it was read", next_step="the next run takes it when it is whole")
