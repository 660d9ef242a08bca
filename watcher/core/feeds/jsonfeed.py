"""Read JSON Feed 1.0 and 1.1 documents, strictly.

Source: jsonfeed.org/version/1 and /version/1.1.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NoReturn

from watcher.core.feeds.raw import RawFeed, RawItem, Text, newest
from watcher.core.model.policy import ReadLimits
from watcher.errors import ParseError

_VERSION = "jsonfeed.org/version/"
_MAX_DEPTH = 100


def read_json(text: str, limits: ReadLimits) -> RawFeed:
    """Return the feed in a JSON document.

    Raises:
        ParseError: no JSON (malformed), JSON but no feed (not_a_feed), nested too deep (too_complex), or with
        repeated keys or
            numbers that no float holds (malformed).
    """
    document = _load(text)
    if not isinstance(document, dict) or _VERSION not in str(document.get("version", "")):
        raise ParseError("This is JSON, but no JSON Feed: its 'version' does not name jsonfeed.org.", kind="not_a_feed")
    _check_depth(document)
    items = document.get("items")
    if not isinstance(items, list):
        raise ParseError("This JSON Feed has no list 'items'.", kind="malformed")
    feed = RawFeed(
        kind="json",
        version=_text(document, "version").rpartition("/")[2],
        title=_text(document, "title"),
        link=_text(document, "home_page_url"),
        lang=_text(document, "language"),
        topic=_text(document, "feed_url"),
        hub=_hub(document.get("hubs")),
    )
    raw = [_item(value, limits) for value in items if isinstance(value, dict)]
    feed.cut = len(raw) > limits.max_items
    feed.items = newest(raw, limits.max_items)
    return feed


def _hub(hubs: object) -> str:
    listed = [hub for hub in hubs if isinstance(hub, dict)] if isinstance(hubs, list) else []
    return next((_text(hub, "url") for hub in listed if _text(hub, "type").lower() == "websub"), "")


def _load(text: str) -> Any:  # noqa: ANN401 - JSON from outside
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=_no_number, parse_float=_number)
    except RecursionError as error:
        raise ParseError("The JSON is nested too deep.", kind="too_complex") from error
    except ValueError as error:
        place = f" (line {error.lineno}, column {error.colno})" if isinstance(error, json.JSONDecodeError) else ""
        raise ParseError(f"The JSON cannot be read{place}: it is cut short or ill-formed.", kind="malformed") from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ParseError("The JSON has an object with the same key twice.", kind="malformed")
    return found


def _no_number(name: str) -> NoReturn:
    raise ParseError(f"The JSON holds {name}, which is no number.", kind="malformed")


def _number(text: str) -> float:
    value = float(text)
    if value in {float("inf"), float("-inf")}:
        raise ParseError("The JSON holds a number that is too large.", kind="malformed")
    return value


def _check_depth(document: object) -> None:
    level = [document]
    for _ in range(_MAX_DEPTH):
        level = [
            child
            for value in level
            for child in (value.values() if isinstance(value, dict) else value if isinstance(value, list) else ())
            if isinstance(child, dict | list)
        ]
        if not level:
            return
    raise ParseError("The JSON is nested too deep.", kind="too_complex")


def _item(value: Mapping[str, Any], limits: ReadLimits) -> RawItem:
    html, plain = _text(value, "content_html"), _text(value, "content_text")
    people = _list(value, "authors") or [value.get("author")]
    attachments = [one for one in _list(value, "attachments") if isinstance(one, dict)]
    identity = value.get("id")
    return RawItem(
        guid=str(identity).strip() if isinstance(identity, str | int | float) else "",
        guid_is_link=True,
        link=_text(value, "url") or _text(value, "external_url"),
        other_link=_text(attachments[0], "url") if attachments else "",
        title=Text(_text(value, "title"), html=False),
        summary=Text(_text(value, "summary"), html=False),
        content=Text(html, html=True) if html else Text(plain, html=False),
        authors=[_text(person, "name") for person in people if isinstance(person, dict)],
        tags=[tag.strip() for tag in _list(value, "tags")[: limits.max_tags] if isinstance(tag, str)],
        published=_text(value, "date_published"),
        updated=_text(value, "date_modified"),
        lang=_text(value, "language"),
    )


def _text(value: Mapping[str, Any], key: str) -> str:
    found = value.get(key)
    return found.strip() if isinstance(found, str) else ""


def _list(value: Mapping[str, Any], key: str) -> list[Any]:
    found = value.get(key)
    return found if isinstance(found, list) else []
