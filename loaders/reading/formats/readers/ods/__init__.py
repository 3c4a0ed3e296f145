"""OpenDocument spreadsheets (ods, fods)."""
