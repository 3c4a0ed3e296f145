"""Generated workbooks for the comparison with LibreOffice."""
