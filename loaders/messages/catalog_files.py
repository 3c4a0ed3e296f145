"""Reads the files of the catalogue, `texts/*.yml`."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import yaml


def read_texts(name: str) -> dict[str, Any]:
    """The entries of one file, in their order."""
    text = (files("loaders.messages") / "texts" / f"{name}.yml").read_text(encoding="utf-8")
    entries: dict[str, Any] = yaml.load(text, Loader=yaml.CSafeLoader)
    return entries
