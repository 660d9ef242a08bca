"""`watcher init`: a first configuration, with what runs it in a container."""

from __future__ import annotations

from pathlib import Path

import click

from watcher.asking.options import done_option, is_json_asked, say_done


@click.command("init")
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
@done_option
def command(directory: Path) -> None:
    """Write a commented configuration to begin with, a compose file and a list of secrets.

    DIRECTORY is made; one that holds something already is refused, and nothing in it is changed.

    \b
    Example: watcher init newsroom
             cd newsroom && watcher run
    """
    from watcher.asking.beginning import write_beginning

    say_done(f"wrote {path}: {what}" for path, what in write_beginning(directory))
    if is_json_asked():
        return
    click.echo(
        f"\nNow: cd {directory}\n"
        "     watcher check      finds mistakes, and says who would get what\n"
        "     watcher run        starts it; the page is at http://127.0.0.1:8080/\n"
        "     watcher demo       shows alerts of bundled feeds, with no internet\n"
        "Your first rule goes into a file of its own, such as config/rules/mine.yaml."
    )
