"""`python -m sample_city build|serve`."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from pathlib import Path

from sample_city.facts import Facts
from sample_city.reference.timetable import FULL_SPAN, Span

# The URL comes from the environment, because every user of the machine can read a command line.
POSTGRES_URL = "SAMPLE_CITY_POSTGRES_URL"


def main() -> int:
    """Builds the city, and serves it if asked to."""
    arguments = _parse_arguments()
    # Only the owner may read mails, sources and passwords.
    os.umask(0o077)
    home: Path = arguments.home.resolve()
    home.mkdir(parents=True, exist_ok=True)
    from sample_city.build import build_city

    is_new = build_city(home, arguments.seed, arguments.months, arguments.facts)
    if arguments.command == "build":
        sys.stdout.write(f"{'Built' if is_new else 'Already there'}: {home}\n")
        return 0
    from sample_city.servers.serve import serve

    asyncio.run(serve(home, arguments.postgres_url, exit_with_parent=arguments.exit_with_parent))
    return 0


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sample_city", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, purpose in (("build", "write the city's documents"), ("serve", "build, then serve until stopped")):
        command = commands.add_parser(name, help=purpose, description=purpose)
        command.add_argument("--home", type=Path, required=True, help="folder that holds the city")
        command.add_argument("--seed", type=int, default=7, help="the same seed gives the same bytes")
        command.add_argument("--facts", type=Facts.parse, help='other totals, e.g. {"community_funds": 60}')
        command.add_argument("--months", type=Span.parse, default=FULL_SPAN, help="first:last month, both included")
    command.add_argument(
        "--postgres-url",
        default=os.environ.get(POSTGRES_URL),
        help=f"a PostgreSQL server on which a database may be made; one with a password is named by {POSTGRES_URL}",
    )
    command.add_argument("--exit-with-parent", action="store_true", help="stop when the starting process is gone")
    arguments = parser.parse_args()
    if arguments.command == "serve" and not arguments.postgres_url:
        parser.error(f"serve needs a PostgreSQL server: set {POSTGRES_URL}")
    return arguments


if __name__ == "__main__":
    sys.exit(main())
