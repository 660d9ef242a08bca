"""`python -m watcher` and the `watcher` command."""

from __future__ import annotations

import gc
import os
import sys

from watcher.errors import WatcherError

_INTERRUPTED = 130  # as a shell says of what Ctrl-C ended
_SELDOM = 50_000
"""So many new objects between two looks for garbage: what is imported and read stays, and looking through it again and
again took a tenth of a verb's time.
"""


def main() -> None:
    """Run the command line; errors made for people are one line on stderr and exit 1. Ctrl-C ends it with one line,
    also while it still imports.
    """
    is_short = sys.argv[1:2] not in (["run"], ["demo"])
    if is_short:
        gc.set_threshold(_SELDOM, 10, 10)
    # It would look through all that is installed for plugins, in every verb; we use none.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
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
    finally:
        if is_short:
            # The interpreter would look through all that was made once more before it ends, a twentieth of the time.
            gc.freeze()


if __name__ == "__main__":
    main()
