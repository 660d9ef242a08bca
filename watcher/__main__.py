"""`python -m watcher` and the `watcher` command."""

from __future__ import annotations

import sys

import click

from watcher.cli.main import cli
from watcher.errors import WatcherError


def main() -> None:
    """Run the command line; errors made for people are one line on stderr and exit 1."""
    try:
        cli.main(prog_name="watcher", standalone_mode=True)
    except WatcherError as error:
        from watcher.telemetry.logging import printable

        # A sentence may quote an address of a page, or what a server said; its lines stay.
        click.echo(f"watcher: {printable(str(error))}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
