"""`huimin metrics`: the numbers of the product as text, for whatever collects files."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from loaders.settings import reading_settings


def metrics(
    output: Annotated[
        Path | None,
        typer.Option("--output", dir_okay=False, help="Write to this file, whole or not at all, e.g. for node_exporter."),
    ] = None,
) -> None:
    """Print the metrics in the text format of Prometheus."""
    from loaders.monitoring.metrics import metrics_text, sources_of

    content, _ = metrics_text(sources_of(reading_settings()))
    if output is None:
        sys.stdout.write(content.decode())
        return
    # A collector may read at any time: it finds the file of before or the new one.
    fresh = output.with_name(f".{output.name}.{os.getpid()}")
    fresh.write_bytes(content)
    fresh.replace(output)
