"""Numbers that name people and organisations: check, normalise, mask.

Neutral room: pure functions over text, imports nothing of ours but `characters`.
"""

from loaders.identifiers.faults import (
    CodeFault,
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
from loaders.identifiers.numbers import (
    has_luhn_digit,
    is_valid_bank_account,
    is_valid_division_code,
    is_valid_phone,
    normalise_bank_account,
    normalise_division_code,
    normalise_phone,
)
from loaders.identifiers.organizations import (
    KNOWN_USCC_PREFIX,
    USCC_ALPHABET,
    has_known_uscc_prefix,
    is_valid_uscc,
    normalise_uscc,
    organization_code_check_digit,
    uscc_check_digit,
    uscc_fault,
)
from loaders.identifiers.residents import (
    PROVINCES,
    has_known_region,
    is_valid_resident_id,
    normalise_resident_id,
    resident_id_check_digit,
    resident_id_fault,
)
from loaders.identifiers.scrubbing import (
    NUMBER_IN_CODE,
    NUMBER_IN_TEXT,
    holds_person_number,
    scrub,
)
from loaders.identifiers.writing import (
    compact,
    name_form,
)

__all__ = [
    "KNOWN_USCC_PREFIX",
    "NUMBER_IN_CODE",
    "NUMBER_IN_TEXT",
    "PROVINCES",
    "USCC_ALPHABET",
    "CodeFault",
    "compact",
    "has_known_region",
    "has_known_uscc_prefix",
    "has_luhn_digit",
    "holds_person_number",
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
    "name_form",
    "normalise_bank_account",
    "normalise_division_code",
    "normalise_phone",
    "normalise_resident_id",
    "normalise_uscc",
    "organization_code_check_digit",
    "resident_id_check_digit",
    "resident_id_fault",
    "scrub",
    "uscc_check_digit",
    "uscc_fault",
]
