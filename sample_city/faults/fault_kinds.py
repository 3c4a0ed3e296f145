"""The kinds of faults that several reports share. A report may have kinds of its own beside them."""

CLIENT_WITHOUT_FILE = "client_has_a_file"
CONTROL_TOTAL_OFF = "total_disagrees"
CORRECTED = "corrected_file"
DUPLICATE_ROW = "duplicate_row"
FUTURE_DATE = "future_date"
LATE = "late_file"
MISSING = "missing_submission"
MISSING_COLUMN = "missing_column"
OUT_OF_RANGE = "out_of_range"
RESIDENT_ID_WRONG = "resident_id_checksum"
SAME_FILE_TWICE = "same_file_twice"
TYPE_FAULT = "type_fault"
UNKNOWN_REGISTRAR = "unknown_registrar"
UNKNOWN_TOWN = "unknown_town"
UNREADABLE = "unreadable_document"
UNUSUAL_LENGTH = "unusual_length"
USCC_WRONG = "uscc_checksum"
WORKER_NOT_LISTED = "worker_is_on_the_roster"
WRONG_PREFIX = "uscc_prefix"
WRONG_SUM = "sum_disagrees"
WRONG_UTF16 = "wrong_encoding_utf16"
WRONG_UTF8 = "wrong_encoding_utf8"

STANDARD_ROW_KINDS = frozenset(
    {UNKNOWN_TOWN, USCC_WRONG, RESIDENT_ID_WRONG, FUTURE_DATE, TYPE_FAULT, OUT_OF_RANGE, DUPLICATE_ROW}
)
"""The kinds of row faults that `standard_faults` makes from a contract alone."""
