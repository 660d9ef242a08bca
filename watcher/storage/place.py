"""Where the database of a data directory lies."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from watcher.errors import StorageError
from watcher.storage.lock import read_lock

FILE = "watcher.db"

_BEGINNING = "sqlite:///"

_EARLIER = Path("data") / FILE
"""Where the first versions put the database unless told otherwise: below the working directory, whatever `--data`
said.
"""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a database is: a file of this machine, or `server`, the URL of one that others share, without its
    password.

    `why` says why a file is taken although it lies outside the data directory, "" where it lies inside.
    """

    file: Path | None
    why: str = ""
    server: str = ""

    @property
    def url(self) -> str:
        """Return the URL of the file; what would end its path or be read as something else is written with %."""
        return _BEGINNING + str(self.file).replace("%", "%25").replace("?", "%3F")

    @property
    def is_made(self) -> bool:
        """Return whether there may be something stored: the file is there, or it is on a server."""
        return self.file is None or self.file.is_file()

    def __str__(self) -> str:
        """Return the place for a sentence."""
        return self.server if self.file is None else str(self.file)


NO_FILE: Final = (
    "the database is on a server, not in a file of this machine; "
    "copy it and put it back with the server's own programs (pg_dump, pg_restore)"
)


def is_server_url(url: str) -> bool:
    """Return whether a database URL names a database on a PostgreSQL server."""
    return url.startswith(("postgresql://", "postgresql+psycopg://", "postgres://"))


def hosts_of(url: str) -> str:
    """Return the host of a server's URL with its port, or several parted by commas; "" where there is none."""
    return re.split("[/?#]", url.partition("://")[2].rpartition("@")[2], maxsplit=1)[0] if is_server_url(url) else ""


def place_of_url(url: str) -> Place:
    """Return the place that a database URL names."""
    if is_server_url(url):
        before, _, after = url.rpartition("@")
        user, colon, password = before.partition("://")[2].partition(":")
        shown = f"{url.partition('://')[0]}://{user}:***@{after}" if colon and password else url
        return Place(None, server=shown)
    return Place(Path(unquote(url.removeprefix(_BEGINNING).partition("?")[0])))


def file_uri_path(url: str) -> str:
    """Return the path within `sqlite:///file:PATH?uri=true`, the form of SQLite itself, "" for any other URL.

    Taken as a path, it would make a folder that is called `file:`.
    """
    name = unquote(url.removeprefix(_BEGINNING).partition("?")[0])
    if not name.lower().startswith("file:"):
        return ""
    path = name[len("file:") :]
    return "/" + path.lstrip("/") if path.startswith("/") else path or FILE


def find_database(data: Path) -> Place:
    """Return where the database of a data directory lies when nobody says where: in it, also when there is none yet.

    Only where the directory has none, one outside is taken: the one that this directory worked with last (its lock
    names it), else the one of a first version in the working directory, unless that one is the database of another
    data directory.

    Example: `run --data A` of a first version wrote `./data/watcher.db`; it goes on working there.
    """
    own = data / FILE
    if own.is_file():
        return Place(own)
    last = read_lock(data).database
    if last is not None and last.is_file():
        return Place(last, "this data directory worked with it before")
    if _EARLIER.is_file() and read_lock(_EARLIER.parent).data != _EARLIER.parent.resolve():
        return Place(_EARLIER, "an earlier version put it into the working directory")
    return Place(own)


def refuse_absent(place: Place) -> None:
    """Refuse to read a database that is not there.

    Raises:
        StorageError: there is none at this path.
    """
    if not place.is_made:
        raise StorageError(
            f"there is no database at {place}; `watcher run` makes it, --database or WATCHER_DATABASE names another"
        )
