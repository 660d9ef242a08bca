"""`watcher dedup`: say of each article on stdin whether it is news or a copy of an earlier one."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from watcher.core.alerts.stream import StreamAnswer
    from watcher.core.model.article import Article


@click.command(name="dedup")
@click.option("--json", "as_json", is_flag=True, help="JSON lines (the only form; kept for scripts).")
def command(as_json: bool) -> None:
    """Read articles as JSON lines in order of arrival, write one verdict a line.

    All articles are taken as alerted by one rule on one channel, and judged as the daemon judges them. Fields are
    those of `watcher parse`; all but `id` may be missing. `seen_at` is when a line was seen (else `published_at`; it
    never goes back); lines in a row with one `feed` and one `document` stood in one document. Exit 0 = read to the
    end, whatever the verdicts; 2 = a line is no article.

    \b
    Example: watcher parse feed.xml --json | watcher dedup --json
    """
    from watcher.asking.article_lines import read_documents, write_line
    from watcher.core.alerts.stream import Stream

    stream = Stream()
    for articles in read_documents(sys.stdin):
        for article, answer in zip(articles, stream.read(articles), strict=True):
            write_line(_verdict(article, answer))


def _verdict(article: Article, answer: StreamAnswer) -> dict[str, Any]:
    relation, miss = answer.relation or answer.linked, answer.miss
    verdict = {
        "article": article.id,
        "verdict": relation.level.value if relation else "new",
        "of": relation.of if relation else None,
        "story": answer.story,
        "because": dict(relation.because) if relation else None,
    }
    if miss is not None:
        verdict["close_to"] = {"article": miss.of, "not_folded_because": miss.guard, "closeness": miss.closeness}
    return verdict
