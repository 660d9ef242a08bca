"""What a newcomer begins with: the example configuration, made one's own."""

from __future__ import annotations

import json
import secrets
import shutil
from pathlib import Path

from watcher.delivery.kinds import channel_types
from watcher.errors import ConfigError
from watcher.settings.bundled import bundled
from watcher.settings.env import Settings
from watcher.settings.json_schema import json_schema
from watcher.settings.load import WAYS_ON

_SCHEMA = "schema.json"
_TOKEN_BYTES = 24
_COMPOSE = """\
# docker compose up -d: the daemon, with its data in a volume and its page on this machine only.
# The image is built from the source tree of watcher: docker build -t news-watcher:latest .
services:
  watcher:
    image: news-watcher:latest
    init: true
    read_only: true
    restart: unless-stopped
    stop_grace_period: 35s
    cap_drop: [ALL]
    security_opt: ["no-new-privileges:true"]
    mem_limit: 1g
    pids_limit: 256
    ports: ["127.0.0.1:8080:8080"]
    volumes:
      - ./config:/config:ro,z    # edit the files here; a good edit is taken within seconds
      - data:/data
    secrets: [watcher_token]
    env_file:                    # every ${NAME} of the configuration files; without the file their channels wait
      - path: .env
        required: false
    environment:
      WATCHER_BIND: 0.0.0.0:8080
      WATCHER_TOKEN_FILE: /run/secrets/watcher_token
    logging:
      driver: json-file
      options: {max-size: 10m, max-file: "3"}
secrets:
  watcher_token:
    file: ./secrets/watcher_token   # what the page asks for
volumes:
  data:
"""
_SECRETS = """\
# The secrets that the configuration files name as ${NAME}. Copy this file to .env (docker compose reads it), fill in what
# you use and leave the rest empty: a channel whose secret is empty waits, and says so. Keep .env to yourself.
# Without a container: set -a; . ./.env; set +a; watcher run

# Slack: an incoming webhook of the channel `desk`.
SLACK_WEBHOOK_URL=

# E-mail: the address of your mail server, such as smtps://name:password@mail.example.org, and the sender.
WATCHER_SMTP_URL=
WATCHER_SMTP_FROM=

# The webhook `hook`: what signs the requests to a program of yours, whsec_ and 24 to 64 bytes in base64.
HOOK_SECRET=
"""


def refuse_nothing_to_run(settings: Settings) -> None:
    """Make sure that there is a configuration directory, or a database that may hold a revision, before anything is
    made.

    Raises:
        ConfigError: there is neither; the text names the three ways on.
    """
    if not settings.config.exists() and not settings.place().is_made:
        raise ConfigError(f"the configuration directory {settings.config} does not exist\n{WAYS_ON}")


def write_beginning(directory: Path) -> tuple[tuple[Path, str], ...]:
    """Write a first configuration into a new or empty directory; return each path written and what it is.

    Raises:
        ConfigError: the directory holds something, or cannot be written to.
    """
    try:
        if directory.exists() and any(directory.iterdir()):
            raise ConfigError(
                f"{directory} holds something already, and nothing in it was changed; name a new directory"
            )
        directory.mkdir(parents=True, exist_ok=True)
        return _written(directory)
    except OSError as error:
        raise ConfigError(f"{error.filename or directory} cannot be written: {error.strerror}") from error


def _written(directory: Path) -> tuple[tuple[Path, str], ...]:
    config = directory / "config"
    shutil.copytree(bundled("config"), config)
    schema = json.dumps(json_schema(channel_types()), ensure_ascii=False, indent=1)
    (config / _SCHEMA).write_text(schema + "\n", encoding="utf-8")
    for path in sorted(config.rglob("*.yaml")):
        _point_at_schema(path, config)
    (directory / "compose.yaml").write_text(_COMPOSE, encoding="utf-8")
    (directory / ".env.example").write_text(_SECRETS, encoding="utf-8")
    token = _write_token(directory / "secrets")
    return (
        (config, "feeds, channels and the example rule, with comments; its schema tells an editor the keys"),
        (directory / "compose.yaml", "runs it in a container"),
        (directory / ".env.example", "the secrets it knows; copy it to .env and fill in yours"),
        (token, "what the page of the container asks for"),
    )


def _point_at_schema(path: Path, config: Path) -> None:
    """Tell the editor's YAML server (its modeline) which keys a file may hold."""
    up = "../" * (len(path.relative_to(config).parts) - 1) or "./"
    text = path.read_text(encoding="utf-8")
    path.write_text(f"# yaml-language-server: $schema={up}{_SCHEMA}\n{text}", encoding="utf-8")


def _write_token(folder: Path) -> Path:
    """Write a new token. The file is readable for the container's user (10001), its folder for nobody else."""
    folder.mkdir(mode=0o700)
    path = folder / "watcher_token"
    path.write_text(secrets.token_hex(_TOKEN_BYTES) + "\n", encoding="utf-8")
    path.chmod(0o644)
    return path
