"""Templates: empty documents made from a contract, which let through what the check accepts.

What may enter: headers, notes, drop-downs and limits that follow from a contract. What may not: rules of their own, data, SQL.
"""

from loaders.template.make_template import Template, make_template
from loaders.template.request import TemplateError, TemplateRequest

__all__ = ["Template", "TemplateError", "TemplateRequest", "make_template"]
