"""The message catalogue: every sentence that a person can get, by its code, in Chinese and English.

Modules raise codes with named parameters; `texts/*.yml` hold the words. To change a sentence, change that file alone.
"""

from loaders.messages.catalog import (
    MessageTemplate,
    message_codes,
    message_template,
    preload,
    severity_of,
    text_of,
    variants_of,
)
from loaders.messages.formatting import MessageError, Parameter
from loaders.messages.issues import issue_of
from loaders.messages.phrases import join_texts, localized, phrase

__all__ = [
    "MessageError",
    "MessageTemplate",
    "Parameter",
    "issue_of",
    "join_texts",
    "localized",
    "message_codes",
    "message_template",
    "phrase",
    "preload",
    "severity_of",
    "text_of",
    "variants_of",
]
