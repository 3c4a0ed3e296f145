"""Number formats: parses format codes and renders values as a spreadsheet shows them."""

from loaders.reading.number_formats.affixes import Affixes
from loaders.reading.number_formats.datetimes import DateParts
from loaders.reading.number_formats.kinds import FormatKind
from loaders.reading.number_formats.number_format import GENERAL, NumberFormat, format_of_code, format_of_name, number_format

__all__ = ["GENERAL", "Affixes", "DateParts", "FormatKind", "NumberFormat", "format_of_code", "format_of_name", "number_format"]
