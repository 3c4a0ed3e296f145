"""The project's own expectations. Importing this package registers them with Great Expectations."""

from loaders.validation.expectations.document_period import (
    ExpectColumnValuesToBeInDocumentPeriod,
    ExpectColumnValuesToBeOnOrBeforeDocumentPeriod,
)
from loaders.validation.expectations.equal_sum import ExpectColumnToEqualSum
from loaders.validation.expectations.identity import (
    ExpectColumnValuesToBeValidPhone,
    ExpectColumnValuesToBeValidResidentId,
    ExpectColumnValuesToBeValidUscc,
)
from loaders.validation.expectations.known_code import ExpectColumnValuesToBeKnownCode

__all__ = [
    "ExpectColumnToEqualSum",
    "ExpectColumnValuesToBeInDocumentPeriod",
    "ExpectColumnValuesToBeKnownCode",
    "ExpectColumnValuesToBeOnOrBeforeDocumentPeriod",
    "ExpectColumnValuesToBeValidPhone",
    "ExpectColumnValuesToBeValidResidentId",
    "ExpectColumnValuesToBeValidUscc",
]
