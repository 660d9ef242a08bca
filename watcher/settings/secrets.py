"""Turns `${NAME}` and `${file:NAME}` into secrets; remembers what was asked for and what is missing."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path

from pydantic_core import PydanticCustomError

from watcher.core.model.secret import Secret
from watcher.telemetry.whose import say_refused

MAX_SECRET_BYTES = 64 * 1024
NOT_STORED = "${not stored}"
"""Stands in stored revisions where a secret was written into the file itself: the store keeps references only."""

_REFERENCE = re.compile(r"\$\{([^{}]*)\}")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class SecretStore:
    """Reads secrets from the environment and from files below one directory; never from `WATCHER_*`."""

    def __init__(self, environment: Mapping[str, str], directory: Path) -> None:
        self._environment = environment
        self._directory = directory

    def find(self, text: str) -> tuple[Secret | None, str]:
        """Return the secret that a text stands for, or None with what is missing: "SLACK_WEBHOOK_URL is not set".

        A text without `${` is the secret itself. References may stand within a text (`Bearer ${TOKEN}`).

        Raises:
            PydanticCustomError: the reference is not allowed or not well-formed.
        """
        if text == NOT_STORED:
            return None, "its secret stood in the file itself, and the store keeps none"
        parts: list[str] = []
        position = 0
        for reference in _REFERENCE.finditer(text):
            value, missing = self._value(reference.group(1))
            if value is None:
                return None, missing
            parts += [text[position : reference.start()], value]
            position = reference.end()
        rest = text[position:]
        if "${" in rest:
            raise _wrong("a `${` is not closed", "write ${NAME} or ${file:NAME}")
        return Secret("".join(parts) + rest), ""

    def _value(self, name: str) -> tuple[str | None, str]:
        if name.startswith("file:"):
            return self._from_file(name.removeprefix("file:"))
        if not _VARIABLE.fullmatch(name):
            raise _wrong(f"`{name[:60]}` is not the name of a secret", "write ${NAME} or ${file:NAME}")
        if name.upper().startswith("WATCHER_"):
            raise _wrong(f"{name} is a process setting and is never put into the configuration", "use another name")
        value = self._environment.get(name, "")
        return (value, "") if value else (None, f"{name} is not set")

    def _from_file(self, name: str) -> tuple[str | None, str]:
        if not name or name.startswith(("/", "~")) or "\0" in name or ".." in name.split("/"):
            raise _wrong("a secret file stands below the secrets directory", "write ${file:NAME}")
        path = self._directory / name
        try:
            real = path.resolve(strict=True)
            if not real.is_relative_to(self._directory.resolve()):
                raise _wrong(f"the secret file {name} leads out of the secrets directory")
            return _read_regular(real, name), ""
        except (FileNotFoundError, NotADirectoryError):
            return None, f"the secret file {name} is not there"
        except UnicodeDecodeError as error:
            raise _wrong(f"the secret file {name} is not text") from error
        except (OSError, RuntimeError) as error:
            why = say_refused(path, error) if isinstance(error, OSError) else error.__class__.__name__
            return None, f"the secret file {name} cannot be read: {why}"


def _read_regular(path: Path, name: str) -> str:
    # Opened before it is looked at, so that what is checked is what is read; a pipe would block without O_NONBLOCK.
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as file:
        about = os.fstat(handle)
        if not stat.S_ISREG(about.st_mode):
            raise _wrong(f"the secret file {name} is not a regular file")
        raw = file.read(MAX_SECRET_BYTES + 1)
    if len(raw) > MAX_SECRET_BYTES:
        raise _wrong(f"the secret file {name} is larger than 64 KiB")
    text = raw.decode("utf-8").rstrip("\r\n")
    if not text:
        raise _wrong(f"the secret file {name} is empty")
    return text


def _wrong(message: str, hint: str = "") -> PydanticCustomError:
    return PydanticCustomError("wrong", "{sentence}", {"sentence": message, "hint": hint})
