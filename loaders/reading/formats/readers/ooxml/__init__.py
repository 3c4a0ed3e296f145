"""Office Open XML workbooks (xlsx, xlsm, xltx)."""
