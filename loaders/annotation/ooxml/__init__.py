"""Marks in an Office Open XML workbook: the parts that hold them are edited, all others keep their bytes."""
