"""The text of an error as a traceback prints it."""

from __future__ import annotations


def full_error_text(error: BaseException | None) -> str:
    """Joins the messages of an error and of all causes that a traceback prints."""
    text = ""
    while error is not None:
        text += f"\n{error!r}"
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return text
