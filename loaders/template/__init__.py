"""Templates: documents to be filled in, made from a contract, which let through what the check accepts.

What may enter: headers, notes, drop-downs and limits that follow from a contract, and rows that are handed in. What may not:
rules of their own, SQL.
"""

from loaders.template.make_template import Template, make_template
from loaders.template.request import TemplateError, TemplateRequest

__all__ = ["Template", "TemplateError", "TemplateRequest", "make_template"]
