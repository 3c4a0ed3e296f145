"""Every value that a contract may choose for a source is used by a test: a new value without a test fails here."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest
from pydantic import BaseModel

from loaders.contract.sources import Source
from loaders.sources.connections import FILE_SCHEMES
from loaders.sources.database.registry import database_makes

TESTS = Path(__file__).resolve().parents[2]
STYLES, LEDGER, FURTHER = (
    "integration/test_http_styles.py",
    "integration/test_http_on_ledger.py",
    "integration/test_api_styles_on_ledger.py",
)
TOKENS, SIGNATURES = "integration/http_auth/test_tokens.py", "integration/http_auth/test_signatures.py"
SECRETS, MTLS = "integration/http_auth/test_fixed_secrets.py", "integration/http_auth/test_mutual_tls.py"
SOAP, CIPHER = "integration/test_sources_soap.py", "integration/test_encrypted_bodies.py"
CONTAINERS, MAKES, ASKS = "integration/test_containers.py", "unit/sources/test_database_makes.py", "integration/test_http_asks.py"

# Value to file, test, and the words by which the test names the value.
USED: dict[str, tuple[str, str, str]] = {
    "auth none": (LEDGER, "test_xml", "success"),
    "auth basic": (FURTHER, "test_a_zip_that_is_downloaded", '"basic"'),
    "auth bearer": (LEDGER, "test_bearer_and_cursor", '"bearer"'),
    "auth api_key": (LEDGER, "test_api_key_and_next_url", '"api_key"'),
    "auth oauth2_client_credentials": (FURTHER, "test_oauth2_and_offset", '"oauth2_client_credentials"'),
    "auth token_request": (FURTHER, "test_a_token_first_and_a_list_in_data", '"token_request"'),
    "auth hmac": (SIGNATURES, "test_sm3_over_the_body_in_base64", '"hmac"'),
    "auth sm2": (SIGNATURES, "test_a_request_signed_by_sm2_is_verified", "SM2"),
    "auth mtls": (MTLS, "test_a_client_with_a_certificate_is_let_in", '"mtls"'),
    "auth username_token": (SOAP, "test_a_username_token_is_anew_in_each_request", '"username_token"'),
    "cipher sm4": (CIPHER, "test_request_and_answer_are_encrypted", '"sm4"'),
    "paging none": (LEDGER, "test_xml", "records"),
    "paging page_number": (FURTHER, "test_a_token_first_and_a_list_in_data", '"page_number"'),
    "paging offset": (FURTHER, "test_oauth2_and_offset", '"offset"'),
    "paging cursor": (LEDGER, "test_bearer_and_cursor", '"cursor"'),
    "paging link": (FURTHER, "test_json_lines_and_a_link_header", '"link"'),
    "paging next_url": (LEDGER, "test_api_key_and_next_url", '"next_url"'),
    "success int": (FURTHER, "test_a_token_first_and_a_list_in_data", '"values": [0]'),
    "success str": (LEDGER, "test_post_with_a_body", '"0000"'),
    "success bool": (STYLES, "test_post_with_a_form", "[True]"),
    "answer json": (FURTHER, "test_oauth2_and_offset", "items"),
    "answer json_lines": (FURTHER, "test_json_lines_and_a_link_header", '"json_lines"'),
    "answer xml": (LEDGER, "test_xml", '"xml"'),
    "answer file": (FURTHER, "test_a_zip_that_is_downloaded", '"file"'),
    "asks_for register": (FURTHER, "test_oauth2_and_offset", "records"),
    "asks_for period": (ASKS, "test_each_period_is_a_document_until_it_is_known", '"period"'),
    "asks_for unit": (ASKS, "test_each_unit_is_a_document_under_the_name_that_the_system_gives_it", '"unit"'),
    "asks_for unit_and_period": (LEDGER, "test_a_document_per_unit_and_period", '"unit_and_period"'),
    "container zip": (FURTHER, "test_a_zip_that_is_downloaded", '"zip"'),
    "container gz": (CONTAINERS, "test_a_packed_table_and_a_packed_tar_file_load", '"gz"'),
    "container tar": (CONTAINERS, "test_a_packed_table_and_a_packed_tar_file_load", '"tar"'),
    "embedded xml": (SOAP, "test_a_text_that_is_xml_or_json_itself", '"xml"'),
    "embedded json": (SOAP, "test_a_text_that_is_xml_or_json_itself", '"json"'),
    "source http_api": (FURTHER, "test_oauth2_and_offset", "world.contract"),
    "source soap": ("integration/test_soap_on_the_ledger.py", "test_documents_of_units_and_periods_are_loaded", "write_contract"),
    "source file_drop": (CONTAINERS, "test_each_member_of_a_zip_is_a_document_and_the_zip_is_fetched_once", "ZIPS"),
    "source database": ("system/test_mariadb_source.py", "test_periods", "FUND"),
    "source mailbox": ("integration/test_sources_mailbox.py", "test_attachments_of_two_units_are_two_documents", "world"),
    "transport file": (CONTAINERS, "test_each_member_of_a_zip_is_a_document_and_the_zip_is_fetched_once", "world"),
    "transport sftp": ("integration/test_sources_sftp.py", "test_files_come_with_what_their_names_say_and_whole", "drop"),
    "transport ssh": ("integration/test_sources_sftp.py", "test_ssh_is_another_name_of_sftp", "ssh://"),
    "transport s3": ("integration/test_sources_s3.py", "", "s3://"),
    "transport ftp": ("integration/test_sources_ftp.py", "test_files_come_whole_with_their_names_and_times", "None"),
    "transport ftps": ("integration/test_sources_ftp.py", "test_ftps_and_a_zip_with_names_in_gbk_feed_a_report", "implicit"),
    "transport webdav": ("integration/test_sources_webdav.py", "test_files_come_whole_with_their_names_and_times", "server"),
    "transport webdavs": ("integration/test_sources_webdav.py", "test_tls_is_checked_by_its_own_authority", "certificate"),
}
# Fields whose values are listed by the models, and the word that stands for them above. `success` has types for values.
CHOICES = {
    "auth": "auth",
    "cipher": "cipher",
    "paging": "paging",
    "answer": "answer",
    "asks_for": "asks_for",
    "container": "container",
    "embedded": "embedded",
}


def alternatives(annotation: Any) -> Iterator[Any]:
    """Yields the classes and literal values of a type, whatever it is wrapped in."""
    if get_origin(annotation) is Literal:
        yield from get_args(annotation)
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    else:
        for part in get_args(annotation):
            if not isinstance(part, str | int):
                yield from alternatives(part)


def kinds_of(part: Any) -> Iterator[str]:
    """Yields a literal value, or the values of a model's `kind` (or `format`)."""
    if isinstance(part, str):
        yield part
    elif isinstance(part, type):
        field = part.model_fields.get("kind") or part.model_fields["format"]
        yield from alternatives(field.annotation)


