"""Overlaps: which facts several reports ask for, and from which of them a form could be filled in.

What may enter: contracts and words of headers. What may not: rows, SQL, sentences.
"""

from loaders.overlap.find_overlaps import LEAST_SCORE, find_overlaps
from loaders.overlap.model import ColumnPlace, Evidence, Overlap, Relation, RepeatedColumns
from loaders.overlap.repeated_columns import repeated_columns

__all__ = [
    "LEAST_SCORE",
    "ColumnPlace",
    "Evidence",
    "Overlap",
    "Relation",
    "RepeatedColumns",
    "find_overlaps",
    "repeated_columns",
]
