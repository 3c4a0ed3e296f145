"""The project's own expectations. Importing this package registers them with Great Expectations."""

from loaders.validation.rules.expectations.document_period import (
    ExpectColumnValuesToBeInDocumentPeriod,
    ExpectColumnValuesToBeOnOrBeforeDocumentPeriod,
)
from loaders.validation.rules.expectations.equal_sum import ExpectColumnToEqualSum
from loaders.validation.rules.expectations.identity import (
    ExpectColumnValuesToBeValidPhone,
    ExpectColumnValuesToBeValidResidentId,
    ExpectColumnValuesToBeValidUscc,
)
from loaders.validation.rules.expectations.known_code import ExpectColumnValuesToBeKnownCode

__all__ = [
    "ExpectColumnToEqualSum",
    "ExpectColumnValuesToBeInDocumentPeriod",
    "ExpectColumnValuesToBeKnownCode",
    "ExpectColumnValuesToBeOnOrBeforeDocumentPeriod",
    "ExpectColumnValuesToBeValidPhone",
    "ExpectColumnValuesToBeValidResidentId",
    "ExpectColumnValuesToBeValidUscc",
]
