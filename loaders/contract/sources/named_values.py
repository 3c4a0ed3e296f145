"""Templates of a contract: texts with named values in braces, such as `{period}` or `{user}`."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Annotated, Any

from pydantic import Field

# `{timestamp_ms}` in `{key}|{timestamp_ms}`; braces around anything else stay as they are.
_NAME = re.compile(r"\{([a-z][a-z0-9_]*)\}")
HeaderName = Annotated[str, Field(pattern=r"^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")]
QueryName = Annotated[str, Field(min_length=1)]


def names_in(template: Any) -> frozenset[str]:
    """Returns the names that a text, or any text within a list or mapping, holds in braces."""
    if isinstance(template, str):
        return frozenset(_NAME.findall(template))
    if isinstance(template, Mapping):
        return frozenset[str]().union(*(names_in(value) for value in template.values()))
    if isinstance(template, list | tuple):
        return frozenset[str]().union(*map(names_in, template))
    return frozenset()


def unknown_names(field: str, template: Any, known: Collection[str]) -> Iterator[str]:
    """Says which names of the template in `field` have no value."""
    for name in sorted(names_in(template) - set(known)):
        yield f"{field} names {{{name}}}, which has no value here (known: {', '.join(f'{{{one}}}' for one in known)})"


def filled(template: Any, values: Mapping[str, str]) -> Any:
    """Returns the template with its values. A value is never read as a template itself."""
    if isinstance(template, str):
        return _NAME.sub(lambda match: values.get(match[1], match[0]), template)
    if isinstance(template, Mapping):
        return {name: filled(value, values) for name, value in template.items()}
    if isinstance(template, list | tuple):
        return [filled(value, values) for value in template]
    return template
