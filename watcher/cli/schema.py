"""`watcher schema`: the JSON Schema of the configuration files."""

from __future__ import annotations

import click


@click.command("schema")
def command() -> None:
    """Print the JSON Schema (draft 7) of a configuration file.

    \b
    Example: watcher schema > schema.json
    Editors use it by a first line: # yaml-language-server: $schema=./schema.json
    """
    import json

    from watcher.delivery.kinds import channel_types
    from watcher.settings.json_schema import json_schema

    click.echo(json.dumps(json_schema(channel_types()), ensure_ascii=False, indent=2))
