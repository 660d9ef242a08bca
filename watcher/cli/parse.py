"""`watcher parse`: read feed documents and print their articles."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from datetime import datetime

    from watcher.core.model.article import Article
    from watcher.core.model.outcome import Reading


@click.command("parse")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--url", default="", help="Where the document came from; relative links stand on it.")
@click.option("--content-type", default="", help="The Content-Type that the server sent with it.")
@click.option("--links", default="", metavar="SELECTOR", help="It is a web page: a CSS selector of its links.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
def command(files: tuple[str, ...], url: str, content_type: str, links: str, as_json: bool) -> None:
    """Read feed documents and print their articles; "-" is standard input.

    A document that cannot be read does not stop the others: it is named on standard error, and the exit code is 1.

    \b
    Example: watcher parse feed.xml --url https://a.example/feed
             watcher parse - --json < feed.xml
    """
    from watcher.core.matching.compile import compile_rules
    from watcher.core.model.ids import FeedId, digest, public_id
    from watcher.core.model.outcome import ReadRequest
    from watcher.core.model.policy import FeedForm
    from watcher.core.model.rule import RuleSource
    from watcher.core.read import read_document

    rules = compile_rules(RuleSource(0, ()))  # this verb only reads
    bad = False
    for file in files:
        try:
            body = _bytes_of(file)
        except OSError as error:
            click.echo(f"{file}: {error.strerror or error}", err=True)
            bad = True
            continue
        feed = FeedId(public_id("f", digest("feed", url or file)))
        reading = read_document(
            ReadRequest(
                feed=feed,
                body=body,
                url=url,
                revision=0,
                content_type=content_type,
                form=FeedForm.PAGE if links else FeedForm.FEED,
                links=links,
            ),
            rules,
        )
        bad = _tell(file, reading) or bad
        for read in reading.articles:
            click.echo(json.dumps(_object(read.article), ensure_ascii=False) if as_json else _line(read.article))
    sys.exit(1 if bad else 0)


def _bytes_of(file: str) -> bytes:
    return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()


def _tell(file: str, reading: Reading) -> bool:
    """Say on standard error what is wrong with a document; return whether it counts as a bad one."""
    for entry in reading.refused:
        click.echo(f"{file}: item {entry.position + 1}: {entry.reason}", err=True)
    if reading.cut:
        click.echo(f"{file}: more items than we take; the newest {len(reading.articles)} are shown", err=True)
    if reading.problem is None:
        return False
    click.echo(f"{file}: {reading.problem.kind.value}: {reading.problem.message}", err=True)
    # An ill-formed document that was read to its end lost nothing that we know of.
    return not reading.whole or not reading.articles


def _object(article: Article) -> dict[str, object]:
    """Return the article as `docs/reference/json.md` shows it: unknown is null."""
    return {
        "id": article.id,
        "guid": article.guid or None,
        "url": article.url or None,
        "title": article.title or None,
        "summary": article.summary or None,
        "content": article.content or None,
        "author": article.author or None,
        "tags": list(article.tags),
        "lang": article.lang or None,
        "source": article.source or None,
        "feed": article.feed_name or None,
        "published_at": _time(article.published_at),
        "updated_at": _time(article.updated_at),
    }


def _time(moment: datetime | None) -> str | None:
    return moment.isoformat().replace("+00:00", "Z") if moment else None


def _line(article: Article) -> str:
    return "\t".join(
        (_time(article.published_at) or "-", article.lang or "-", article.title or "-", article.url or "-")
    )
