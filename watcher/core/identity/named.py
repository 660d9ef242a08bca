"""Entries under the id that they have from now on."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from watcher.core.model.ids import ArticleId
from watcher.core.model.match import ReadArticle


def named(read: ReadArticle, id_: ArticleId, text: int, seen_at: datetime | None = None) -> ReadArticle:
    """Return an entry with its id, the number of its text, and when it was first seen, where that is known.

    Most have all of that: making them anew cost a fifth of storing a document that lists the same once more.
    """
    article = read.article
    seen_at = seen_at or article.first_seen_at
    if (article.id, article.text, article.first_seen_at) == (id_, text, seen_at):
        return read
    return replace(read, article=replace(article, id=id_, text=text, first_seen_at=seen_at))
