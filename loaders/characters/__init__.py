"""Characters and short texts: cleaning, comparison forms, and detection of garbled text.

The package has pure functions over text. It imports no other package of this project.
"""
