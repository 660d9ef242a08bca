"""The shape of `feeds` in configuration files."""

from __future__ import annotations

import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, WithJsonSchema

from watcher.core.feeds.telegram_names import channel_named
from watcher.core.model.policy import FullText
from watcher.delivery.config import SecretText, StrictModel
from watcher.settings.phrases import short
from watcher.settings.schema import Duration, FirstPollWord, Flag, HeaderName, Language, NetworkBlock, Raw, Text, wrong

_MAX_URL = 2048
# Blanks, controls, and marks that turn the direction of what is shown.
_NOT_IN_URL = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def feed_url(value: str) -> str:
    """Return a feed's URL as given, when it is one that may be polled.

    Raises:
        PydanticCustomError: not http, https or a relative `file:`; no host; blanks or control signs; too long.
    """
    if len(value) > _MAX_URL:
        raise wrong(f"the URL is longer than {_MAX_URL} signs")
    if _NOT_IN_URL.search(value):
        raise wrong(
            "the URL holds a blank or a sign that cannot be seen",
            "write `%20` for a blank that belongs to it; two feeds are two items",
        )
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError as error:
        raise wrong(f"`{short(value)}` is not a URL") from error
    if parts.scheme == "file":
        path = value[len("file:") :]
        if path.startswith(("/", "\\", "~")) or ".." in path.split("/") or "\\" in path or not path:
            raise wrong("a file: feed stands below the configuration directory", "write file:sample/feed.xml")
        return value
    if parts.scheme not in {"http", "https"}:
        raise wrong(f"`{short(value)}` is not an http or https URL", "begin it with https://")
    if not parts.hostname:
        raise wrong(f"`{short(value)}` names no host", "write https://host/path")
    return value


def _selector(value: str) -> str:
    # The parser of web pages is a tenth of all that a check imports, and most configurations read no page.
    from watcher.core.feeds.pages import wrong_selector  # noqa: PLC0415

    said = wrong_selector(value)
    if said:
        raise wrong(f"`{short(value)}`: {said}", "write the elements that lead to a link, such as `h2 a` or `.news a`")
    return value


def _full_text(value: object) -> FullText:
    if isinstance(value, FullText):
        return value
    words = {**dict.fromkeys(("true", "yes", "on"), FullText.ALL), **dict.fromkeys(("false", "no", "off"), FullText.NO)}
    found = words.get(value.lower()) if isinstance(value, str) else None
    if found is None and value != FullText.NEAR_MISS:
        raise wrong("`full_text` says which linked pages are read", "write true, near_miss or false")
    return found or FullText.NEAR_MISS


def _telegram(value: str) -> str:
    name = channel_named(value)
    if not name:
        raise wrong(f"`{short(value)}` is not the name of a Telegram channel", "write what follows t.me/")
    return name


FullTextWord = Annotated[
    FullText, BeforeValidator(_full_text), WithJsonSchema({"enum": [True, False, *(each.value for each in FullText)]})
]


def _ca_file(value: str) -> str:
    if value.startswith(("/", "\\", "~")) or ".." in value.split("/") or not value or "\0" in value:
        raise wrong("the certificates stand in a file below the configuration directory", "write certificates/own.pem")
    return value


Overrides = Annotated[
    object,
    Raw(),
    WithJsonSchema({"type": "object", "additionalProperties": {"type": "object"}}),
]
FeedUrl = Annotated[str, AfterValidator(feed_url)]
Selector = Annotated[str, AfterValidator(_selector)]
TelegramName = Annotated[str, AfterValidator(_telegram)]


class AuthModel(StrictModel):
    """`auth` of a feed: HTTP Basic."""

    username: Text
    password: SecretText


class TlsModel(StrictModel):
    """`tls` of a feed: whose certificates are trusted there."""

    ca: Annotated[str, AfterValidator(_ca_file)] | None = None
    insecure: Flag = False


class ListedModel(StrictModel):
    """An item of `feeds` that names an OPML list, with what is said of all its feeds; `but` says more of single
    ones.
    """

    opml: Text
    tags: tuple[Text, ...] = ()
    every: Duration | None = None
    first_poll: FirstPollWord | None = None
    max_age: Duration | None = None
    lang: Language = ""
    silent_after: Duration | None = None
    user_agent: Text = ""
    full_text: FullTextWord = FullText.NO
    paused: Flag = False
    but: Overrides = None


class FeedModel(StrictModel):
    """One item of `feeds`: one of `url`, `page` and `telegram` says where it is."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [{"required": ["url"]}, {"required": ["page", "links"]}, {"required": ["telegram"]}]
        }
    )

    url: FeedUrl | None = None
    page: FeedUrl | None = None
    links: Selector = ""
    telegram: TelegramName = ""
    name: Text | None = None
    was: tuple[Text, ...] = ()
    tags: tuple[Text, ...] = ()
    every: Duration | None = None
    first_poll: FirstPollWord | None = None
    max_age: Duration | None = None
    sample: Flag = False
    lang: Language = ""
    silent_after: Duration | None = None
    headers: dict[HeaderName, SecretText] = Field(default_factory=dict)
    cookies: dict[HeaderName, SecretText] = Field(default_factory=dict)
    auth: AuthModel | None = None
    user_agent: Text = ""
    allow_private: tuple[NetworkBlock, ...] = ()
    proxy: SecretText | None = None
    tls: TlsModel | None = None
    full_text: FullTextWord = FullText.NO
    paused: Flag = False
