"""The field `auth` of a contract: what goes together, and that the example of each kind is valid."""

from __future__ import annotations

import inspect
import re
import textwrap
from typing import Any, get_args

import pytest
import yaml
from pydantic import TypeAdapter, ValidationError

from loaders.contract.sources.http.auth import HttpAuth

ADAPTER: TypeAdapter[Any] = TypeAdapter(HttpAuth)
MODELS = get_args(get_args(HttpAuth)[0])


def examples(model: type) -> list[str]:
    """The YAML of the docstring's examples; each begins with `auth:`."""
    text = re.split(r"Examples?:\n", inspect.getdoc(model) or "")[1]
    return [f"auth:{part}" for part in re.split(r"^auth:", textwrap.dedent(text), flags=re.MULTILINE)[1:]]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_kind_has_an_example_that_works(model: type) -> None:
    found = examples(model)
    assert found
    for text in found:
        assert isinstance(ADAPTER.validate_python(yaml.safe_load(text)["auth"]), model)


def test_every_example_survives_a_round_trip() -> None:
    for text in (text for model in MODELS for text in examples(model)):
        auth = ADAPTER.validate_python(yaml.safe_load(text)["auth"])
        assert ADAPTER.validate_python(auth.model_dump()) == auth


SIGNATURE = {"kind": "hmac", "canonical": "{path}", "headers": {"X-Sign": "{signature}"}}
TOKEN = {"kind": "token_request", "token_url": "/t", "token": "t"}


@pytest.mark.parametrize(
    ("auth", "message"),
    [
        ({"kind": "digest"}, "does not match any of the expected tags"),
        ({"kind": "basic", "password": "x"}, "Extra inputs are not permitted"),
        ({"kind": "api_key"}, "expected either header or query"),
        ({"kind": "api_key", "header": "A", "query": "b"}, "expected either header or query"),
        ({"kind": "api_key", "query": "b", "prefix": "x"}, "prefix goes with header"),
        ({"kind": "api_key", "header": "no header"}, "should match pattern"),
        ({"kind": "oauth2_client_credentials", "token_url": "token"}, "should match pattern"),
        (
            {"kind": "oauth2_client_credentials", "token_url": "/t", "parameters": {"scope": "x"}},
            "parameters holds scope, which the other fields",
        ),
        (TOKEN | {"body": {"a": ["{nobody}"]}}, r"body names \{nobody\}, which has no value here"),
        (TOKEN | {"body": "text"}, "body is a text with body_format: text"),
        (TOKEN | {"body": {"a": 1}, "body_format": "form"}, "body.a must be a text in a form"),
        (TOKEN | {"method": "GET", "body": {"a": "b"}}, "a GET request has no body"),
        (TOKEN | {"lifetime": "a", "lifetime_seconds": 5}, "exclude each other"),
        (TOKEN | {"send_as": {}}, "expected either header or query"),
        (SIGNATURE | {"canonical": "{path}{timestamp}"}, r"canonical names \{timestamp\}, which has no value here"),
        (SIGNATURE | {"headers": {"X": "{key}"}}, r"no header and no query parameter carries \{signature\}"),
        (SIGNATURE | {"canonical": "{path}{secret}"}, r"holds \{secret\} with keyed_by: canonical, and only then"),
        (SIGNATURE | {"keyed_by": "canonical"}, r"holds \{secret\} with keyed_by: canonical, and only then"),
        (SIGNATURE | {"kind": "sm2", "canonical": "{path}{secret}"}, "an SM2 signature has a private key"),
        (SIGNATURE | {"query": {"s": "{secret}"}}, r"query names \{secret\}, which has no value here"),
    ],
)
def test_what_does_not_go_together_is_named(auth: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message) as error:
        ADAPTER.validate_python(auth)
    # The contract's reader takes a message apart at semicolons.
    assert "; " not in str(error.value.errors()[0].get("ctx", {}).get("error", ""))