def declared_values() -> set[str]:
    found: set[str] = set()
    for model in alternatives(Source):
        found |= {f"source {kind}" for kind in kinds_of(model)}
        for name, word in CHOICES.items():
            if name in model.model_fields:
                parts = alternatives(model.model_fields[name].annotation)
                found |= {f"{word} {kind}" for part in parts for kind in kinds_of(part)}
        if "success" in model.model_fields:
            (success,) = alternatives(model.model_fields["success"].annotation)
            (values, _) = get_args(success.model_fields["values"].annotation)
            found |= {f"success {kind.__name__}" for kind in get_args(values)}
    return found | {f"transport {scheme}" for scheme in FILE_SCHEMES}


@cache
def source_of(path: str) -> dict[str, str]:
    """The text of each test of a file with its decorators; under no name, the whole file."""
    text = (TESTS / path).read_text(encoding="utf-8")
    lines = text.splitlines()
    tests = {"": text}
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            tests[node.name] = "\n".join(lines[first - 1 : node.end_lineno])
    return tests


def test_each_value_has_a_test_and_nothing_else_has() -> None:
    assert declared_values() == USED.keys()


@pytest.mark.parametrize("value", USED)
def test_the_test_names_the_value(value: str) -> None:
    path, name, words = USED[value]
    assert words in source_of(path)[name]


def test_each_make_of_database_is_compiled_for_by_a_test() -> None:
    text = source_of(MAKES)["test_every_make_is_registered_once"]
    assert [make.name for make in database_makes().values() if f'"{make.name}"' not in text] == []
