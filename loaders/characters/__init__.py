"""Characters and short texts, whatever keyboard, code page or spreadsheet wrote them: cleaned, compared, found damaged.

Neutral room: pure functions over text, imports nothing of ours.
"""
