"""Numbers that name people and organisations: check, normalise, mask.

Shared layer: pure functions over text, imports nothing of ours but `characters`.
"""

from loaders.identifiers.error_details import (
    CodeErrorDetail,
)
from loaders.identifiers.masks import (
    mask_address,
    mask_bank_account,
    mask_id,
    mask_id_strict,
    mask_landline,
    mask_mobile,
    mask_name,
    mask_phone,
    mask_strict,
)
from loaders.identifiers.normalization import (
    normalize_identifier,
    normalize_name,
)
from loaders.identifiers.numbers import (
    has_luhn_digit,
    is_valid_bank_account,
    is_valid_division_code,
    is_valid_phone,
    normalize_bank_account,
    normalize_division_code,
    normalize_phone,
)
from loaders.identifiers.organizations import (
    KNOWN_USCC_PREFIX,
    USCC_ALPHABET,
    has_known_uscc_prefix,
    is_valid_uscc,
    normalize_uscc,
    organization_code_check_digit,
    uscc_check_digit,
    uscc_error,
)
from loaders.identifiers.redaction import (
    NUMBER_IN_CODE,
    NUMBER_IN_TEXT,
    contains_personal_number,
    redact,
)
from loaders.identifiers.residents import (
    PROVINCES,
    has_known_region,
    is_valid_resident_id,
    normalize_resident_id,
    resident_id_check_digit,
    resident_id_error,
)

__all__ = [
    "KNOWN_USCC_PREFIX",
    "NUMBER_IN_CODE",
    "NUMBER_IN_TEXT",
    "PROVINCES",
    "USCC_ALPHABET",
    "CodeErrorDetail",
    "contains_personal_number",
    "has_known_region",
    "has_known_uscc_prefix",
    "has_luhn_digit",
    "is_valid_bank_account",
    "is_valid_division_code",
    "is_valid_phone",
    "is_valid_resident_id",
    "is_valid_uscc",
    "mask_address",
    "mask_bank_account",
    "mask_id",
    "mask_id_strict",
    "mask_landline",
    "mask_mobile",
    "mask_name",
    "mask_phone",
    "mask_strict",
    "normalize_bank_account",
    "normalize_division_code",
    "normalize_identifier",
    "normalize_name",
    "normalize_phone",
    "normalize_resident_id",
    "normalize_uscc",
    "organization_code_check_digit",
    "redact",
    "resident_id_check_digit",
    "resident_id_error",
    "uscc_check_digit",
    "uscc_error",
]
