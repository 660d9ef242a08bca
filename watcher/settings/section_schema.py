"""The sections of configuration files: which there are, and the shape of those that hold settings of the whole."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from watcher.core.model.policy import FirstPoll
from watcher.core.model.rule import Severity
from watcher.core.model.secret import Secret
from watcher.core.web_addresses import is_exact_web
from watcher.delivery.config import SecretText, StrictModel
from watcher.settings.schema import Duration, FirstPollWord, Gather, Name, NetworkBlock, SeverityWord, Text, Zone


def _beat(url: Secret) -> Secret:
    # Empty = its variable is not set, which is a warning.
    if url.reveal() and not is_exact_web(url.reveal()):
        raise PydanticCustomError("not_an_address", "this must be an http:// or https:// address")
    return url


BeatAddress = Annotated[SecretText, AfterValidator(_beat)]


class DefaultsModel(StrictModel):
    """`defaults`."""

    zone: Zone = "UTC"
    every: Duration | None = None
    max_age: Duration = timedelta(days=3)
    first_poll: FirstPollWord = FirstPoll.SEEN
    send_to: tuple[Name, ...] = ("console",)
    severity: SeverityWord = Severity.NORMAL
    follow_up: Duration = timedelta(minutes=30)
    gather: Gather = timedelta(seconds=60)


class KeepModel(StrictModel):
    """`keep`."""

    articles: Duration = timedelta(days=30)
    keys: Duration = timedelta(days=90)
    matched: Duration = timedelta(days=400)


class MetaModel(StrictModel):
    """`meta`."""

    send_to: tuple[Name, ...] = ()
    feed_dead_after: Duration = timedelta(hours=24)
    heartbeat: BeatAddress | None = None
    heartbeat_failed: BeatAddress | None = None


class NetworkModel(StrictModel):
    """`network`."""

    contact: Text = ""
    allow_private: tuple[NetworkBlock, ...] = ()
    unguarded: tuple[Name, ...] = ()


LISTS = ("rules", "feeds", "silences", "routes")
NAMED = ("concepts", "lists", "channels", "publishers", "schedules")
SETTINGS: Mapping[str, type[StrictModel]] = {
    "defaults": DefaultsModel,
    "keep": KeepModel,
    "meta": MetaModel,
    "network": NetworkModel,
}
TOP_LEVEL = (
    "concepts",
    "lists",
    "rules",
    "feeds",
    "publishers",
    "channels",
    "schedules",
    "routes",
    "silences",
    "defaults",
    "keep",
    "meta",
    "network",
)
