"""Addresses that stand for one that nobody named yet: a mail to them tells nobody anything."""

from __future__ import annotations

import re

# `a@example.com`, `todo@bureau.gov.cn`, `待定@x`, `xxx@y.cn`, `a@localhost`. RFC 2606 reserves these domains for documentation
# and tests.
_PLACEHOLDER = re.compile(
    r"""
    @(?:.+\.)?example\.(?:com|org|net)$ | @(?:.+\.)?(?:example|test|invalid|localhost)$
    | ^(?:todo|tbd|changeme|change-me|placeholder|xxx+|nobody|noreply|no-reply|someone|somebody)@
    | 待定|待填|占位|某某
    """,
    re.IGNORECASE | re.VERBOSE,
)


def is_placeholder(address: str, demo_domain: str | None = None) -> bool:
    """Returns whether an address of mail is a placeholder; those below the domain of a demo, which keeps its mails, are none."""
    domain = address.rpartition("@")[2].lower()
    if demo_domain is not None and (domain == demo_domain or domain.endswith(f".{demo_domain}")):
        return False
    return _PLACEHOLDER.search(address) is not None
