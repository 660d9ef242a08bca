"""`python -m watcher` and the `watcher` command."""

from __future__ import annotations

import sys

from watcher.errors import WatcherError

_INTERRUPTED = 130  # as a shell says of what Ctrl-C ended


def main() -> None:
    """Run the command line; errors made for people are one line on stderr and exit 1. Ctrl-C ends it with one line,
    also while it still imports.
    """
    try:
        from watcher.cli.main import cli

        cli.main(prog_name="watcher", standalone_mode=True)
    except KeyboardInterrupt:
        sys.stderr.write("watcher: stopped\n")
        sys.exit(_INTERRUPTED)
    except WatcherError as error:
        import click

        from watcher.telemetry.logging import printable

        # A sentence may quote an address of a page, or what a server said; its lines stay.
        click.echo(f"watcher: {printable(str(error))}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
