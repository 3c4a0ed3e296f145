"""Colors of marks. They are rare enough to be known again as ours when a corrected copy is marked once more."""

from __future__ import annotations

ERROR_FILL = "FFBDB5"
WARNING_FILL = "FFE3A3"


def fill_color(*, is_error: bool) -> str:
    """Returns the fill of a marked cell as RRGGBB."""
    return ERROR_FILL if is_error else WARNING_FILL
