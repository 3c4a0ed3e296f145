"""Number formats: what a format's code says of the numbers under it, and what it shows of each."""

from loaders.reading.number_formats.kinds import FormatKind, kind_of_format
from loaders.reading.number_formats.number_format import GENERAL, NumberFormat, number_format

__all__ = ["GENERAL", "FormatKind", "NumberFormat", "kind_of_format", "number_format"]
