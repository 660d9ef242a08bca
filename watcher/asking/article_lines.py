"""Articles as JSON lines: the form that `watcher parse` writes and `match` and `dedup` read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from itertools import groupby
from typing import Annotated, Any, TextIO

import click
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from watcher.core.articles.language import declared
from watcher.core.feeds.dates import plausible
from watcher.core.model.article import Article
from watcher.core.model.ids import ArticleId, FeedId
from watcher.core.spelling import nearest_word

_LIKE_A_FIELD = 0.75  # lines may have keys of their own


def _text(value: object) -> object:
    """Take null for no text, and drop lone surrogates, which JSON can spell and nothing else can hold."""
    if value is None:
        return ""
    return value.encode("utf-8", "replace").decode("utf-8") if isinstance(value, str) else value


def _texts(value: object) -> object:
    return [] if value is None else value


_Text = Annotated[str, BeforeValidator(_text)]


class LineError(click.ClickException):
    """A line of the input is no article."""

    exit_code = 2


class _Line(BaseModel):
    """One line; everything but `id` may be missing or null; unknown keys are passed over."""

    model_config = ConfigDict(extra="ignore")

    id: _Text
    guid: _Text = ""
    url: _Text = ""
    title: _Text = ""
    summary: _Text = ""
    content: _Text = ""
    author: _Text = ""
    tags: Annotated[list[_Text], BeforeValidator(_texts)] = []
    lang: _Text = ""
    source: _Text = ""
    feed: _Text = ""
    published_at: datetime | None = None
    updated_at: datetime | None = None
    seen_at: datetime | None = None
    document: _Text = ""


def read_articles(stream: TextIO) -> Iterator[Article]:
    """Yield the article of each line that is not blank; times without a zone are UTC.

    Raises:
        LineError: a line is not an article; the text names the line and what is wrong.
    """
    for line in _lines(stream):
        yield _article(line)


def read_documents(stream: TextIO) -> Iterator[list[Article]]:
    """Yield the articles of each document: of lines in a row with one feed and one `document`; a line without is one
    by itself.

    `seen_at` is in `first_seen_at`.

    Raises:
        LineError: a line is not an article; the text names the line and what is wrong.
    """
    numbered = enumerate(_lines(stream))
    for _, lines in groupby(numbered, key=lambda one: (one[1].feed, one[1].document or one[0])):
        yield [replace(_article(line), first_seen_at=_utc(line.seen_at)) for _, line in lines]


def _lines(stream: TextIO) -> Iterator[_Line]:
    told: set[str] = set()
    for number, text in enumerate(stream, start=1):
        if not text.strip():
            continue
        try:
            value = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise LineError(f"line {number} is not JSON: {_json_fault(error)}") from error
        if not isinstance(value, dict):
            raise LineError(f"line {number} is not a JSON object; write one article a line, as `watcher parse` does")
        _tell_of_misspelt(value, number, told)
        try:
            line = _Line.model_validate(value)
        except ValidationError as error:
            raise LineError(f"line {number}: {_sentence(error)}") from error
        yield line


def _json_fault(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg[:1].lower()}{error.msg[1:]} at column {error.colno}"
    return "it is nested too deep" if isinstance(error, RecursionError) else str(error)


def _sentence(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    key = first["loc"][0]
    if first["type"] == "missing":
        return f"`{key}` is missing; every article needs one"
    wanted = {"tags": "a list of texts"}.get(str(key), "a text or null")
    if str(key).endswith("_at"):
        wanted = 'a time such as "2026-11-23T14:02:00Z", or null'
    return f"`{key}` must be {wanted}"


def _tell_of_misspelt(value: Mapping[str, object], number: int, told: set[str]) -> None:
    """Say once that a key is passed over, when it looks like a field that was misspelt."""
    for key in value.keys() - _Line.model_fields.keys() - told:
        if near := nearest_word(key, _Line.model_fields, _LIKE_A_FIELD):
            told.add(key)
            click.echo(f"line {number}: `{key}` is passed over; did you mean `{near}`?", err=True)


def write_line(value: dict[str, Any]) -> None:
    """Print one JSON object as a line on stdout."""
    click.echo(json.dumps(value, ensure_ascii=False))


def _article(line: _Line) -> Article:
    return Article(
        id=ArticleId(line.id),
        feed=FeedId(line.feed),
        guid=line.guid,
        url=line.url,
        title=line.title,
        summary=line.summary,
        content=line.content,
        author=line.author,
        tags=tuple(line.tags),
        lang=declared(line.lang),
        source=line.source,
        feed_name=line.feed,
        published_at=_utc(line.published_at),
        updated_at=_utc(line.updated_at),
    )


def _utc(moment: datetime | None) -> datetime | None:
    # A feed's date of the year 1 or 1970 is no date either; such an article would pass for one that is too old.
    if (moment := plausible(moment)) is None:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
