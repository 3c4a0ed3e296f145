"""Annotated copies: a document goes back to its sender with every issue marked in it.

What may enter: marks in workbooks, the list of issues, copies of other documents as workbooks. What may not: which issues there
are, who gets the copy, SQL.
"""

from loaders.annotation.annotated_copy import AnnotatedCopy, annotate

__all__ = ["AnnotatedCopy", "annotate"]
