"""`watcher dedup`: say of each article on stdin whether it is news or a copy of an earlier one."""

from __future__ import annotations

import sys

import click


@click.command(name="dedup")
@click.option("--json", "as_json", is_flag=True, help="JSON lines (the only form; kept for scripts).")
def command(as_json: bool) -> None:
    """Read articles as JSON lines in order of arrival, write one verdict a line.

    All articles are taken as alerted by one rule on one channel. Fields are those of `watcher parse`; all but `id` may be missing.
    Exit 0 = read to the end, whatever the verdicts; 2 = a line is no article.

    \b
    Example: watcher parse feed.xml --json | watcher dedup --json
    """
    from watcher.cli.article_lines import read_articles, write_line
    from watcher.core.dedup.stream import Stream

    stream = Stream()
    for article in read_articles(sys.stdin):
        relation, story = stream.add(article)
        write_line(
            {
                "article": article.id,
                "verdict": relation.level.value if relation else "new",
                "of": relation.of if relation else None,
                "story": story,
                "because": dict(relation.because) if relation else None,
            }
        )
