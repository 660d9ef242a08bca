"""`watcher completion`: what a shell needs to complete verbs and options."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

_SHELLS = ("bash", "zsh", "fish")


@click.command("completion")
@click.argument("shell", type=click.Choice(_SHELLS))
def command(shell: str) -> None:
    """Print what makes a shell complete verbs, options and their values at the tab key.

    \b
    Example: watcher completion bash > ~/.local/share/bash-completion/completions/watcher
             watcher completion zsh > ~/.zfunc/_watcher
             watcher completion fish > ~/.config/fish/completions/watcher.fish
    """
    from watcher.cli.main import cli

    kind = get_completion_class(shell)
    assert kind is not None, "click knows these shells"
    click.echo(kind(cli, {}, "watcher", "_WATCHER_COMPLETE").source())
