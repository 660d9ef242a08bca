"""Addresses of database servers: several hosts in one, of which the one that writes is taken.

Where a standby takes over, `postgresql://user:password@db1,db2/watcher` finds it. SQLAlchemy knows such addresses only
in a form of its own; the driver's library is given all hosts and looks for the one that writes.
Source: PostgreSQL's documentation, 34.1.1.3 (Specifying Multiple Hosts).
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import make_url
from sqlalchemy.engine import URL

from watcher.storage.place import hosts_of

_ASKED: Final = "target_session_attrs"
_STANDS_FOR_HOSTS: Final = "several"


def server_url(text: str) -> URL:
    """Return a URL as `make_url` does; one of several hosts holds them with their ports as its host."""
    hosts = hosts_of(text)
    if "," not in hosts:
        return make_url(text)
    start = text.rfind("@") + 1 or text.index("://") + len("://")  # a password may read as the hosts do
    return make_url(text[:start] + _STANDS_FOR_HOSTS + text[start + len(hosts) :]).set(host=hosts)


def connect_arguments(url: URL, *, writes: bool) -> dict[str, str]:
    """Return what the driver is told beside the URL: the hosts, where there are several, and which of them to take.

    What only reads says so to the server, which the library would take for a server that only reads: it asks for the
    primary one instead.
    """
    hosts = (url.host or "").split(",")
    asked = str(url.query.get(_ASKED, "read-write" if len(hosts) > 1 else ""))
    found = {_ASKED: asked if writes or asked != "read-write" else "primary"} if asked else {}
    if len(hosts) > 1:
        parts = [_parts(host) for host in hosts]
        found |= {"host": ",".join(name for name, _ in parts), "port": ",".join(port for _, port in parts)}
    return found


def _parts(host: str) -> tuple[str, str]:
    name, colon, port = host.rpartition(":")
    if not colon or port.endswith("]"):
        name, port = host, ""
    return name.removeprefix("[").removesuffix("]"), port


def masked(url: URL) -> str:
    """Return a database URL for people: without its password."""
    text = url.render_as_string(hide_password=True).replace("+psycopg", "", 1)
    return text.replace(f"[{url.host}]", str(url.host), 1) if "," in (url.host or "") else text
