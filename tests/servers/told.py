"""What a log would show of an error."""

from __future__ import annotations


def told_in_full(error: BaseException | None) -> str:
    """The message with those of all the causes that a traceback prints."""
    text = ""
    while error is not None:
        text += f"\n{error!r}"
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return text
