"""`huimin metrics`: the numbers of the product as text, for whatever collects files. `huimin watch`: alarms to the operators."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from loaders.commands import console
from loaders.settings import reading_settings

EXIT_FAILED = 1


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


def watch(
    every: Annotated[
        int | None, typer.Option(min=10, help="Look again after so many seconds, until it is stopped; without it, look once.")
    ] = None,
    connections: Annotated[
        bool, typer.Option("--connections", help="Also name connections of contracts that this process does not have.")
    ] = False,
) -> None:
    """Tell the operators what is not well, once, and once more when it is. Exit 1 when they could not be told."""
    from loaders.monitoring.watching import watch as look_once

    while True:
        look = look_once(reading_settings(), with_connections=connections)
        for one in look.matters:
            console.print_note(f"{one.kind}: {one.text.en}")
        for failure in look.failures:
            console.print_error(failure)
        if every is None:
            typer.echo(f"{len(look.matters)} to look at, {len(look.opened)} of them new; {len(look.closed)} over")
            raise typer.Exit(EXIT_FAILED if look.failures else 0)
        time.sleep(every)
