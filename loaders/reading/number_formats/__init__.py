"""Number formats: what a format's code says of the numbers under it, and what it shows of each."""

from loaders.reading.number_formats.kinds import FormatKind
from loaders.reading.number_formats.moments import Parts
from loaders.reading.number_formats.number_format import GENERAL, NumberFormat, format_of_code, format_of_name, number_format
from loaders.reading.number_formats.statement import Statement

__all__ = ["GENERAL", "FormatKind", "NumberFormat", "Parts", "Statement", "format_of_code", "format_of_name", "number_format"]
