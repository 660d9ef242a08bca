"""Work for reader processes that behaves as badly as its document says; a module of its own, so that workers can import it."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence

from watcher.core.model.article import Article, ArticleKeys
from watcher.core.model.match import ReadArticle
from watcher.core.model.outcome import Reading, ReadRequest
from watcher.core.model.rule import RuleSource
from watcher.fetching.worker import Work


def compile_nothing(source: RuleSource, previous: int | None) -> int:
    """Return the revision: all that these rules are."""
    if source.revision < 0:
        raise ValueError("rules that cannot be compiled")
    return source.revision


def read_as_told(request: ReadRequest, revision: int) -> Reading:
    """Do what the body says; for any other body return it as the title, the process id as the site."""
    match request.body.partition(b" ")[0]:
        case b"busy":
            while True:
                pass
        case b"pause":
            signal.pause()
        case b"eat":
            eaten = []
            while True:
                eaten.append(bytearray(64 << 20))
        case b"exit":
            os._exit(3)
        case b"crash":
            os.kill(os.getpid(), signal.SIGSEGV)
        case b"killed":
            os.kill(os.getpid(), signal.SIGKILL)
        case b"raise":
            raise KeyError("a mistake of ours")
        case b"big":
            return Reading(request.feed, revision, title="x" * 20_000_000)
        case b"stop":  # as a terminal or a service manager does to the whole group
            os.kill(os.getpid(), signal.SIGINT)
            os.kill(os.getpid(), signal.SIGTERM)
    return Reading(request.feed, revision, title=request.body.decode(), site_url=str(os.getpid()))


def match_as_told(articles: Sequence[Article], revision: int) -> tuple[ReadArticle, ...]:
    """Return the articles with the revision as their key, or fail where a title says so."""
    for article in articles:
        if article.title == "exit":
            os._exit(3)
    return tuple(ReadArticle(article, ArticleKeys(bytes([revision]), b"")) for article in articles)


AS_TOLD = Work(compile_nothing, read_as_told, match_as_told)
