"""Support code of the tests: what several tests share, and no test itself.

| package or module | contents |
|---|---|
| `documents` | writers of workbooks and CSV, part by part or record by record; mutations; small contracts |
| `servers` | real servers (SFTP, HTTP API, SMTP) that fail on request, and contracts for sources |
| `city` | the running sample city, its validated documents, and the evidence and values that must follow from its truth |
| `warehouse` | drivers that load documents into a warehouse, the oracle of its expected content, a file drop |
| `validation` | a small contract with readings |
| `libreoffice` | LibreOffice as a reference: conversion, display, and generated workbooks to compare (`differential`) |
| `compose_file` | docker-compose.yml as Compose reads it |
| `processes` | child processes |

Fixtures are in the `conftest.py` files of the tests that use them. `tests/dbt` has support code of its own.
"""
